//! What the kernel knows about this process, and its build, as metrics with Prometheus' standard names.
//!
//! They are read when the page is requested. Values that the kernel does not provide, as on systems other than Linux, are
//! left out.

use std::{fmt::Write, fs};

/// The unit in which the kernel reports process times, whatever its internal one (`USER_HZ`).
const TICKS_A_SECOND: f64 = 100.0;

/// The lines of the page.
pub(crate) fn page() -> String {
    let mut page = String::new();
    let version = env!("CARGO_PKG_VERSION");
    let _ = write!(
        page,
        "# HELP build_info Which version this is; always 1.\n# TYPE build_info gauge\nbuild_info{{version=\"{version}\"}} 1\n"
    );
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let boot = fs::read_to_string("/proc/stat").unwrap_or_default();
    let metrics = [
        ("process_cpu_seconds_total", "counter", "Seconds of processor time that the process has used.", cpu(&stat)),
        ("process_start_time_seconds", "gauge", "When the process began, in seconds since 1970.", began(&stat, &boot)),
        ("process_resident_memory_bytes", "gauge", "Memory of the process.", kilobytes(&status, "VmRSS:")),
        (
            "process_virtual_memory_bytes",
            "gauge",
            "Addresses that the process has taken.",
            kilobytes(&status, "VmSize:"),
        ),
        ("process_threads", "gauge", "Threads of the process.", number(&status, "Threads:")),
        ("process_open_fds", "gauge", "Open file descriptors.", open_files()),
        ("process_max_fds", "gauge", "The most file descriptors that may be open.", number(&limits, "Max open files")),
    ];
    for (name, kind, help, value) in metrics {
        if let Some(value) = value {
            let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
        }
    }
    page
}

/// A field of `/proc/self/stat` by its number in the manual; the process name before it may contain anything.
fn field(stat: &str, number: usize) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(number - 3)?.parse().ok()
}

fn cpu(stat: &str) -> Option<f64> {
    Some((field(stat, 14)? + field(stat, 15)?) / TICKS_A_SECOND)
}

fn began(stat: &str, boot: &str) -> Option<f64> {
    Some(number(boot, "btime")? + field(stat, 22)? / TICKS_A_SECOND)
}

/// The first number of the line that begins with a name.
fn number(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

fn kilobytes(status: &str, name: &str) -> Option<f64> {
    number(status, name).map(|kilobytes| kilobytes * 1024.0)
}

fn open_files() -> Option<f64> {
    let count = fs::read_dir("/proc/self/fd").ok()?.count();
    // Without the descriptor that lists them.
    Some(f64::from(u32::try_from(count).ok()?) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_read() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 9 0 1000 2048 3 0";
        assert_eq!(cpu(stat), Some(2.0));
        assert_eq!(began(stat, "cpu 1 2\nbtime 500\n"), Some(510.0));
        assert_eq!(kilobytes("VmPeak:\t 9 kB\nVmRSS:\t     3 kB\n", "VmRSS:"), Some(3072.0));
        assert_eq!(
            number("Max open files            1024                 524288               files", "Max open files"),
            Some(1024.0)
        );
        assert_eq!((cpu(""), number("", "Threads:")), (None, None));
    }
}
