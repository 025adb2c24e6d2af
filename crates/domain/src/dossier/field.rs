//! The catalogue of fields: each is defined once, with its group and its kind.

use std::str::FromStr;

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A line of text.
    Text,
    /// A day, or a moment.
    Day,
    /// A telephone number.
    Phone,
    /// Where a document is.
    Document,
}

/// A group of related fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// The person of the owner.
    Person,
    /// How to reach the owner, other than by mailbox.
    Contact,
    /// The business.
    Company,
    /// Who owns the business.
    Ownership,
    /// Who represents the business.
    Representative,
    /// The paper that identifies the owner.
    Identification,
    /// The submitted documents.
    Documents,
    /// Staff notes; the owner neither sees nor sets them.
    Codes,
}

/// Why a word is not a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a field of a dossier")]
pub struct UnknownField;

macro_rules! catalogue {
    ($($group:ident { $($field:ident $kind:ident $word:literal $doc:literal)* })*) => {
        /// A field of a dossier.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[doc = $doc] $field,)*)*
        }

        impl Field {
            /// Every field.
            pub const ALL: &[Self] = &[$($(Self::$field),*),*];

            /// The stored word: the group, a dot, and the name within it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($(Self::$field => $word,)*)*
                }
            }

            /// Its group.
            pub const fn group(self) -> Group {
                match self {
                    $($(Self::$field => Group::$group,)*)*
                }
            }

            /// Its kind.
            pub const fn kind(self) -> Kind {
                match self {
                    $($(Self::$field => Kind::$kind,)*)*
                }
            }
        }
    };
}

catalogue! {
    Person {
        PersonKind Text "person.kind" "What kind of owner it is: an individual, a business."
        Birth Day "person.birth" "Date of birth."
        Nationality Text "person.nationality" "Nationality."
        Gender Text "person.gender" "Gender."
        Profession Text "person.profession" "Profession."
        Photo Text "person.photo" "Path or URL of a picture, as the client told it; never fetched."
    }
    Contact {
        ContactEmail Text "contact.email" "An address beside that of the account."
        Phone Phone "contact.phone" "Telephone number, of one account only."
        ContactPhone Text "contact.phone_line" "A telephone number, as a line: several accounts may have it."
        Street Text "contact.street" "Street and number."
        City Text "contact.city" "Town."
        Zip Text "contact.zip" "Postal code."
        Area Text "contact.area" "Region, state or district."
        Country Text "contact.country" "Country."
    }
    Company {
        LegalName Text "company.legal_name" "Its name by law."
        BusinessType Text "company.type" "What kind of business it is."
        IncorporatedOn Day "company.incorporated_on" "When it was incorporated."
        RegistrationNumber Text "company.registration_number" "Its number in a register."
        RegisteredAddress Text "company.registered_address" "Its address in a register."
        WorkEmail Text "company.work_email" "Its e-mail address."
        WorkPhone Text "company.work_phone" "Its telephone number, as a line: several accounts may have it."
        Website Text "company.website" "Its website."
    }
    Ownership {
        OwnerName Text "ownership.full_name" "The owner's name."
        OwnerRole Text "ownership.role" "The owner's position, which grants nothing."
        OwnerBirth Day "ownership.birth" "The owner's date of birth."
        OwnerAddress Text "ownership.address" "Where the owner lives."
        OwnerNationality Text "ownership.nationality" "The owner's nationality."
    }
    Representative {
        RepresentativeName Text "representative.full_name" "The representative's name."
        RepresentativePosition Text "representative.position" "The representative's position."
        RepresentativeIdNumber Text "representative.id_number" "The number of the representative's paper."
        RepresentativeIdType Text "representative.id_type" "What kind of paper that is."
    }
    Identification {
        IdentificationKind Text "identification.kind" "What kind of paper it is."
        IdentificationExpiresOn Day "identification.expires_on" "When the paper expires."
    }
    Documents {
        CertificateOfIncorporation Document "documents.certificate_of_incorporation" "Certificate of incorporation."
        BusinessLicence Document "documents.business_licence" "Business licence."
        ProofOfAddress Document "documents.proof_of_address" "Proof of the registered address."
        TaxId Document "documents.tax_id" "Proof of the tax number."
        Identity Document "documents.identity" "Picture of the paper that identifies the owner."
    }
    Codes {
        RCode Text "codes.r" "A code of the staff's, by the letter r."
        PCode Text "codes.p" "A code of the staff's, by the letter p."
        TCode Text "codes.t" "A code of the staff's, by the letter t."
    }
}

impl Field {
    /// Whether the owner fills it in and a reviewer judges it; false for staff notes.
    pub fn is_reviewed(self) -> bool {
        self.group() != Group::Codes
    }
}

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|field| field.as_str() == text).ok_or(UnknownField)
    }
}
