//! A file of an earlier version of the program, brought up to date.

use std::path::Path;

use sqlx::{ConnectOptions, Connection, SqliteConnection, migrate::Migrator, sqlite::SqliteConnectOptions};
use time::{Duration, OffsetDateTime};
use vestibule_domain::{Account, Digest, OneTimeToken, PasswordHash, SignIns, TokenPurpose};
use vestibule_ports::Store;
use vestibule_sqlite::SqliteStore;
use vestibule_testkit::{AccountBuilder, FixedClock};

use crate::{database, open};

static STEPS: Migrator = sqlx::migrate!("../../../migrations/sqlite");
/// The step that makes the tables of codes and tokens anew.
const SESSIONS: i64 = 4;

fn micros(time: OffsetDateTime) -> i64 {
    (time.unix_timestamp_nanos() / 1_000).try_into().unwrap()
}

/// A file from before that step, with an account that has a code and two tokens.
async fn make_earlier(path: &Path, account: &Account) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut file: SqliteConnection = options.connect().await.unwrap();
    let earlier = STEPS.iter().filter(|migration| migration.version < SESSIONS).cloned().collect();
    Migrator::with_migrations(earlier).run_direct(None, &mut file, false).await.unwrap();
    let (id, record) = (account.id().uuid(), account.record());
    let statement = "INSERT INTO accounts (id, email, full_name, role, status, permissions, mailbox_proven_at, subject, \
                     password_hash, created_at, updated_at) VALUES (?1, ?2, ?3, 'user', 'active', ?4, ?5, ?6, ?7, ?5, ?5)";
    sqlx::query(statement)
        .bind(id)
        .bind(account.email().as_str())
        .bind(account.name().full())
        .bind(record.permissions.bits())
        .bind(micros(record.created_at))
        .bind(record.subject.bytes().as_slice())
        .bind(record.password.as_ref().map(PasswordHash::expose))
        .execute(&mut file)
        .await
        .unwrap();
    let expires_at = micros(FixedClock::START + Duration::hours(1));
    let statement = "INSERT INTO codes (id, account_id, purpose, digest, tries_left, expires_at) \
                     VALUES (?1, ?1, 'password-reset', ?2, 1, ?3)";
    sqlx::query(statement).bind(id).bind([1; 32].as_slice()).bind(expires_at).execute(&mut file).await.unwrap();
    for (number, waiting) in [(2, None), (3, Some("a hash"))] {
        let statement = "INSERT INTO tokens (digest, account_id, purpose, expires_at, waiting_password) \
                         VALUES (?, ?, 'email-verification', ?, ?)";
        let token = sqlx::query(statement).bind([number; 32].to_vec()).bind(id).bind(expires_at).bind(waiting);
        token.execute(&mut file).await.unwrap();
    }
    file.close().await.unwrap();
}

/// What is there of the two tokens that [`make_earlier`] makes.
async fn tokens(store: &SqliteStore) -> Vec<OneTimeToken> {
    let mut found = Vec::new();
    for number in [2, 3] {
        let digest = Digest::new([number; 32]);
        let found_one = store.read().tokens().find(&digest, TokenPurpose::EmailVerification, FixedClock::START).await;
        found.extend(found_one.unwrap());
    }
    found
}

#[tokio::test]
async fn accounts_codes_and_tokens_from_before_sessions_are_as_they_were() {
    let directory = tempfile::tempdir().unwrap();
    let path = database(&directory);
    let account = AccountBuilder::numbered(1).build();
    make_earlier(&path, &account).await;
    let store = open(&path).await;

    let found = store.read().accounts().find(account.id()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&account));
    assert_eq!(account.sign_ins(), SignIns::default());
    let mut unit = store.write().await.unwrap();
    let (purpose, now) = (TokenPurpose::PasswordReset, FixedClock::START);
    let code = unit.codes().take_try(account.id(), purpose, now).await.unwrap().unwrap();
    assert_eq!((code.id.uuid(), code.digest, code.waiting_password), (account.id().uuid(), Digest::new([1; 32]), None));
    assert!(unit.codes().take_try(account.id(), purpose, now).await.unwrap().is_none(), "it had one try left");
    let expected = [(2, None), (3, Some("a hash"))].map(|(number, waiting)| OneTimeToken {
        digest: Digest::new([number; 32]),
        account: account.id(),
        purpose: TokenPurpose::EmailVerification,
        expires_at: now + Duration::hours(1),
        waiting_password: waiting.map(|hash| PasswordHash::new(hash.to_owned())),
    });
    assert_eq!(tokens(&store).await, expected);
}

#[tokio::test]
async fn codes_and_tokens_made_anew_still_belong_to_their_account() {
    let directory = tempfile::tempdir().unwrap();
    let path = database(&directory);
    let account = AccountBuilder::numbered(1).build();
    make_earlier(&path, &account).await;
    let store = open(&path).await;

    let mut unit = store.write().await.unwrap();
    assert!(unit.accounts().remove(account.id()).await.unwrap());
    assert_eq!(unit.codes().remove_of_account(account.id()).await.unwrap(), 0);
    unit.commit().await.unwrap();
    assert_eq!(tokens(&store).await, []);
}
