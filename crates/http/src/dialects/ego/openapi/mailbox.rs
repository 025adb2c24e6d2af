//! Signing up, and what goes through the mailbox.

use serde_json::json;

use super::{FORBIDDEN, bad, post, said, sentence, unfit};
use crate::shared::describe::Endpoint;

pub(super) fn endpoints() -> Vec<(&'static str, Endpoint)> {
    vec![
        ("register", register()),
        ("verify-otp", verify_otp()),
        ("resend-otp", resend_otp()),
        ("request-reset-password", request_reset()),
        ("reset-password", reset()),
    ]
}

fn register() -> Endpoint {
    let body = json!({
        "firstname": "Alice", "lastname": "Martin", "email": "alice@example.com", "password": "12345",
        "phoneNumber": "+225 01 02 03 04 05", "role": "user",
    });
    post(
        "ego_register",
        "Make an account that waits for its code; a role counts only with an access token that allows it",
        body,
        vec![
            said(201, "pending", "Utilisateur enregistré. Veuillez vérifier votre email pour l'OTP."),
            unfit("a field is missing or no text", "Champ requis", "firstname"),
            unfit("another word than the three roles", "Champ invalide", "role"),
            bad(400, "not an address", 1010, "Ce format d'email est invalid"),
            unfit("the password is too short or too long", "Champ invalide", "password"),
            bad(400, "the address is taken", 1002, "Utilisateur existe déjà!"),
            bad(
                400,
                "the telephone number is taken",
                1004,
                "Ce numéro de téléphone est déjà utilisé, merci d'en choisir un autre",
            ),
            sentence(401, "a token that is none", "Token non valide"),
            bad(403, "a role beyond the caller's right", 1016, FORBIDDEN),
        ],
    )
}

fn verify_otp() -> Endpoint {
    post(
        "ego_verify_otp",
        "Prove the mailbox by the mailed code of six hexadecimal digits",
        json!({ "email": "alice@example.com", "otp": "7E557A" }),
        vec![
            said(200, "success", "Code OTP vérifié avec succès"),
            unfit("a field is missing or no text", "Champ requis", "otp"),
            bad(400, "wrong, used, expired or tried too often", 1009, "Code OTP invalide ou expiré"),
        ],
    )
}

fn resend_otp() -> Endpoint {
    post(
        "ego_resend_otp",
        "Mail another code; the answer is the same for an unknown or verified address",
        json!({ "email": "alice@example.com" }),
        vec![
            sentence(200, "sent, if there was a reason", "Nouvel OTP envoyé avec succès"),
            unfit("the address is missing", "Champ requis", "email"),
        ],
    )
}

fn request_reset() -> Endpoint {
    post(
        "ego_request_reset_password",
        "Mail a link with a reset token; the answer is the same for an unknown address",
        json!({ "email": "alice@example.com" }),
        vec![
            said(200, "pending", "Un email a été envoyé pour réinitialiser votre mot de passe"),
            unfit("the address is missing", "Champ requis", "email"),
        ],
    )
}

fn reset() -> Endpoint {
    post(
        "ego_reset_password",
        "Set the new password by the token of the mail; every earlier token ends",
        json!({ "token": "<64 hexadecimal digits>", "newPassword": "battery staple" }),
        vec![
            said(200, "sucess", "Password reinitialié avec succes"),
            unfit("a field is missing or no text", "Champ requis", "token"),
            unfit("the password is too short or too long", "Champ invalide", "password"),
            bad(400, "wrong, used or expired", 1015, "Le token est invalid ou a expiré"),
        ],
    )
}
