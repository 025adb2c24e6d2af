//! Rows of dossiers.

use uuid::Uuid;
use vestibule_domain::{
    Dossier, PhoneNumber,
    dossier::{Address, Contact, Detail, Identification, Person, Review},
};

use super::{StoredTime, account_id, optional, optional_time, valid};
use crate::StoreError;

/// A row of a dossier.
pub struct StoredDossier<T> {
    pub account_id: Uuid,
    pub birth: Option<T>,
    pub profession: Option<String>,
    pub photo: Option<String>,
    pub phone: Option<String>,
    /// What is unique of the telephone number; written, and not believed when it is read.
    pub phone_key: Option<String>,
    pub street: Option<String>,
    pub city: Option<String>,
    pub zip: Option<String>,
    pub area: Option<String>,
    pub country: Option<String>,
    pub id_kind: Option<String>,
    pub id_expires_at: Option<T>,
    pub id_document: Option<String>,
    pub review_status: String,
    pub reviewed_at: Option<T>,
    pub updated_at: Option<T>,
}

impl<T: StoredTime> TryFrom<StoredDossier<T>> for Dossier {
    type Error = StoreError;

    fn try_from(row: StoredDossier<T>) -> Result<Self, StoreError> {
        let detail = |line: Option<String>| optional(line, |text| Detail::parse(&text), "line of a dossier");
        Ok(Self {
            account: account_id(row.account_id)?,
            person: Person {
                birth: optional_time(row.birth, "date of birth of a dossier")?,
                profession: detail(row.profession)?,
                photo: detail(row.photo)?,
            },
            contact: Contact {
                phone: optional(row.phone, |text| PhoneNumber::parse(&text), "telephone number of a dossier")?,
                address: Address {
                    street: detail(row.street)?,
                    city: detail(row.city)?,
                    zip: detail(row.zip)?,
                    area: detail(row.area)?,
                    country: detail(row.country)?,
                },
            },
            identification: Identification {
                kind: detail(row.id_kind)?,
                expires_at: optional_time(row.id_expires_at, "expiry of the paper of a dossier")?,
                document: detail(row.id_document)?,
            },
            review: Review {
                status: valid(row.review_status.parse(), "review of a dossier")?,
                decided_at: optional_time(row.reviewed_at, "time of the review of a dossier")?,
            },
            updated_at: optional_time(row.updated_at, "time of change of a dossier")?,
        })
    }
}

impl<T: StoredTime> From<&Dossier> for StoredDossier<T> {
    fn from(dossier: &Dossier) -> Self {
        let Dossier { account, person, contact, identification, review, updated_at } = dossier;
        let (phone, address) = (contact.phone.as_ref(), &contact.address);
        let line = |detail: &Option<Detail>| detail.as_ref().map(|detail| detail.as_str().to_owned());
        Self {
            account_id: account.uuid(),
            birth: person.birth.map(T::of),
            profession: line(&person.profession),
            photo: line(&person.photo),
            phone: phone.map(|phone| phone.as_str().to_owned()),
            phone_key: phone.map(|phone| phone.key().to_owned()),
            street: line(&address.street),
            city: line(&address.city),
            zip: line(&address.zip),
            area: line(&address.area),
            country: line(&address.country),
            id_kind: line(&identification.kind),
            id_expires_at: identification.expires_at.map(T::of),
            id_document: line(&identification.document),
            review_status: review.status.as_str().to_owned(),
            reviewed_at: review.decided_at.map(T::of),
            updated_at: updated_at.map(T::of),
        }
    }
}
