//! Identifiers: version-8 UUIDs inside, 24 hex digits on the wires of the dialects.
//!
//! The dialects' clients know ids of 96 bits (an `ObjectId`). [`Id96`] converts those bits to a version-8 UUID (RFC 9562,
//! section 5.8) and back without loss, so an imported record keeps its id. The first 48 bits are time, so ids sort by
//! creation.

use std::fmt;

use time::OffsetDateTime;
use uuid::Uuid;

/// The lowest 26 bits of the UUID are unused and zero; any other value is not one of our ids.
const UNUSED_BITS: u32 = 26;
const VERSION_8: u128 = 8 << 76;
const VARIANT_RFC: u128 = 0b10 << 62;

/// Why a text or a UUID is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 24 hexadecimal digits, or the version-8 UUID that stands for them")]
pub struct InvalidId;

/// The 96 bits of an id, as the dialects show them: 24 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id96([u8; 12]);

impl Id96 {
    /// Makes an id from the time of creation (seconds, then 1/65536 of a second) and 48 random bits.
    pub fn new(now: OffsetDateTime, random: [u8; 6]) -> Self {
        let seconds = u32::try_from(now.unix_timestamp()).unwrap_or(0);
        let fraction = (u64::from(now.nanosecond()) << 16) / 1_000_000_000;
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&seconds.to_be_bytes());
        bytes[4..6].copy_from_slice(&fraction.to_be_bytes()[6..]);
        bytes[6..].copy_from_slice(&random);
        Self(bytes)
    }

    /// Takes the twelve bytes of an imported record's id.
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(bytes)
    }

    /// Reads exactly 24 hexadecimal digits of either case.
    pub fn from_hex(text: &str) -> Result<Self, InvalidId> {
        let mut bytes = [0; 12];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidId)?;
        Ok(Self(bytes))
    }

    /// The digits on the wire.
    pub fn digits(self) -> IdDigits {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 24];
        for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(self.0) {
            *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xF)]];
        }
        IdDigits(digits)
    }

    /// The version-8 UUID with these bits; ids and their UUIDs sort alike.
    pub fn to_uuid(self) -> Uuid {
        let bits = self.0.iter().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
        let (head, middle, tail) = (bits >> 48, bits >> 36 & 0xFFF, bits & 0xF_FFFF_FFFF);
        Uuid::from_u128(head << 80 | VERSION_8 | middle << 64 | VARIANT_RFC | tail << UNUSED_BITS)
    }

    /// The bits of a UUID; an error if it is not one of ours.
    pub fn from_uuid(uuid: Uuid) -> Result<Self, InvalidId> {
        let value = uuid.as_u128();
        let bits = (value >> 80) << 48 | (value >> 64 & 0xFFF) << 36 | (value >> UNUSED_BITS & 0xF_FFFF_FFFF);
        let mut bytes = [0; 12];
        bytes.copy_from_slice(&bits.to_be_bytes()[4..]);
        let id = Self(bytes);
        if id.to_uuid() == uuid { Ok(id) } else { Err(InvalidId) }
    }
}

impl fmt::Display for Id96 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.digits().as_str())
    }
}

/// The 24 lower-case hexadecimal digits of an id, without an allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdDigits([u8; 24]);

impl IdDigits {
    /// As text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

macro_rules! entity_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Id96);

        impl $name {
            /// Makes an id from the time of creation and 48 random bits.
            pub fn new(now: OffsetDateTime, random: [u8; 6]) -> Self {
                Self(Id96::new(now, random))
            }

            /// Reads the 24 hexadecimal digits of the wire.
            pub fn from_hex(text: &str) -> Result<Self, InvalidId> {
                Id96::from_hex(text).map(Self)
            }

            /// Reads what a person enters: the 24 hexadecimal digits, or the UUID.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                Self::from_hex(text).or_else(|_| Self::from_uuid(text.parse().map_err(|_| InvalidId)?))
            }

            /// Reads a stored UUID; an error if it is not one of ours.
            pub fn from_uuid(uuid: Uuid) -> Result<Self, InvalidId> {
                Id96::from_uuid(uuid).map(Self)
            }

            /// The UUID to store, and to show in our own API.
            pub fn uuid(self) -> Uuid {
                self.0.to_uuid()
            }

            /// The 24 lower-case hexadecimal digits of the wire.
            pub fn hex(self) -> String {
                self.digits().as_str().to_owned()
            }

            /// The same without an allocation.
            pub fn digits(self) -> IdDigits {
                self.0.digits()
            }
        }

        impl From<Id96> for $name {
            fn from(bits: Id96) -> Self {
                Self(bits)
            }
        }
    };
}

entity_id!(
    /// Names an account.
    AccountId
);
entity_id!(
    /// Names a mailed one-time code.
    CodeId
);
entity_id!(
    /// Names a mail, in the outbox and in the local mailbox.
    MailId
);
entity_id!(
    /// Names a security event.
    EventId
);
entity_id!(
    /// Names a message of a conversation.
    MessageId
);
entity_id!(
    /// Names a profile.
    ProfileId
);
entity_id!(
    /// Names a message of a profile.
    ProfileMessageId
);
entity_id!(
    /// Names a place that was looked up.
    PlaceId
);
entity_id!(
    /// Names a session: one sign-in on one client.
    SessionId
);
