//! `mail test`.

use vestibule_application::Operator;
use vestibule_domain::EmailAddress;
use vestibule_smtp::{ProbeReport, SmtpMailer};

use super::{prepare, report, with_application};
use crate::{
    compose::Composition,
    config::Config,
    exit::Exit,
    terminal::{complain, output},
};

pub(super) fn run(config: &Config, to: &EmailAddress, json: bool) -> Exit {
    with_application(config, async |composition| match &composition.smtp {
        Some(smtp) => probe(&composition, smtp, to, json).await,
        None => post_locally(config, &composition, to, json).await,
    })
}

/// Hands a mail to the server, bypassing the outbox, and shows the dialogue.
async fn probe(composition: &Composition, smtp: &SmtpMailer, to: &EmailAddress, json: bool) -> Exit {
    let mail = match composition.app.compose_test_mail(Operator::at_the_console(), to.clone()) {
        Ok(mail) => mail,
        Err(fault) => return report::fault(&fault),
    };
    let report = smtp.probe(&mail).await;
    output(&if json { as_json(&report) } else { as_text(&report) });
    if report.accepted { Exit::Success } else { Exit::Failure }
}

async fn post_locally(config: &Config, composition: &Composition, to: &EmailAddress, json: bool) -> Exit {
    if config.database.store.is_in_memory() {
        complain("with the memory store the local mailbox is inside the server: there is nothing to test from here");
        return Exit::Configuration;
    }
    if let Err(exit) = prepare(config, &composition.app).await {
        return exit;
    }
    match composition.app.post_test_mail(Operator::at_the_console(), to.clone()).await {
        Ok(()) if json => output(&serde_json::json!({ "accepted": true, "mailbox": "local" }).to_string()),
        Ok(()) => output("EMAIL_HOST is not set: the mail is in the local mailbox, which /dev/mailbox shows"),
        Err(fault) => report::fault(&fault),
    }
}

fn as_json(report: &ProbeReport) -> String {
    let steps = report.steps.iter().map(|step| {
        let (accepted, answer) = match &step.outcome {
            Ok(answer) => (true, answer),
            Err(answer) => (false, answer),
        };
        serde_json::json!({ "step": step.step.to_string(), "ok": accepted, "answer": answer })
    });
    serde_json::json!({ "accepted": report.accepted, "steps": steps.collect::<Vec<_>>() }).to_string()
}

fn as_text(report: &ProbeReport) -> String {
    let mut lines: Vec<String> = report
        .steps
        .iter()
        .map(|step| match &step.outcome {
            Ok(answer) => format!("ok      {:<10} {answer}", step.step.to_string()),
            Err(answer) => format!("FAILED  {:<10} {answer}", step.step.to_string()),
        })
        .collect();
    lines.push(if report.accepted { "the server has taken the mail" } else { "the mail was not taken" }.to_owned());
    lines.join("\n")
}
