//! Rows of dossiers.

use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{
    Dossier, PhoneNumber,
    dossier::{Address, Contact, Detail, Identification, Person, Review},
};
use vestibule_ports::StoreError;

use super::{account_id, valid, word};

/// A row of `dossiers`, less what is derived from the telephone number.
pub(crate) struct DossierRow {
    pub(crate) account_id: Uuid,
    pub(crate) birth: Option<OffsetDateTime>,
    pub(crate) profession: Option<String>,
    pub(crate) photo: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) street: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) zip: Option<String>,
    pub(crate) area: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) id_kind: Option<String>,
    pub(crate) id_expires_at: Option<OffsetDateTime>,
    pub(crate) id_document: Option<String>,
    pub(crate) review_status: String,
    pub(crate) reviewed_at: Option<OffsetDateTime>,
    pub(crate) updated_at: Option<OffsetDateTime>,
}

impl TryFrom<DossierRow> for Dossier {
    type Error = StoreError;

    fn try_from(row: DossierRow) -> Result<Self, StoreError> {
        let phone = row.phone.map(|text| valid(PhoneNumber::parse(&text), "telephone number of a dossier"));
        Ok(Self {
            account: account_id(row.account_id)?,
            person: Person { birth: row.birth, profession: detail(row.profession)?, photo: detail(row.photo)? },
            contact: Contact {
                phone: phone.transpose()?,
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
                expires_at: row.id_expires_at,
                document: detail(row.id_document)?,
            },
            review: Review { status: word(&row.review_status, "review of a dossier")?, decided_at: row.reviewed_at },
            updated_at: row.updated_at,
        })
    }
}

fn detail(text: Option<String>) -> Result<Option<Detail>, StoreError> {
    text.map(|text| valid(Detail::parse(&text), "line of a dossier")).transpose()
}
