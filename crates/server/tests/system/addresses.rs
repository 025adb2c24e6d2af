//! A store with addresses as an earlier version wrote them.

use vestibule_domain::{Account, AccountRecord, EmailAddress};
use vestibule_ports::Store;
use vestibule_sqlite::{SqliteOptions, SqliteStore};
use vestibule_testkit::AccountBuilder;

use crate::support::{PATIENCE, Setup, within};

/// Some accounts with addresses that are stored just so.
fn store(setup: &Setup, emails: &[&str]) -> Vec<Account> {
    let build = |(number, email): (usize, &&str)| {
        let account = AccountBuilder::numbered(u32::try_from(number).unwrap()).build();
        Account::restore(AccountRecord { email: EmailAddress::from_store(email).unwrap(), ..account.record().clone() })
    };
    let accounts: Vec<Account> = emails.iter().enumerate().map(build).collect();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = SqliteStore::open(&setup.database_file(), SqliteOptions::default()).await.unwrap();
        let mut unit = store.write().await.unwrap();
        for account in &accounts {
            unit.accounts().insert(account).await.unwrap();
        }
        unit.commit().await.unwrap();
        store.close().await;
    });
    accounts
}

#[test]
fn migrating_puts_addresses_into_their_canonical_form_and_names_what_it_leaves() {
    let setup = Setup::sqlite();
    assert!(!setup.run(&["migrate"]).expect(0).stdout.contains("addresses"));
    let emails = ["info@b\u{fc}cher.example", "ada@b\u{fc}cher.example", "ada@xn--bcher-kva.example", "user@127.0.0.1"];
    let accounts = store(&setup, &emails);
    let ids: Vec<String> = accounts.iter().map(|account| account.id().hex()).collect();
    for changed in [true, false] {
        let outcome = setup.run(&["migrate"]).expect(0);
        assert_eq!(outcome.stdout.contains("put addresses into their canonical form: 1"), changed, "{outcome:?}");
        for left in [
            format!("left alone: account {} (ada@b\u{fc}cher.example): account {} has", ids[1], ids[2]),
            format!("left alone: account {} (user@127.0.0.1): no mail can reach", ids[3]),
        ] {
            assert!(outcome.stderr.contains(&left), "{left}: {outcome:?}");
        }
        assert!(!outcome.stderr.contains(&format!("account {} (", ids[0])), "{outcome:?}");
    }
    for typed in ["info@B\u{dc}CHER.example", "\u{feff}info@xn--bcher-kva.example", &ids[0]] {
        assert!(setup.run(&["user", "show", typed]).expect(0).stdout.contains("info@xn--bcher-kva.example"), "{typed}");
    }
    assert!(setup.run(&["user", "show", &ids[3]]).expect(0).stdout.contains("user@127.0.0.1"));
}

#[test]
fn a_start_does_the_same_and_says_so_in_the_log() {
    let setup = Setup::sqlite();
    setup.run(&["migrate"]).expect(0);
    let accounts = store(&setup, &["info@b\u{fc}cher.example", "user@example.123"]);
    let server = setup.start();
    let all_looked_at = || server.log().contains("addresses were put into their canonical form").then(|| server.log());
    let log = within(PATIENCE, "the line about addresses", all_looked_at);
    assert!(log.contains(&accounts[1].id().hex()) && log.contains("cannot be put into its canonical form"), "{log}");
    server.stop();
    assert!(!setup.run(&["migrate"]).expect(0).stdout.contains("addresses"));
}

#[test]
fn a_user_name_of_24_hexadecimal_digits_is_found_by_the_command_line() {
    let setup = Setup::sqlite();
    let name = "0123456789abcdef01234567";
    let create =
        ["user", "create", "--email", "jo@shop.test", "--username", name, "--role", "user", "--password-stdin"];
    setup.run_with_input(&create, "correct horse\n").expect(0);
    assert!(setup.run(&["user", "show", name]).expect(0).stdout.contains("jo@shop.test"));
    setup.run(&["user", "disable", name]).expect(0);
    setup.run(&["events", "list", "--account", name]).expect(0);
}
