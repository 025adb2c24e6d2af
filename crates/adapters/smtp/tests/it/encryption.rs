//! TLS, both ways, and signing in.

use std::fs;

use vestibule_ports::{Mailer, MailerError};
use vestibule_smtp::{Security, SmtpConfigError, SmtpMailer, SmtpOptions, TlsMode};

use crate::{certificates::Certificates, encrypted, mail, mailer, options, server::Server, signed_in};

fn assert_transient(error: &MailerError, part: &str) {
    assert!(matches!(error, MailerError::Transient(text) if text.contains(part)), "{error}");
}

#[tokio::test]
async fn mail_goes_by_implicit_tls_and_signed_in() {
    let mut server = Server::start(&["--auth"]);
    let options = encrypted(server.implicit, TlsMode::Implicit, &server.certificates.authority());
    mailer(signed_in(options, "secret")).send(&mail()).await.unwrap();
    let taken = server.taken();
    assert_eq!((taken["tls"].as_bool(), taken["user"].as_str()), (Some(true), Some("user")));
}

#[tokio::test]
async fn mail_goes_by_starttls_and_signed_in() {
    let mut server = Server::start(&["--auth"]);
    let options = encrypted(server.starttls, TlsMode::StartTls, &server.certificates.authority());
    mailer(signed_in(options, "secret")).send(&mail()).await.unwrap();
    let taken = server.taken();
    assert_eq!((taken["tls"].as_bool(), taken["user"].as_str()), (Some(true), Some("user")));
}

#[tokio::test]
async fn a_server_on_this_machine_that_offers_starttls_is_spoken_to_in_tls() {
    let mut server = Server::start(&[]);
    let options = SmtpOptions { ca_file: Some(server.certificates.authority()), ..options(server.starttls) };
    let mailer = mailer(options);
    assert_eq!(mailer.security(), Security::StartTlsIfOffered);
    mailer.send(&mail()).await.unwrap();
    assert_eq!(server.taken()["tls"], true);
}

#[tokio::test]
async fn a_server_on_this_machine_may_be_plain() {
    let mut server = Server::start(&[]);
    mailer(signed_in(options(server.plain), "secret")).send(&mail()).await.unwrap();
    let taken = server.taken();
    assert_eq!((taken["tls"].as_bool(), taken["user"].as_str()), (Some(false), Some("user")));
}

#[tokio::test]
async fn a_server_that_hides_starttls_gets_no_mail_and_no_password() {
    let server = Server::start(&[]);
    let options = encrypted(server.plain, TlsMode::StartTls, &server.certificates.authority());
    let error = mailer(signed_in(options, "secret")).send(&mail()).await.unwrap_err();
    assert_transient(&error, "STARTTLS: the server does not offer STARTTLS");
    assert_eq!(server.end(), 0);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let server = Server::start_as("mail.example", &[]);
    for (port, tls) in [(server.implicit, TlsMode::Implicit), (server.starttls, TlsMode::StartTls)] {
        let options = encrypted(port, tls, &server.certificates.authority());
        let error = mailer(options.clone()).send(&mail()).await.unwrap_err();
        assert_transient(&error, "TLS failed: the certificate of the server is for another name");
        assert_remedy(options, "EMAIL_HOST").await;
    }
    assert_eq!(server.end(), 0);
}

/// What is said to an operator who tries the settings.
async fn assert_remedy(options: SmtpOptions, remedy: &str) {
    let report = mailer(options).probe(&mail()).await;
    let told = report.steps.last().unwrap().outcome.clone().unwrap_err();
    assert!(told.contains(remedy), "{told}");
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_told_with_what_to_do() {
    let server = Server::start_with(Certificates::expired("localhost"), &[]);
    for (port, tls) in [(server.implicit, TlsMode::Implicit), (server.starttls, TlsMode::StartTls)] {
        let options = encrypted(port, tls, &server.certificates.authority());
        let error = mailer(options.clone()).send(&mail()).await.unwrap_err();
        assert_transient(&error, "TLS failed: the certificate of the server has expired");
        assert_remedy(options, "renew").await;
    }
    assert_eq!(server.end(), 0);
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let server = Server::start(&[]);
    let others = crate::certificates::Certificates::for_name("localhost");
    for (port, tls) in [(server.implicit, TlsMode::Implicit), (server.starttls, TlsMode::StartTls)] {
        let of_the_system = SmtpOptions { tls: Some(tls), ..options(port) };
        for options in [of_the_system, encrypted(port, tls, &others.authority())] {
            let error = mailer(options).send(&mail()).await.unwrap_err();
            assert_transient(&error, "TLS failed: no authority that is trusted here");
        }
    }
    assert_eq!(server.end(), 0);
}

#[tokio::test]
async fn a_server_on_this_machine_with_an_unknown_certificate_is_spoken_to_in_tls() {
    for certificates in [Certificates::for_name("localhost"), Certificates::self_signed("elsewhere.example")] {
        let mut server = Server::start_with(certificates, &[]);
        mailer(options(server.starttls)).send(&mail()).await.unwrap();
        assert_eq!(server.taken()["tls"], true);
    }
    // Where the operator names a certificate, it counts here too.
    let (server, others) = (Server::start(&[]), Certificates::for_name("localhost"));
    let strict = SmtpOptions { ca_file: Some(others.authority()), ..options(server.starttls) };
    assert_transient(&mailer(strict).send(&mail()).await.unwrap_err(), "TLS failed");
    assert_eq!(server.end(), 0);
}

#[tokio::test]
async fn a_certificate_that_signed_itself_is_trusted_if_it_is_the_very_one_that_is_named() {
    let mut server = Server::start_with(Certificates::self_signed("localhost"), &["--auth"]);
    let others = Certificates::self_signed("localhost");
    for (port, tls) in [(server.implicit, TlsMode::Implicit), (server.starttls, TlsMode::StartTls)] {
        let good = encrypted(port, tls, &server.certificates.authority());
        mailer(signed_in(good, "secret")).send(&mail()).await.unwrap();
        assert_eq!(server.taken()["tls"], true);
        let error =
            mailer(signed_in(encrypted(port, tls, &others.authority()), "secret")).send(&mail()).await.unwrap_err();
        assert_transient(&error, "TLS failed");
    }
    assert_eq!(server.end(), 0);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_told_with_the_remedy() {
    let server = Server::start_with(Certificates::self_signed("localhost"), &[]);
    let options = SmtpOptions { tls: Some(TlsMode::StartTls), ..options(server.starttls) };
    assert_remedy(options, "VESTIBULE_EMAIL_CA_FILE").await;
}

#[tokio::test]
async fn tls_is_not_spoken_to_a_plain_port() {
    let server = Server::start(&[]);
    let options = encrypted(server.plain, TlsMode::Implicit, &server.certificates.authority());
    let error = mailer(options.clone()).send(&mail()).await.unwrap_err();
    assert_transient(&error, "connect: TLS failed: the server answers in plain text");
    assert_remedy(options, "587").await;
}

#[tokio::test]
async fn a_wrong_password_says_nothing_about_the_mail() {
    let server = Server::start(&["--auth"]);
    let options = encrypted(server.starttls, TlsMode::StartTls, &server.certificates.authority());
    let error = mailer(signed_in(options, "wrong")).send(&mail()).await.unwrap_err();
    assert_transient(&error, "AUTH: refused with 535 5.7.8");
    assert_eq!(server.end(), 0);
}

#[tokio::test]
async fn a_server_that_wants_a_password_we_do_not_have_says_nothing_about_the_mail() {
    let server = Server::start(&["--auth"]);
    let options = encrypted(server.starttls, TlsMode::StartTls, &server.certificates.authority());
    assert_transient(&mailer(options).send(&mail()).await.unwrap_err(), "MAIL FROM: refused with 530");
}

#[tokio::test]
async fn options_that_cannot_work_are_refused_at_start() {
    let certificates = crate::certificates::Certificates::for_name("localhost");
    let refused = |change: fn(&mut SmtpOptions)| {
        let mut options = options(25);
        change(&mut options);
        SmtpMailer::new(options).unwrap_err()
    };
    assert!(matches!(refused(|options| options.from = "nobody".to_owned()), SmtpConfigError::From(_)));
    assert!(matches!(refused(|options| options.from = "A <a@b.test>\r\nBcc: x".to_owned()), SmtpConfigError::From(_)));
    assert!(matches!(refused(|options| options.user = Some("user".to_owned())), SmtpConfigError::Credentials));
    assert!(matches!(refused(|options| options.password = Some("secret".into())), SmtpConfigError::Credentials));
    let with_file = |content: Option<&str>| {
        let path = certificates.file("other.pem");
        let _ = content.map(|content| fs::write(&path, content).unwrap());
        SmtpMailer::new(SmtpOptions { ca_file: Some(path), ..options(25) }).unwrap_err()
    };
    assert!(matches!(with_file(None), SmtpConfigError::CaFile { .. }));
    assert!(matches!(with_file(Some("no certificate")), SmtpConfigError::CaFileContent { .. }));
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(matches!(with_file(Some(damaged)), SmtpConfigError::CaFileContent { .. } | SmtpConfigError::Tls(_)));
    let only_a_key = fs::read_to_string(certificates.key()).unwrap();
    assert!(matches!(with_file(Some(&only_a_key)), SmtpConfigError::CaFileContent { .. }));
}

#[test]
fn secrets_are_not_printed() {
    let options = signed_in(options(25), "hunter22");
    assert!(!format!("{options:?} {:?}", mailer(options.clone())).contains("hunter22"));
}
