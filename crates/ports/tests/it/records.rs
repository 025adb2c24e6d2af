//! Records as the lines of an export. A change of these lines is a new version of the format.

use vestibule_ports::stored::{Counts, Kind, Record};

/// One line of each kind, with everything that it can have.
const FULL: &[&str] = &[
    r#"{"record":"fingerprint","digest":"00ff10"}"#,
    r#"{"record":"account","id":"69a42a40-1f9a-8000-8000-000004000000","email":"a@b.test","username":"jo","full_name":"Jo \"x\" 🦆","first_name":"Jo","last_name":"\\","role":"user","status":"active","permissions":32,"mailbox_proven_at":1,"first_proven_at":-1,"epoch":"0102","password_hash":"$2b$12$x","password_change_due":true,"google_user_id":"g","google_picture":"p","facebook_user_id":"f","facebook_picture":"q","apple_user_id":"a","apple_picture":"r","last_sign_in_at":2,"failed_sign_ins":3,"last_failed_sign_in_at":4,"created_at":1772366400123456,"updated_at":9223372036854775807}"#,
    r#"{"record":"code","id":"69a42a40-1f9a-8000-8000-000004000000","account_id":"69a42a40-1f9a-8000-8000-000004000000","purpose":"password-reset","digest":"07","tries_left":5,"expires_at":1,"waiting_password":"$2b$"}"#,
    r#"{"record":"token","digest":"08","account_id":"69a42a40-1f9a-8000-8000-000004000000","purpose":"email-verification","expires_at":1,"waiting_password":"$2b$"}"#,
    r#"{"record":"source","account_id":"69a42a40-1f9a-8000-8000-000004000000","source":"2001:db8::","last_used_at":1}"#,
    r#"{"record":"session","id":"69a42a40-1f9a-8000-8000-000004000000","account_id":"69a42a40-1f9a-8000-8000-000004000000","epoch":"09","counter":1,"last_used_at":2,"last_use_key":"0a","began_at":3}"#,
    r#"{"record":"dossier","account_id":"69a42a40-1f9a-8000-8000-000004000000","fields":"{\"city\":\"Paris\"}","phone_key":"1","review_state":"in-review","submitted_at":1,"held_by":"69a42a40-1f9a-8000-8000-000004000000","held_until":2,"first_accepted_by":"69a42a40-1f9a-8000-8000-000004000000","decided_at":3,"review":"{}","updated_at":4}"#,
    r#"{"record":"document-key","account_id":"69a42a40-1f9a-8000-8000-000004000000","sealed":"0b0c"}"#,
    r#"{"record":"conversation","account_id":"69a42a40-1f9a-8000-8000-000004000000","written_seq":6,"written_by_user":5,"user_read_seq":4,"user_read_by_user":3,"staff_read_seq":2,"staff_read_by_user":1}"#,
    r#"{"record":"message","account_id":"69a42a40-1f9a-8000-8000-000004000000","seq":1,"id":"69a42a40-1f9a-8000-8000-000004000000","side":"user","author":"69a42a40-1f9a-8000-8000-000004000000","text":" two\r\n\tlines \u0001","client_id":"c","display_time":"10:15","created_at":1}"#,
    r#"{"record":"profile","id":"69a42a40-1f9a-8000-8000-000004000000","ord":-2147483648,"age":150,"location":"Duckburg","tags":"{}","details":"{}","state":"approved","decision":"{}","author":"69a42a40-1f9a-8000-8000-000004000000","changes":1,"created_at":1,"updated_at":2,"messages":"[]"}"#,
    r#"{"record":"profile-change","profile_id":"69a42a40-1f9a-8000-8000-000004000000","number":1,"part":"message","message_id":"69a42a40-1f9a-8000-8000-000004000000","old_value":"[]","new_value":"[]","actor":"account","actor_id":"69a42a40-1f9a-8000-8000-000004000000","at":1}"#,
    r#"{"record":"place","id":"69a42a40-1f9a-8000-8000-000004000000","name":"Duckburg","formatted":"Duckburg, Calisota","latitude":0.30000000000000004,"longitude":-122.41941551234567,"at":1}"#,
    r#"{"record":"throttle","key":"k","count":1,"window_ends_at":2,"blocked_until":3}"#,
    r#"{"record":"outbox-mail","id":"69a42a40-1f9a-8000-8000-000004000000","recipient":"a@b.test","attempts":1,"created_at":2,"due_at":3,"leased_until":4,"expires_at":5,"dead_at":6,"last_error":"e","content":""}"#,
    r#"{"record":"received-mail","id":"69a42a40-1f9a-8000-8000-000004000000","sender":"s","recipient":"a@b.test","received_at":1,"subject":"s","text":"t","html":"<p>"}"#,
    r#"{"record":"event","id":"69a42a40-1f9a-8000-8000-000004000000","kind":"sign-in","account_id":"69a42a40-1f9a-8000-8000-000004000000","actor":"account","actor_id":"69a42a40-1f9a-8000-8000-000004000000","source":"192.0.2.1","request_id":"r","at":1}"#,
];

/// Fields that may be null.
const OPTIONAL: &[&str] = &[
    "username",
    "full_name",
    "first_name",
    "last_name",
    "mailbox_proven_at",
    "first_proven_at",
    "password_hash",
    "google_user_id",
    "google_picture",
    "facebook_user_id",
    "facebook_picture",
    "apple_user_id",
    "apple_picture",
    "last_sign_in_at",
    "last_failed_sign_in_at",
    "waiting_password",
    "last_use_key",
    "phone_key",
    "submitted_at",
    "held_by",
    "held_until",
    "first_accepted_by",
    "decided_at",
    "client_id",
    "display_time",
    "age",
    "location",
    "decision",
    "message_id",
    "actor_id",
    "formatted",
    "latitude",
    "longitude",
    "blocked_until",
    "leased_until",
    "dead_at",
    "last_error",
    "request_id",
];

fn read(line: &str) -> Record {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn every_kind_of_record_survives_a_round_through_json() {
    let kinds: Vec<Kind> = FULL.iter().map(|line| read(line).kind()).collect();
    assert_eq!(kinds, Kind::ALL);
    for line in FULL {
        assert_eq!(serde_json::to_string(&read(line)).unwrap(), *line);
        assert!(line.starts_with(&format!("{{\"record\":\"{}\",", read(line).kind().as_str())), "{line}");
    }
}

#[test]
fn what_a_record_does_not_have_is_null() {
    for line in FULL {
        let mut members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        for (name, value) in &mut members {
            if OPTIONAL.contains(&name.as_str()) {
                *value = serde_json::Value::Null;
            }
        }
        let bare = serde_json::Value::Object(members);
        let record = read(&bare.to_string());
        assert_eq!(serde_json::to_value(&record).unwrap(), bare);
        assert!(record == read(&serde_json::to_string(&record).unwrap()));
    }
}

#[test]
fn a_record_with_a_field_that_is_unknown_or_missing_is_none() {
    for line in FULL {
        let with_another = line.replacen("{\"record\"", "{\"another\":1,\"record\"", 1);
        assert!(serde_json::from_str::<Record>(&with_another).is_err(), "{with_another}");
        let without_its_first = line.split_once(',').map(|(kind, rest)| {
            let rest = rest.split_once(",\"").map_or("}".to_owned(), |(_, rest)| format!(",\"{rest}"));
            format!("{kind}{rest}")
        });
        let without_its_first = without_its_first.unwrap();
        assert!(serde_json::from_str::<Record>(&without_its_first).is_err(), "{without_its_first}");
    }
    assert!(serde_json::from_str::<Record>(r#"{"record":"unheard-of"}"#).is_err());
}

#[test]
fn counts_tell_a_store_from_an_empty_one() {
    let empty = Counts::default();
    assert!(empty.is_empty() && empty.total() == 0);
    let claimed: Counts = [(Kind::Fingerprint, 1)].into_iter().collect();
    assert!(claimed.is_empty() && claimed.total() == 1);
    let used: Counts = [(Kind::Fingerprint, 1), (Kind::Event, 2)].into_iter().collect();
    assert!(!used.is_empty() && used.of(Kind::Event) == 2 && used.of(Kind::Account) == 0);
}
