//! The SMTP server as a child process.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::Value;

use crate::certificates::Certificates;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../scripts/lib/smtp-server.py");

/// A running server; it ends when this is dropped, or when the tests are killed, since its standard input closes.
pub(crate) struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
    pub(crate) certificates: Certificates,
    pub(crate) plain: u16,
    pub(crate) starttls: u16,
    pub(crate) implicit: u16,
}

impl Server {
    /// Starts one that is called `localhost`, with the options of the script.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::start_as("localhost", options)
    }

    /// Starts one whose certificate is for a name.
    pub(crate) fn start_as(name: &str, options: &[&str]) -> Self {
        Self::start_with(Certificates::for_name(name), options)
    }

    /// Starts one with a certificate.
    pub(crate) fn start_with(certificates: Certificates, options: &[&str]) -> Self {
        let python = env::var("VESTIBULE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let child = Command::new(&python)
            .arg(SCRIPT)
            .arg("--cert")
            .arg(certificates.certificate())
            .arg("--key")
            .arg(certificates.key())
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else { not_started(&python) };
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let Some(ports) = next_value(&mut output) else { not_started(&python) };
        let port = |name: &str| u16::try_from(ports[name].as_u64().unwrap()).unwrap();
        let (plain, starttls, implicit) = (port("plain"), port("starttls"), port("implicit"));
        Self { child, output, certificates, plain, starttls, implicit }
    }

    /// The next message that the server took, waiting for it.
    pub(crate) fn taken(&mut self) -> Value {
        next_value(&mut self.output).unwrap()
    }

    /// Ends the server and says how many messages it took that were not asked for.
    pub(crate) fn end(mut self) -> usize {
        drop(self.child.stdin.take());
        let mut left = 0;
        while next_value(&mut self.output).is_some() {
            left += 1;
        }
        left
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn next_value(output: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut line = String::new();
    let length = output.read_line(&mut line).unwrap();
    (length > 0).then(|| serde_json::from_str(&line).unwrap())
}

fn not_started(python: &str) -> ! {
    panic!(
        "the SMTP server of these tests did not start: {python} is missing or has no aiosmtpd. Run scripts/test, which \
         prepares one and names it in VESTIBULE_TEST_PYTHON."
    )
}
