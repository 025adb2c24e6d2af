//! Who owns an account: every way of a stranger to sign up with an address, against every way of its owner to prove the
//! mailbox, in both orders.

mod doors;
mod moves;

use time::Duration;
use vestibule_application::{
    Language, Operator,
    accounts::{AccountChange, NewStatus},
    own_account::UpdateSelf,
    register::{RegisterError, RegisterWithCode, RegisterWithPassword, RegisterWithProof},
    sign_in::{MailboxProof, SignInError},
};
use vestibule_domain::{AccountStatus, DossierChange, EventKind, PhoneNumber, Role};
use vestibule_testkit::AccountBuilder;

use self::doors::{ALICE, HEX, OWNERS, PROOFS, Proof, SIGN_UPS, STRANGERS, SignUp};
use crate::support::{World, link_mail, origin, password, sign_up};

/// Whether a proof can be had at all while the account is as the stranger's sign-up left it: a pending account is mailed no
/// code or token that resets its password.
fn is_possible(sign_up: SignUp, proof: Proof) -> bool {
    let is_pending = matches!(sign_up, SignUp::ByCode | SignUp::ByLink);
    !(is_pending && matches!(proof, Proof::ResetByCode | Proof::ResetByToken))
}

#[tokio::test]
async fn nothing_of_a_stranger_outlives_a_proof() {
    for sign_up in SIGN_UPS {
        for proof in PROOFS.into_iter().filter(|proof| is_possible(sign_up, *proof)) {
            let world = World::unlimited();
            assert!(world.let_stranger_sign_up(sign_up).await);
            let stranger = world.alice().await;
            let mailed = if sign_up == SignUp::Live { String::new() } else { world.newest_text().await };
            world.let_owner_prove(proof).await;
            let which = format!("{sign_up:?}, {proof:?}");
            let alice = world.alice().await.unwrap();
            assert!(alice.is_active() && alice.mailbox_proven_at().is_some(), "{which}");
            assert!(!world.tokens_live(stranger.as_ref()).await, "{which}");
            // The mail of the stranger's sign-up lies in the owner's mailbox, and may be used by mistake.
            for word in mailed.split_whitespace().map(|word| word.rsplit('/').next().unwrap()) {
                if HEX.parse(word).is_ok() {
                    assert!(!world.type_code(word).await, "{which}");
                } else if word.len() == 43 {
                    assert!(!world.open_link(word, STRANGERS).await, "{which}");
                }
            }
            assert!(!world.lets_in(STRANGERS).await, "{which}");
            assert_eq!(world.lets_in(OWNERS).await, proof != Proof::Provider, "{which}");
        }
    }
}

#[tokio::test]
async fn a_sign_up_after_a_proof_changes_nothing() {
    for sign_up in SIGN_UPS {
        for proof in PROOFS {
            let world = World::unlimited();
            if proof != Proof::Provider && proof != Proof::OwnSignUp {
                world.sign_up_live(OWNERS).await.unwrap();
            }
            world.let_owner_prove(proof).await;
            let before = world.alice().await;
            let taken = world.let_stranger_sign_up(sign_up).await;
            // An account that signs in through a provider only gets a password by a link, which is opened with it.
            let waits_with_a_link = proof == Proof::Provider && sign_up == SignUp::ByLink;
            assert_eq!(taken, waits_with_a_link, "{sign_up:?}, {proof:?}");
            assert_eq!(world.alice().await, before, "{sign_up:?}, {proof:?}");
            assert!(!world.lets_in(STRANGERS).await, "{sign_up:?}, {proof:?}");
        }
    }
}

#[tokio::test]
async fn a_code_that_is_traded_and_not_used_proves_nothing() {
    let world = World::unlimited();
    world.sign_up_live(STRANGERS).await.unwrap();
    let stranger = world.alice().await;
    let grant = world.trade_a_code().await;
    assert_eq!(world.alice().await.unwrap().mailbox_proven_at(), None);
    world.sign_in_by_google().await;
    assert!(!world.lets_in(STRANGERS).await && !world.tokens_live(stranger.as_ref()).await);
    world.use_grant(grant).await.unwrap();
    assert!(world.lets_in(OWNERS).await, "the grant is the owner's");
}

#[tokio::test]
async fn a_code_that_is_asked_for_anew_carries_no_password() {
    let world = World::unlimited();
    world.sign_up_live(OWNERS).await.unwrap();
    world.sign_up_by_code(STRANGERS).await.unwrap();
    let first = world.newest_hex_code().await;
    world.ask_for_another_code().await;
    let code = world.newest_hex_code().await;
    assert!(!world.type_code(&first).await || first == code);
    assert!(world.type_code(&code).await);
    assert!(world.lets_in(OWNERS).await && !world.lets_in(STRANGERS).await);
    assert!(world.alice().await.unwrap().mailbox_proven_at().is_some());
}

#[tokio::test]
async fn the_mail_of_a_code_tells_when_the_sign_up_was() {
    let world = World::unlimited();
    world.sign_up_live(STRANGERS).await.unwrap();
    world.advance(Duration::days(3));
    world.sign_up_by_code(OWNERS).await.unwrap();
    assert!(world.newest_text().await.contains("sign up on 2026-03-04 12:00:00 UTC, with a password"));
    world.ask_for_another_code().await;
    assert!(world.newest_text().await.contains("sign up on 2026-03-01 12:00:00 UTC, with a password"));
}

#[tokio::test]
async fn an_administrator_who_vouches_ends_the_passwords_that_wait() {
    let world = World::unlimited();
    world.sign_up_live(OWNERS).await.unwrap();
    world.sign_up_by_code(STRANGERS).await.unwrap();
    let code = world.newest_hex_code().await;
    let root = world.root().await;
    world.set_status(&root, NewStatus::Active, MailboxProof::Needed).await;
    assert!(world.alice().await.unwrap().mailbox_proven_at().is_some());
    assert!(!world.type_code(&code).await);
    assert!(world.lets_in(OWNERS).await && !world.lets_in(STRANGERS).await);
}

#[tokio::test]
async fn an_administrator_vouches_only_where_the_shown_status_changes() {
    for (status, proof, vouches) in [
        (AccountStatus::Active, MailboxProof::NotNeeded, false),
        (AccountStatus::Active, MailboxProof::Needed, true),
        (AccountStatus::Pending, MailboxProof::NotNeeded, true),
        (AccountStatus::Pending, MailboxProof::Needed, true),
        (AccountStatus::Disabled, MailboxProof::NotNeeded, false),
        (AccountStatus::Disabled, MailboxProof::Needed, true),
    ] {
        let world = World::unlimited();
        world.insert(&AccountBuilder::numbered(1).email(ALICE).status(status).mailbox_proven_at(None).build()).await;
        let root = world.root().await;
        world.set_status(&root, NewStatus::Active, proof).await;
        let alice = world.alice().await.unwrap();
        assert!(alice.is_active());
        assert_eq!(alice.mailbox_proven_at().is_some(), vouches, "{status:?}, {proof:?}");
    }
}

#[tokio::test]
async fn an_administrator_suspends_only_where_the_shown_status_changes() {
    for (proof, status) in
        [(MailboxProof::NotNeeded, AccountStatus::Pending), (MailboxProof::Needed, AccountStatus::Active)]
    {
        let world = World::unlimited();
        world.sign_up_live(OWNERS).await.unwrap();
        let root = world.root().await;
        world.set_status(&root, NewStatus::Unproven, proof).await;
        assert_eq!(world.alice().await.unwrap().status(), status, "{proof:?}");
    }
}

#[tokio::test]
async fn a_suspended_account_is_not_taken_away_by_a_sign_up() {
    for sign_up in SIGN_UPS {
        let world = World::unlimited();
        world.sign_up_by_code(OWNERS).await.unwrap();
        let code = world.newest_hex_code().await;
        assert!(world.type_code(&code).await);
        let root = world.root().await;
        world.set_status(&root, NewStatus::Unproven, MailboxProof::Needed).await;
        let before = world.alice().await;
        assert_eq!(before.as_ref().unwrap().mailbox_proven_at(), None);
        assert!(!world.let_stranger_sign_up(sign_up).await, "{sign_up:?}");
        assert_eq!(world.alice().await, before, "{sign_up:?}");
        world.ask_for_another_code().await;
        let code = world.newest_hex_code().await;
        assert!(world.type_code(&code).await, "the owner proves the mailbox again");
        assert!(world.lets_in(OWNERS).await && !world.lets_in(STRANGERS).await);
    }
}

#[tokio::test]
async fn a_provider_leaves_the_password_of_a_suspended_owner() {
    let world = World::unlimited();
    world.sign_up_live(STRANGERS).await.unwrap();
    world.let_owner_prove(Proof::ResetByCode).await;
    let root = world.root().await;
    world.set_status(&root, NewStatus::Unproven, MailboxProof::Needed).await;
    assert!(!world.lets_in(OWNERS).await);
    world.sign_in_by_google().await;
    assert!(world.lets_in(OWNERS).await);
}

#[tokio::test]
async fn the_network_of_a_stranger_is_not_known_to_the_account_any_more() {
    for (proof, event) in
        [(Proof::Provider, EventKind::PasswordChange), (Proof::ResetByCode, EventKind::PasswordChange)]
    {
        let world = World::unlimited();
        world.sign_up_live(STRANGERS).await.unwrap();
        assert!(world.lets_in(STRANGERS).await);
        let alice = world.alice().await.unwrap();
        let is_known = async || world.store.read().sources().contains(alice.id(), origin(9).source).await.unwrap();
        assert!(is_known().await);
        world.let_owner_prove(proof).await;
        assert!(!is_known().await, "{proof:?}");
        assert!(world.events(Some(alice.id())).await.iter().any(|one| one.kind == event), "{proof:?}");
    }
}

/// A sign-in whose password was right when it was compared, and is not any more.
#[tokio::test]
async fn a_sign_in_that_a_proof_overtakes_is_refused() {
    for proof in [Proof::Provider, Proof::ResetByCode] {
        let world = World::unlimited();
        world.sign_up_live(STRANGERS).await.unwrap();
        world.hasher.hold(true);
        let (signed_in, ()) = tokio::join!(world.sign_in(ALICE, STRANGERS, 9), async {
            world.hasher.begun(1).await;
            world.let_owner_prove(proof).await;
            world.hasher.hold(false);
        });
        assert!(matches!(signed_in, Err(SignInError::WrongPassword | SignInError::NoPassword)), "{proof:?}");
        let alice = world.alice().await.unwrap();
        assert!(!world.store.read().sources().contains(alice.id(), origin(9).source).await.unwrap(), "{proof:?}");
        assert_eq!(alice.sign_ins().failed, 1, "{proof:?}");
    }
}

#[tokio::test]
async fn a_sign_in_that_a_sign_out_of_all_clients_overtakes_is_good_afterwards() {
    let world = World::unlimited();
    world.sign_up_live(OWNERS).await.unwrap();
    let caller = world.caller(&world.alice().await.unwrap()).await.unwrap();
    world.hasher.hold(true);
    let (signed_in, ()) = tokio::join!(world.sign_in(ALICE, OWNERS, 9), async {
        world.hasher.begun(1).await;
        world.app.end_own_tokens(&caller).await.unwrap();
        world.hasher.hold(false);
    });
    assert!(world.tokens_live(Some(&signed_in.unwrap().account)).await);
}

#[tokio::test]
async fn a_sign_up_that_is_never_proven_ends_after_seven_days() {
    let world = World::unlimited();
    world.sign_up_by_code(STRANGERS).await.unwrap();
    world.advance(Duration::days(7));
    world.app.tidy_up().await.unwrap();
    assert!(world.alice().await.is_some());
    world.advance(Duration::microseconds(1));
    world.app.tidy_up().await.unwrap();
    assert!(world.alice().await.is_none());
    world.sign_up_live(OWNERS).await.unwrap();
    world.advance(Duration::days(400));
    world.app.tidy_up().await.unwrap();
    assert!(world.alice().await.is_some(), "it lives");
}

#[tokio::test]
async fn a_sign_up_whose_code_is_still_good_does_not_end() {
    let world = World::unlimited();
    world.sign_up_by_code(OWNERS).await.unwrap();
    world.advance(Duration::days(7));
    world.ask_for_another_code().await;
    let code = world.newest_hex_code().await;
    world.advance(Duration::minutes(9));
    world.app.tidy_up().await.unwrap();
    assert!(world.type_code(&code).await);
}

#[tokio::test]
async fn an_account_that_was_given_a_token_at_its_sign_up_does_not_end_when_it_is_suspended() {
    let world = World::unlimited();
    world.app.register_and_sign_in(World::registration(OWNERS, None)).await.unwrap();
    let root = world.root().await;
    world.set_status(&root, NewStatus::Unproven, MailboxProof::NotNeeded).await;
    world.advance(Duration::days(30));
    world.app.tidy_up().await.unwrap();
    assert!(world.alice().await.is_some());
}

#[tokio::test]
async fn an_event_tells_of_a_sign_up_that_another_replaces() {
    let world = World::unlimited();
    world.sign_up_by_code(STRANGERS).await.unwrap();
    let replaced = world.alice().await.unwrap().id();
    world.sign_up_live(OWNERS).await.unwrap();
    let events = world.events(Some(replaced)).await;
    assert_eq!(events.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::Deletion]);
}

#[tokio::test]
async fn an_operator_who_enables_a_pending_account_vouches_for_its_mailbox() {
    let world = World::unlimited();
    world.sign_up_by_code(STRANGERS).await.unwrap();
    let code = world.newest_hex_code().await;
    let alice = world.alice().await.unwrap();
    world
        .app
        .change_account(Operator::at_the_console().authority_over(alice.id()), AccountChange::status(NewStatus::Active))
        .await
        .unwrap();
    assert!(world.alice().await.unwrap().mailbox_proven_at().is_some());
    assert!(!world.type_code(&code).await, "what was mailed has ended");
}

#[tokio::test]
async fn a_provisional_account_keeps_no_user_name_from_a_live_one() {
    let world = World::unlimited();
    world.sign_up_by_link(STRANGERS, Some("alice")).await.unwrap();
    let live = sign_up("other@example.com", Some("alice"));
    let account = world.app.register_with_password(live).await.unwrap().account;
    assert_eq!(account.username().unwrap().as_str(), "alice");
    assert_eq!(world.alice().await.unwrap().username(), None);
    let another = RegisterWithProof { registration: sign_up("third@example.com", Some("alice")), mail: link_mail() };
    let refused = world.app.register_with_proof(another).await;
    assert!(matches!(refused, Err(RegisterError::UsernameTaken)));
}

#[tokio::test]
async fn a_provisional_account_keeps_no_telephone_number_from_a_live_one() {
    let world = World::unlimited();
    let phone = PhoneNumber::parse("+33 1 23 45").unwrap();
    let holder = RegisterWithCode {
        registration: RegisterWithPassword {
            dossier: DossierChange::of_phone(phone.clone()),
            ..World::registration(STRANGERS, None)
        },
        role: Role::User,
        format: HEX,
        language: Language::English,
    };
    world.app.register_with_code(None, holder).await.unwrap();
    let change = || UpdateSelf { dossier: DossierChange::of_phone(phone.clone()), ..UpdateSelf::default() };
    let live = world.with_account("other@example.com", Role::User).await;
    let caller = world.caller(&live).await.unwrap();
    world.app.update_self(&caller, change()).await.unwrap();
    let another = world.with_account("third@example.com", Role::User).await;
    let another = world.caller(&another).await.unwrap();
    assert!(world.app.update_self(&another, change()).await.is_err(), "a live account keeps its number");
}

/// The link of a sign-up carries a password of its own, which must not replace one that was set later.
#[tokio::test]
async fn a_password_that_is_set_ends_the_links_that_carry_another() {
    let world = World::unlimited();
    world.sign_in_by_google().await;
    world.sign_up_by_link(STRANGERS, None).await.unwrap();
    let token = world.newest_word(|word| word.len() == 43).await;
    let alice = world.alice().await.unwrap();
    world.app.set_account_password(Operator::at_the_console(), alice.id(), password(OWNERS)).await.unwrap();
    assert!(!world.open_link(&token, STRANGERS).await);
    assert!(world.lets_in(OWNERS).await && !world.lets_in(STRANGERS).await);
}
