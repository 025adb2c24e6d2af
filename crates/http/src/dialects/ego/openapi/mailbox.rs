//! Signing up, and what goes through the mailbox.

use serde_json::json;

use super::{EMAIL, FIRST_NAME, LAST_NAME, PHONE, bad, lacking, said, shapes, unfit};
use crate::{
    dialects::ego::{
        errors::Failure,
        requests::{MailTo, Register, ResetPassword, VerifyOtp},
        responses::Success,
    },
    shared::{
        describe::{Answer, Description},
        shape::{code, new_email, new_password, object, optional, phone, required, text},
    },
};

pub(crate) fn register_with_code() -> Description {
    let body = json!({
        "firstname": FIRST_NAME, "lastname": LAST_NAME, "email": EMAIL, "password": "12345",
        "phoneNumber": PHONE, "role": "user",
    });
    let answers = vec![
        said(&Success::REGISTERED),
        lacking::<Register>("a field is missing or no text", &body, "firstname"),
        unfit::<Register>("another word than the three roles", &body, "role", "x"),
        unfit::<Register>("not an address", &body, "email", "x"),
        unfit::<Register>("the password is too short or too long", &body, "password", "x"),
        bad("the address is taken", &Failure::USER_EXISTS),
        bad("the telephone number is taken", &Failure::PHONE_TAKEN),
        bad("a token that is none", &Failure::INVALID_TOKEN),
        bad("a role beyond the caller's right", &Failure::FORBIDDEN),
    ];
    let summary = "Make an account that waits for its code; a role counts only with an access token that allows it";
    Description::new("ego_register", summary, answers).taking_password(body, |rules| {
        object([
            required("firstname", shapes::name()),
            required("lastname", shapes::name()),
            required("email", new_email()),
            required("password", new_password(rules)),
            optional("phoneNumber", phone().or_null()),
            optional("role", shapes::role().or_null()),
        ])
    })
}

pub(crate) fn verify_mailbox_by_code() -> Description {
    let body = json!({ "email": EMAIL, "otp": "7E557A" });
    let answers = vec![
        said(&Success::OTP_VERIFIED),
        lacking::<VerifyOtp>("a field is missing or no text", &body, "otp"),
        bad("wrong, used, expired or tried too often", &Failure::INVALID_OTP),
    ];
    let summary = "Prove the mailbox by the mailed code of six hexadecimal digits";
    let shape = object([required("email", new_email()), required("otp", code("[0-9A-Fa-f]"))]);
    Description::new("ego_verify_otp", summary, answers).taking(body, shape)
}

pub(crate) fn resend_verification_code() -> Description {
    let body = json!({ "email": EMAIL });
    let answers = vec![
        Answer::shaped("sent, if there was a reason", Success::OTP_RESENT.response(), shapes::said),
        lacking::<MailTo>("the address is missing", &body, "email"),
    ];
    let summary = "Mail another code; the answer is the same for an unknown or verified address";
    Description::new("ego_resend_otp", summary, answers).taking(body, object([required("email", text())]))
}

pub(crate) fn request_password_reset() -> Description {
    let body = json!({ "email": EMAIL });
    let answers = vec![said(&Success::RESET_REQUESTED), lacking::<MailTo>("the address is missing", &body, "email")];
    let summary = "Mail a link with a reset token; the answer is the same for an unknown address";
    Description::new("ego_request_reset_password", summary, answers).taking(body, object([required("email", text())]))
}

pub(crate) fn reset_password_by_token() -> Description {
    let body = json!({ "token": "<64 hexadecimal digits>", "newPassword": "battery staple" });
    let answers = vec![
        said(&Success::PASSWORD_RESET),
        lacking::<ResetPassword>("a field is missing or no text", &body, "token"),
        unfit::<ResetPassword>("the password is too short or too long", &body, "newPassword", "x"),
        bad("wrong, used or expired", &Failure::INVALID_RESET_TOKEN),
    ];
    let summary = "Set the new password by the token of the mail; every earlier token ends";
    Description::new("ego_reset_password", summary, answers).taking_password(body, |rules| {
        object([required("token", text()), required("newPassword", new_password(rules))])
    })
}
