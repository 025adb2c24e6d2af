//! `completions` and `man`: the command line for shells and for `man`. `licenses`: the other software in the program.

use std::io;

use clap::{Command, CommandFactory};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use crate::{cli::Cli, exit::Exit, terminal::written};

pub(super) fn completions(shell: Shell) -> Exit {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "vestibule", &mut script);
    written(&script)
}

/// The page of `vestibule`, followed by those of its commands.
pub(super) fn page() -> Exit {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    match write_page(command, &mut page) {
        Ok(()) => written(&page),
        Err(_) => Exit::Failure,
    }
}

/// The notices that third-party licences require.
pub(super) fn licenses() -> Exit {
    written(include_bytes!("../../notices/notices.txt"))
}

fn write_page(command: Command, page: &mut Vec<u8>) -> io::Result<()> {
    let below: Vec<Command> =
        command.get_subcommands().filter(|command| command.get_name() != "help").cloned().collect();
    Man::new(command).render(page)?;
    below.into_iter().try_for_each(|command| write_page(command, page))
}
