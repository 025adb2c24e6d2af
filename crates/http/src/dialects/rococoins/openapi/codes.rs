//! The mailed code.

use serde_json::json;

use super::{ID, bad, done, refused};
use crate::{
    dialects::rococoins::{
        errors::Failure,
        requests::{Otp, VerifyOtp},
        responses::Success,
    },
    shared::{
        describe::Description,
        shape::{any_id, code, either, object, required, text},
    },
};

pub(crate) fn resend_verification_code() -> Description {
    let answers = vec![
        done(&Success::OTP_SENT),
        refused::<Otp>("neither an id nor an address", json!({})),
        bad("not 24 hexadecimal digits", &Failure::INVALID_USER_ID),
    ];
    let summary = "Mail a code of 10 minutes that proves the mailbox; the answer is the same for an unknown account";
    Description::new("rococoins_otp", summary, answers).taking(
        json!({ "userId": ID }),
        either([object([required("userId", any_id())]), object([required("email", text())])]),
    )
}

pub(crate) fn verify_mailbox_by_code() -> Description {
    let answers = vec![
        done(&Success::OTP_VERIFIED),
        refused::<VerifyOtp>("a field is missing", json!({})),
        bad("not 24 hexadecimal digits", &Failure::INVALID_USER_ID),
        bad("wrong, used, expired, or tried too often", &Failure::INVALID_OTP),
    ];
    Description::new("rococoins_verify_otp", "Prove the mailbox by the mailed code", answers).taking(
        json!({ "userId": ID, "otp": "042137" }),
        object([required("userId", any_id()), required("otp", code("[0-9]"))]),
    )
}
