//! Rows of dossiers.

use uuid::Uuid;
use vestibule_domain::{
    AccountId, Dossier, PhoneNumber,
    dossier::{Address, Contact, Detail, Identification, Person, Review},
};
use vestibule_ports::StoreError;

use super::{time, word};

/// A row of `dossiers`, less what is derived from the telephone number.
pub(crate) struct DossierRow {
    pub(crate) account_id: Uuid,
    pub(crate) birth: Option<i64>,
    pub(crate) profession: Option<String>,
    pub(crate) photo: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) street: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) zip: Option<String>,
    pub(crate) area: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) id_kind: Option<String>,
    pub(crate) id_expires_at: Option<i64>,
    pub(crate) id_document: Option<String>,
    pub(crate) review_status: String,
    pub(crate) reviewed_at: Option<i64>,
    pub(crate) updated_at: Option<i64>,
}

impl TryFrom<DossierRow> for Dossier {
    type Error = StoreError;

    fn try_from(row: DossierRow) -> Result<Self, StoreError> {
        let corrupt = |what| StoreError::Corrupt { what };
        let at = |micros: Option<i64>| micros.map(|micros| time(micros, "time of a dossier")).transpose();
        let phone = row.phone.map(|text| PhoneNumber::parse(&text)).transpose();
        Ok(Self {
            account: AccountId::from_uuid(row.account_id).map_err(|_| corrupt("account of a dossier"))?,
            person: Person { birth: at(row.birth)?, profession: detail(row.profession)?, photo: detail(row.photo)? },
            contact: Contact {
                phone: phone.map_err(|_| corrupt("telephone number of a dossier"))?,
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
                expires_at: at(row.id_expires_at)?,
                document: detail(row.id_document)?,
            },
            review: Review {
                status: word(&row.review_status, "review of a dossier")?,
                decided_at: at(row.reviewed_at)?,
            },
            updated_at: at(row.updated_at)?,
        })
    }
}

fn detail(text: Option<String>) -> Result<Option<Detail>, StoreError> {
    let line = text.map(|text| Detail::parse(&text)).transpose();
    line.map_err(|_| StoreError::Corrupt { what: "line of a dossier" })
}
