//! The meaning of a refusal: the enhanced status codes of RFC 3463 and the reply codes of RFC 5321.

use std::fmt;

use lettre::transport::smtp::response::{Code, Severity};

use crate::Step;

/// An enhanced status code, such as `5.1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EnhancedStatus {
    class: u16,
    subject: u16,
    detail: u16,
}

impl EnhancedStatus {
    /// Reads the code at the start of the server's words.
    pub(crate) fn of_words(words: &str) -> Option<Self> {
        let parts: Vec<&str> = words.split_whitespace().next()?.split('.').collect();
        let number = |part: &str| {
            let fits = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            if fits { part.parse().ok() } else { None }
        };
        match parts.as_slice() {
            [class, subject, detail] => {
                Some(Self { class: number(class)?, subject: number(subject)?, detail: number(detail)? })
            }
            _ => None,
        }
    }
}

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// Whether a server has answered 5xx.
pub(crate) fn is_for_good(code: Code) -> bool {
    code.severity == Severity::PermanentNegativeCompletion
}

/// Whether a refusal means that this recipient or this content will never be accepted. Any other refusal is about the
/// server or our settings, which an operator can fix while the mail waits.
pub(crate) fn is_of_this_mail(step: Step, code: Code, status: Option<EnhancedStatus>) -> bool {
    // Before the sender is named, the server knows nothing of the mail; these four codes ask for a sign-in.
    let is_named = matches!(step, Step::MailFrom | Step::RcptTo | Step::Data | Step::Content);
    let reply = u16::from(code);
    if !is_named || !is_for_good(code) || [530, 534, 535, 538].contains(&reply) {
        return false;
    }
    let recipient_is_named = step != Step::MailFrom;
    match status {
        Some(EnhancedStatus { class: 5, subject, detail }) => match (subject, detail) {
            // The address of the sender.
            (1, 7 | 8) => false,
            // The address of the recipient, its mailbox, one that changed hands (RFC 7293), and a non-ASCII one (RFC 6531).
            // Before a recipient is named, they are about the sender.
            (1 | 2, _) | (7, 2 | 17 | 18) | (6, 7) => recipient_is_named,
            // Too large, or an unacceptable form.
            (3, 4) | (6, _) => true,
            // The server, the network, the protocol, and our permissions.
            _ => false,
        },
        // The two codes contradict each other.
        Some(_) => false,
        None => match step {
            Step::RcptTo => [550, 551, 552, 553, 556].contains(&reply),
            Step::Content => [550, 552, 554].contains(&reply),
            _ => false,
        },
    }
}

/// What an operator should check after a refusal that is not about the mail.
pub(crate) fn remedy(step: Step, code: Code, status: Option<EnhancedStatus>) -> &'static str {
    const SIGN_IN: &str = "it asks for another sign-in: check EMAIL_USER and EMAIL_PASS";
    const SENDER: &str =
        "it does not take the sender: check EMAIL_FROM, and that the account may send under that address";
    const PROTOCOL: &str =
        "it does not take what we say, often the EHLO name: set VESTIBULE_EMAIL_EHLO_NAME to a full host name";
    const POLICY: &str = "its policy does not let us send or relay: check EMAIL_USER, EMAIL_FROM and \
                          VESTIBULE_EMAIL_EHLO_NAME, SPF and DKIM of the sender's domain, and the server's rules";
    match (step, u16::from(code), status.map(|status| (status.subject, status.detail))) {
        (Step::Auth, _, _) | (_, 530 | 534 | 535 | 538, _) => SIGN_IN,
        (_, _, Some((1, 7 | 8))) | (Step::MailFrom, _, Some((1 | 2, _) | (6, 7))) => SENDER,
        (_, 500..=504, None) | (_, _, Some((5, _))) => PROTOCOL,
        (_, _, Some((3, _))) => "its mail system is not ready for mail, or is set up wrongly: ask who runs it",
        (_, _, Some((4, _))) => "it cannot pass mail on: check its routes and its DNS",
        (_, _, Some((7, _)) | None) => POLICY,
        _ => "`vestibule mail test --to ADDR` shows its words",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        let digits: Vec<u8> = text.bytes().map(|byte| byte - b'0').collect();
        let response = format!("{}{}{} x\r\n", digits[0], digits[1], digits[2]);
        response.parse::<lettre::transport::smtp::response::Response>().unwrap().code()
    }

    fn is_final(step: Step, answer: &str) -> bool {
        let (reply, words) = answer.split_once(' ').unwrap_or((answer, ""));
        is_of_this_mail(step, code(reply), EnhancedStatus::of_words(words))
    }

    #[test]
    fn an_enhanced_status_is_three_numbers_at_the_head() {
        let read = |words| EnhancedStatus::of_words(words).map(|status| status.to_string());
        assert_eq!(read("5.1.1 <a@b.test> unknown").as_deref(), Some("5.1.1"));
        assert_eq!(read("4.7.650").as_deref(), Some("4.7.650"));
        for words in ["", "unknown 5.1.1", "5.1", "5.1.1.1", "5.1.a", "5..1", "127.0.0.1", "5.1.1234 x", "a.b.c"] {
            assert_eq!(read(words), None, "{words}");
        }
    }

    #[test]
    fn a_refusal_of_the_recipient_or_the_content_is_final_at_any_later_step() {
        let of_the_recipient =
            ["550 5.1.1", "550 5.1.2", "501 5.1.3", "556 5.1.10", "550 5.2.1", "552 5.2.2", "550 5.7.17"];
        for answer in of_the_recipient {
            for step in [Step::RcptTo, Step::Data, Step::Content] {
                assert!(is_final(step, answer), "{step} {answer}");
            }
            assert!(!is_final(Step::MailFrom, answer), "{answer} is about the sender");
        }
        for answer in ["552 5.3.4", "550 5.6.0", "554 5.6.1", "550 5.6.3"] {
            for step in [Step::MailFrom, Step::RcptTo, Step::Data, Step::Content] {
                assert!(is_final(step, answer), "{step} {answer}");
            }
        }
    }

    #[test]
    fn a_refusal_of_us_is_never_final() {
        let of_us = [
            "504 5.5.2",
            "553 5.7.1",
            "554 5.7.1",
            "550 5.1.7",
            "553 5.1.8",
            "550 5.7.26",
            "550 5.7.60",
            "530 5.7.0",
            "535 5.1.1",
            "503 5.5.1",
            "452 5.1.1",
            "550 4.1.1",
            "550 5.3.2",
            "554 5.4.6",
            "500",
            "501",
            "502",
            "503",
            "504",
            "521",
            "530",
            "450",
        ];
        for answer in of_us {
            for step in [Step::MailFrom, Step::RcptTo, Step::Data, Step::Content] {
                assert!(!is_final(step, answer), "{step} {answer}");
            }
        }
        for step in [Step::Connect, Step::StartTls, Step::Auth] {
            assert!(!is_final(step, "550 5.1.1"), "{step}");
        }
    }

    #[test]
    fn without_an_enhanced_status_the_reply_code_decides() {
        for answer in ["550", "551", "552", "553", "556"] {
            assert!(is_final(Step::RcptTo, answer) && !is_final(Step::MailFrom, answer), "{answer}");
        }
        for answer in ["550", "552", "554"] {
            assert!(is_final(Step::Content, answer), "{answer}");
        }
        assert!(!is_final(Step::RcptTo, "554 relay access denied"));
    }

    #[test]
    fn every_refusal_of_us_names_what_to_look_at() {
        let told = |step, answer: &str| {
            let (reply, words) = answer.split_once(' ').unwrap_or((answer, ""));
            remedy(step, code(reply), EnhancedStatus::of_words(words))
        };
        assert!(told(Step::RcptTo, "504 5.5.2").contains("VESTIBULE_EMAIL_EHLO_NAME"));
        assert!(told(Step::RcptTo, "553 5.7.1").contains("EMAIL_FROM"));
        assert!(told(Step::RcptTo, "530 5.7.0").contains("EMAIL_USER"));
        assert!(told(Step::RcptTo, "553 5.1.8").contains("EMAIL_FROM"));
        assert!(told(Step::Connect, "550").contains("policy"));
    }
}
