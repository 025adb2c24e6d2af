//! The dialect's words for roles, states and the fields of a dossier; their spelling is the document's.

use vestibule_domain::{
    AccountStatus, Role,
    conversation::Side,
    dossier::{DocumentField, Field, MediaType},
};

/// A group of fields on the wire.
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) fields: &'static [(&'static str, Field)],
}

/// The group whose user name, address, password and names are those of the account, with its other fields.
pub(super) const PERSONAL: Group = Group {
    name: "personal",
    fields: &[
        ("dateofbirth", Field::Birth),
        ("nationality", Field::Nationality),
        ("gender", Field::Gender),
        ("type", Field::PersonKind),
    ],
};

/// The group that admins alone see and set.
pub(super) const CODE: Group =
    Group { name: "code", fields: &[("rcode", Field::RCode), ("pcode", Field::PCode), ("tcode", Field::TCode)] };

/// The groups that are fields of the dossier and nothing else.
pub(super) const GROUPS: [Group; 5] = [
    Group {
        name: "contact",
        fields: &[
            ("contactEmail", Field::ContactEmail),
            ("phone", Field::ContactPhone),
            ("city", Field::City),
            ("state", Field::Area),
            ("country", Field::Country),
            ("street", Field::Street),
        ],
    },
    Group {
        name: "company",
        fields: &[
            ("legalBussinessName", Field::LegalName),
            ("bussinesType", Field::BusinessType),
            ("dateOfIncorperation", Field::IncorporatedOn),
            ("registrationNumber", Field::RegistrationNumber),
            ("registratedAddress", Field::RegisteredAddress),
            ("workEmail", Field::WorkEmail),
            ("workPhone", Field::WorkPhone),
            ("companyWebsite", Field::Website),
        ],
    },
    Group {
        name: "ownership",
        fields: &[
            ("ownerFullname", Field::OwnerName),
            ("role", Field::OwnerRole),
            ("ownerDataOfBirth", Field::OwnerBirth),
            ("residentialAddress", Field::OwnerAddress),
            ("ownerNationality", Field::OwnerNationality),
        ],
    },
    Group { name: "document", fields: &DOCUMENTS },
    Group {
        name: "representative",
        fields: &[
            ("repFullname", Field::RepresentativeName),
            ("position", Field::RepresentativePosition),
            ("idNumber", Field::RepresentativeIdNumber),
            ("idType", Field::RepresentativeIdType),
        ],
    },
];

/// The documents that can be uploaded.
pub(super) const DOCUMENTS: [(&str, Field); 4] = [
    ("certificateOfIncorporation", Field::CertificateOfIncorporation),
    ("bussinesLicience", Field::BusinessLicence),
    ("proofOfRegistratedAddress", Field::ProofOfAddress),
    ("taxId", Field::TaxId),
];

/// The word for a role. A root counts as an admin.
pub(super) const fn role(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Admin | Role::Root => "admin",
    }
}

/// The word for the state of an account: one that waits for a proof of its mailbox cannot be used either.
pub(super) const fn status(status: AccountStatus) -> &'static str {
    match status {
        AccountStatus::Active => "active",
        AccountStatus::Pending | AccountStatus::Disabled => "suspended",
    }
}

/// The document of a name in whatever case, and the name.
pub(super) fn document(name: &str) -> Option<(&'static str, DocumentField)> {
    let (name, field) = DOCUMENTS.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some((name, DocumentField::new(field).ok()?))
}

/// What the name of a file of a type ends with.
pub(super) const fn extension(media_type: MediaType) -> &'static str {
    match media_type {
        MediaType::Pdf => "pdf",
        MediaType::Png => "png",
        MediaType::Jpeg => "jpg",
    }
}

/// The name of what a side wrote.
pub(super) const fn text_of(side: Side) -> &'static str {
    match side {
        Side::User => "userChats",
        Side::Staff => "adminChats",
    }
}

/// What else is taken away with a field: a telephone number that another dialect set shows as this dialect's own.
pub(super) const fn cleared_with(field: Field) -> &'static [Field] {
    match field {
        Field::ContactPhone => &[Field::Phone],
        _ => &[],
    }
}
