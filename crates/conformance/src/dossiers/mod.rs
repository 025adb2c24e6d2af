//! Promises of dossiers: their fields here, reviews and takes in files of their own.

mod queue;
mod reviews;
mod takes;

use std::{collections::BTreeMap, sync::Arc};

use time::{Duration, OffsetDateTime, UtcOffset, macros::datetime};
use vestibule_domain::{
    AccountId, AccountStatus, BlobId, Dossier, PhoneNumber,
    dossier::{Detail, Document, Field, Kind, MediaType, StoredDocument, Value},
};
use vestibule_ports::{SealedDocumentKey, Store, StoreError, UniqueKey};
use vestibule_testkit::AccountBuilder;

pub(crate) use self::{queue::*, reviews::*, takes::*};
use crate::support::{
    MICROSECOND, NANOSECONDS, NOW, RACERS, an_account, committed, dropped, insert_accounts, race, some_accounts,
};

const BIRTH: OffsetDateTime = datetime!(1931-05-09 23:59:59.000001 UTC);

/// Every field of a dossier comes back as it was stored, alone and with all others, by every way to find it.
pub(crate) async fn every_field_of_a_dossier_comes_back(store: Arc<dyn Store>) {
    let of_fields = Field::ALL.iter().map(|field| {
        let field = *field;
        Box::new(move |id| with(id, field, value_of(field))) as Box<dyn Fn(AccountId) -> Dossier>
    });
    let forms: Vec<Box<dyn Fn(AccountId) -> Dossier>> = vec![
        Box::new(Dossier::empty),
        Box::new(full),
        Box::new(|id| Dossier { updated_at: Some(NOW), ..Dossier::empty(id) }),
        Box::new(|id| with_phone(id, "+237 (6) 99-00/11.22")),
    ];
    let forms: Vec<_> = forms.into_iter().chain(of_fields).collect();
    let accounts = some_accounts(&store, u32::try_from(forms.len()).unwrap()).await;
    let dossiers: Vec<_> = accounts.iter().zip(&forms).map(|(account, form)| form(account.id())).collect();
    replace_all(&store, &dossiers).await;
    let mut unit = store.write().await.unwrap();
    for dossier in &dossiers {
        assert_eq!(store.read().dossiers().find(dossier.account).await.unwrap().as_ref(), Some(dossier));
        assert_eq!(unit.dossiers().find(dossier.account).await.unwrap().as_ref(), Some(dossier));
    }
    drop(unit);
    let ids: Vec<_> = dossiers.iter().map(|dossier| dossier.account).collect();
    let mut found = store.read().dossiers().find_many(&ids).await.unwrap();
    found.sort_by_key(|dossier| dossier.account);
    assert_eq!(found, dossiers);
}

/// Times are cut down to whole microseconds, even those before 1970, whatever their offset from UTC.
pub(crate) async fn times_of_dossiers_are_cut_to_microseconds(store: Arc<dyn Store>) {
    let expected = full(an_account(&store).await);
    let offset = UtcOffset::from_hms(5, 30, 0).unwrap();
    let uncut = |time: Option<OffsetDateTime>| time.map(|time| (time + NANOSECONDS).to_offset(offset));
    let mut stored = expected.clone();
    stored.updated_at = uncut(stored.updated_at);
    for field in Field::ALL.iter().filter(|field| field.kind() == Kind::Day) {
        let day = uncut(stored.values.day(*field)).unwrap();
        stored.values.set(*field, Value::Day(day)).unwrap();
    }
    replace_all(&store, &[stored]).await;
    assert_eq!(store.read().dossiers().find(expected.account).await.unwrap(), Some(expected));
}

/// A dossier replaces every field of its account's earlier one and leaves those of others.
pub(crate) async fn a_dossier_takes_the_place_of_the_earlier_one(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let kept = with_phone(other, "699");
    replace_all(&store, std::slice::from_ref(&kept)).await;
    for dossier in [Dossier::empty(account), full(account), full(account), Dossier::empty(account)] {
        replace_all(&store, std::slice::from_ref(&dossier)).await;
        assert_eq!(store.read().dossiers().find(account).await.unwrap(), Some(dossier));
    }
    assert_eq!(store.read().dossiers().find(other).await.unwrap(), Some(kept));
}

/// The dossiers of many accounts are found in one call, each once; accounts without one and unknown ids are absent.
pub(crate) async fn the_dossiers_of_many_accounts_are_found_at_once(store: Arc<dyn Store>) {
    let ids: Vec<_> = some_accounts(&store, 1000).await.iter().map(vestibule_domain::Account::id).collect();
    let dossiers: Vec<_> = ids[10..900].iter().copied().map(full).collect();
    replace_all(&store, &dossiers).await;
    let read = store.read().dossiers();
    let mut wanted = ids[..950].to_vec();
    wanted.push(ids[10]);
    wanted.push(crate::support::numbered(u32::MAX).into());
    let mut found = read.find_many(&wanted).await.unwrap();
    found.sort_by_key(|dossier| dossier.account);
    assert_eq!(found, dossiers);
    assert_eq!(read.find_many(&[]).await.unwrap(), []);
    assert_eq!(read.find_many(&ids[..10]).await.unwrap(), []);
    assert_eq!(read.find(ids[0]).await.unwrap(), None);
    committed(&store, async |unit| assert_eq!(unit.dossiers().find(ids[0]).await.unwrap(), None)).await;
}

/// A number that another account has, in any notation, gives the conflict and changes nothing; the unit goes on.
pub(crate) async fn a_taken_phone_conflicts_and_the_unit_goes_on(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 4).await;
    let [owner, first, second, third] = [0, 1, 2, 3].map(|number: usize| accounts[number].id());
    let before = [with_phone(owner, "+237 699 00 11"), with_phone(first, "1111")];
    replace_all(&store, &before).await;
    let after = [with_phone(first, "237 699 00 11"), with_phone(third, "2222")];
    committed(&store, async |unit| {
        let dossiers = unit.dossiers();
        assert_phone_taken(&dossiers.replace(&with_phone(first, "+237-699-00-11")).await);
        assert_eq!(dossiers.find(first).await.unwrap().as_ref(), Some(&before[1]));
        assert_phone_taken(&dossiers.replace(&with_phone(second, "+237 (699) 0011")).await);
        assert_eq!(dossiers.find(second).await.unwrap(), None);
        dossiers.replace(&after[0]).await.unwrap();
        dossiers.replace(&after[1]).await.unwrap();
        assert_phone_taken(&dossiers.replace(&with_phone(second, "2222")).await);
    })
    .await;
    let read = store.read().dossiers();
    for dossier in after.iter().chain(&before[..1]) {
        assert_eq!(read.find(dossier.account).await.unwrap().as_ref(), Some(dossier));
    }
    assert_eq!(read.find(second).await.unwrap(), None);
}

/// An account may keep its number, even in another notation; a number that it gives up, or that a removed account had, is
/// free at once, also within the unit.
pub(crate) async fn a_phone_that_is_given_up_is_free_again(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 3).await;
    let [first, second, third] = [0, 1, 2].map(|number: usize| accounts[number].id());
    committed(&store, async |unit| {
        for kept in ["699 00 11", "699 00 11", "69 90 01 1"] {
            unit.dossiers().replace(&with_phone(first, kept)).await.unwrap();
        }
        unit.dossiers().replace(&Dossier::empty(first)).await.unwrap();
        unit.dossiers().replace(&with_phone(second, "6990011")).await.unwrap();
        assert_phone_taken(&unit.dossiers().replace(&with_phone(first, "6990011")).await);
    })
    .await;
    committed(&store, async |unit| {
        unit.dossiers().replace(&with_phone(second, "1111")).await.unwrap();
        unit.dossiers().replace(&with_phone(first, "6990011")).await.unwrap();
        assert!(unit.accounts().remove(first).await.unwrap());
        unit.dossiers().replace(&with_phone(third, "6990011")).await.unwrap();
    })
    .await;
    let read = store.read().dossiers();
    assert_eq!(read.find(first).await.unwrap(), None);
    assert_eq!(read.find(second).await.unwrap(), Some(with_phone(second, "1111")));
    assert_eq!(read.find(third).await.unwrap(), Some(with_phone(third, "6990011")));
}

/// The dossier of a provisional account gives up its number and changes in no other way; no other dossier gives up its own.
pub(crate) async fn only_a_provisional_account_gives_its_phone_up(store: Arc<dyn Store>) {
    let [active, pending] = [AccountStatus::Active, AccountStatus::Pending];
    let kinds = [(pending, None), (active, None), (pending, Some(NOW))];
    let mut accounts: Vec<_> = (0..)
        .zip(kinds)
        .map(|(number, (status, proven))| {
            AccountBuilder::numbered(number).status(status).mailbox_proven_at(proven).build()
        })
        .collect();
    accounts.push(AccountBuilder::numbered(3).status(pending).moved().build());
    insert_accounts(&store, &accounts).await;
    let [provisional, live, suspended, moved] = [0, 1, 2, 3].map(|number: usize| accounts[number].id());
    let held = |account| {
        let mut dossier = full(account);
        dossier.values.set(Field::Phone, phone_value("699 00 11")).unwrap();
        dossier
    };
    let phone = PhoneNumber::parse("6990011").unwrap();
    for (account, gives_up) in [(live, false), (suspended, false), (moved, false), (provisional, true)] {
        committed(&store, async |unit| {
            unit.dossiers().replace(&held(account)).await.unwrap();
            assert_eq!(unit.dossiers().release_phone(&phone).await.unwrap(), gives_up);
            assert!(!unit.dossiers().release_phone(&phone).await.unwrap());
            let expected = if gives_up { full(account) } else { held(account) };
            assert_eq!(unit.dossiers().find(account).await.unwrap(), Some(expected));
            unit.dossiers().replace(&Dossier::empty(account)).await.unwrap();
        })
        .await;
    }
}

/// When many units give their accounts one number at once, one wins; the others get the conflict.
pub(crate) async fn of_many_replaces_with_one_phone_one_wins(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, u32::try_from(RACERS).unwrap()).await;
    let results = race(RACERS, async |number| {
        let dossier = with_phone(accounts[usize::try_from(number).unwrap()].id(), "+1 202 555 0100");
        committed(&store, async |unit| unit.dossiers().replace(&dossier).await).await
    });
    let (winners, losers): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((winners.len(), losers.len()), (1, RACERS - 1), "{losers:?}");
    losers.iter().for_each(assert_phone_taken);
    let ids: Vec<_> = accounts.iter().map(vestibule_domain::Account::id).collect();
    assert_eq!(store.read().dossiers().find_many(&ids).await.unwrap().len(), 1);
}

/// When many units store a dossier of one account at once, none fails, and one dossier stays, whole; the numbers of the
/// others are free.
pub(crate) async fn many_replaces_of_one_dossier_at_once_leave_one_of_them(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let numbered = |account, number: u32| {
        let text = format!("1000{number:02}");
        let mut dossier = with_phone(account, &text);
        dossier.values.set(Field::Profession, Value::Text(detail(&text))).unwrap();
        dossier
    };
    let stored: BTreeMap<String, Dossier> = race(RACERS, async |number| {
        let dossier = numbered(account, number);
        replace_all(&store, std::slice::from_ref(&dossier)).await;
        (dossier.values.phone().unwrap().key().to_owned(), dossier)
    })
    .into_iter()
    .collect();
    let found = store.read().dossiers().find(account).await.unwrap().unwrap();
    let key = found.values.phone().unwrap().key();
    assert_eq!(stored.get(key), Some(&found));
    for number in (0..).take(RACERS) {
        let taken = committed(&store, async |unit| unit.dossiers().replace(&numbered(other, number)).await).await;
        assert_eq!(taken.is_err(), key == format!("1000{number:02}"));
    }
}

/// A dossier that a dropped unit replaced is as before, and so are the taken numbers.
pub(crate) async fn a_dossier_replaced_in_a_dropped_unit_is_as_before(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let before = with_phone(account, "1111");
    replace_all(&store, std::slice::from_ref(&before)).await;
    dropped(&store, async |unit| {
        unit.dossiers().replace(&with_phone(account, "2222")).await.unwrap();
        unit.dossiers().replace(&with_phone(other, "1111")).await.unwrap();
    })
    .await;
    committed(&store, async |unit| {
        assert_eq!(unit.dossiers().find(account).await.unwrap(), Some(before));
        assert_eq!(unit.dossiers().find(other).await.unwrap(), None);
        assert_phone_taken(&unit.dossiers().replace(&with_phone(other, "1111")).await);
        unit.dossiers().replace(&with_phone(other, "2222")).await.unwrap();
    })
    .await;
}

/// The first committed key stays, whatever happens to the dossier, until its account is removed. Without a dossier there is
/// no key, and a key from a dropped unit does not count.
pub(crate) async fn a_dossier_keeps_its_first_document_key(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let keep =
        async |key| committed(&store, async |unit| unit.dossiers().keep_document_key(account, &key, None).await).await;
    let kept = async || store.read().dossiers().document_key(account).await.unwrap();
    assert_eq!(keep(document_key(1)).await.unwrap(), None);
    replace_all(&store, &[full(account), full(other)]).await;
    assert_eq!(kept().await, None);
    dropped(&store, async |unit| {
        let made = unit.dossiers().keep_document_key(account, &document_key(2), None).await.unwrap();
        assert_eq!(made, Some(document_key(2)));
    })
    .await;
    for number in 3..6 {
        assert_eq!(keep(document_key(number)).await.unwrap(), Some(document_key(3)));
        assert_eq!(kept().await, Some(document_key(3)));
        let dossier = if number % 2 == 0 { full(account) } else { Dossier::empty(account) };
        replace_all(&store, &[dossier]).await;
    }
    assert_eq!(kept().await, Some(document_key(3)));
    assert_eq!(store.read().dossiers().document_key(other).await.unwrap(), None);
    committed(&store, async |unit| assert!(unit.accounts().remove(account).await.unwrap())).await;
    assert_eq!(kept().await, None);
}

/// When many units give a dossier its first key at once, all get the same one.
pub(crate) async fn of_many_first_document_keys_one_is_kept(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    replace_all(&store, &[Dossier::empty(account)]).await;
    let got = race(RACERS, async |number| {
        let key = document_key(u8::try_from(number).unwrap());
        committed(&store, async |unit| unit.dossiers().keep_document_key(account, &key, None).await)
            .await
            .unwrap()
            .unwrap()
    });
    let kept = store.read().dossiers().document_key(account).await.unwrap().unwrap();
    assert!(got.iter().all(|key| *key == kept), "{got:?}");
}

/// A broken key is replaced only if it is the current one: units that find it broken at once all get the same new key, and
/// a unit that comes later, or found another key broken, replaces nothing.
pub(crate) async fn a_broken_document_key_is_replaced_once(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let broken = document_key(100);
    let keep = async |key: SealedDocumentKey, broken: &SealedDocumentKey| {
        committed(&store, async |unit| unit.dossiers().keep_document_key(account, &key, Some(broken)).await)
            .await
            .unwrap()
    };
    assert_eq!(keep(document_key(1), &broken).await, None, "there is no dossier");
    replace_all(&store, &[Dossier::empty(account)]).await;
    assert_eq!(keep(broken.clone(), &document_key(1)).await, Some(broken.clone()), "there was no key");
    assert_eq!(keep(document_key(2), &document_key(1)).await, Some(broken.clone()), "another one is broken");
    let got = race(RACERS, async |number| keep(document_key(u8::try_from(number).unwrap()), &broken).await.unwrap());
    let kept = store.read().dossiers().document_key(account).await.unwrap().unwrap();
    assert_ne!(kept, broken);
    assert!(got.iter().all(|key| *key == kept), "{got:?}");
    assert_eq!(keep(document_key(101), &broken).await, Some(kept), "it was replaced before");
}

fn document_key(number: u8) -> SealedDocumentKey {
    SealedDocumentKey::from_stored(vec![number; 61])
}

pub(crate) async fn replace_all(store: &Arc<dyn Store>, dossiers: &[Dossier]) {
    committed(store, async |unit| {
        for dossier in dossiers {
            unit.dossiers().replace(dossier).await.unwrap();
        }
    })
    .await;
}

fn assert_phone_taken(result: &Result<(), StoreError>) {
    assert!(matches!(result, Err(StoreError::Conflict(UniqueKey::DossierPhone))), "{result:?}");
}

/// A dossier with every field except the number, which must be unique.
fn full(account: AccountId) -> Dossier {
    let mut dossier = Dossier { updated_at: Some(NOW + Duration::hours(2)), ..Dossier::empty(account) };
    for field in Field::ALL.iter().filter(|field| **field != Field::Phone) {
        dossier.values.set(*field, value_of(*field)).unwrap();
    }
    dossier
}

/// A tricky value for a field, of its kind.
fn value_of(field: Field) -> Value {
    let number = Field::ALL.iter().position(|known| *known == field).unwrap();
    let lines = ["D'Arcy \"x\" ; -- % _ \\ 🦆", &"é".repeat(Detail::MAX_CHARS), "00237", "{\"a\":[1]}"];
    match field.kind() {
        Kind::Text => Value::Text(detail(lines[number % lines.len()])),
        Kind::Document => Value::Document(match number % 2 {
            0 => Document::Path(detail("uploads/1.png")),
            _ => Document::Stored(stored_document(u8::try_from(number).unwrap())),
        }),
        Kind::Phone => phone_value("+1 202 555 0199"),
        Kind::Day => Value::Day(BIRTH + MICROSECOND * i32::try_from(number).unwrap()),
    }
}

fn stored_document(number: u8) -> StoredDocument {
    StoredDocument {
        blob: BlobId::new([number; 16]),
        media_type: [MediaType::Pdf, MediaType::Png, MediaType::Jpeg][usize::from(number) / 2 % 3],
        size_bytes: u64::from(number) << 32 | 1,
        sha256: [number.wrapping_mul(101); 32],
        uploaded_at: NOW + MICROSECOND * i32::from(number),
    }
}

fn with(account: AccountId, field: Field, value: Value) -> Dossier {
    let mut dossier = Dossier::empty(account);
    dossier.values.set(field, value).unwrap();
    dossier
}

fn with_phone(account: AccountId, phone: &str) -> Dossier {
    with(account, Field::Phone, phone_value(phone))
}

fn phone_value(phone: &str) -> Value {
    Value::Phone(PhoneNumber::parse(phone).unwrap())
}

fn detail(text: &str) -> Detail {
    Detail::parse(text).unwrap()
}
