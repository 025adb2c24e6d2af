//! The keyring through its port.

#![expect(clippy::unwrap_used, reason = "test helpers")]

mod blobs;

use secrecy::{ExposeSecret, SecretSlice};
use vestibule_keys::{SecretKeyring, SecretTooShort};
use vestibule_ports::{Keyring, SealBroken};

fn keyring(secret: &[u8]) -> SecretKeyring {
    SecretKeyring::new(&SecretSlice::from(secret.to_vec())).unwrap()
}

fn ours() -> SecretKeyring {
    keyring(b"0123456789abcdef0123456789abcdef")
}

/// The values were computed by another implementation (Python's `hmac`): were they to change, every stored code,
/// one-time token, waiting mail and issued token would be void.
mod keys_stay_what_they_are {
    use super::*;

    #[test]
    fn derived() {
        assert_eq!(
            hex::encode(ours().derive("token/contacts/access/HS256").expose_secret()),
            "515c9c5c632f5d2eef924ebdedf0dd31589a7537433a731a284f26bce5d9d1e62367dc0c72f82ef4261250c359883352bd5f7e35e14976ad08c54e2e7ce0eb0d"
        );
    }

    #[test]
    fn digests() {
        assert_eq!(
            hex::encode(ours().digest("code", &[b"account", b"", b"123456"]).bytes()),
            "1bb55af9ace43924b14014c2201d4cb619e7f0f4ed8c3720493520d79f2cdcdb"
        );
    }

    #[test]
    fn sealed() {
        assert_eq!(ours().open(&SEALED).unwrap(), b"a code: 123456");
    }

    /// Sealed by OpenSSL's AES-256-GCM with the nonce 000102…0b.
    const SEALED: [u8; 43] = [
        0x01, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x2d, 0xee, 0x53, 0x5d, 0x86,
        0xf2, 0x89, 0x20, 0x86, 0x6a, 0xd0, 0x1d, 0x66, 0xcc, 0x89, 0x05, 0xa4, 0x6a, 0x61, 0x0c, 0xb0, 0xc1, 0x86,
        0xc6, 0x4e, 0x0e, 0xc5, 0xe2, 0x99, 0x2f,
    ];
}

#[test]
fn a_secret_of_31_bytes_is_refused() {
    assert_eq!(SecretKeyring::new(&SecretSlice::from(vec![7; 31])).unwrap_err(), SecretTooShort);
    assert!(SecretKeyring::new(&SecretSlice::from(vec![7; 32])).is_ok());
}

#[test]
fn another_secret_or_label_gives_other_keys() {
    let (ours, theirs) = (ours(), keyring(b"0123456789abcdef0123456789abcdeF"));
    assert_ne!(ours.derive("a").expose_secret(), theirs.derive("a").expose_secret());
    assert_ne!(ours.derive("a").expose_secret(), ours.derive("b").expose_secret());
    assert_ne!(ours.digest("a", &[b"x"]), theirs.digest("a", &[b"x"]));
    assert_ne!(ours.digest("a", &[b"x"]), ours.digest("b", &[b"x"]));
}

#[test]
fn a_derived_key_is_64_bytes_and_the_same_each_time() {
    let keyring = ours();
    assert_eq!(keyring.derive("a").expose_secret().len(), 64);
    assert_eq!(keyring.derive("a").expose_secret(), keyring.derive("a").expose_secret());
}

#[test]
fn a_digest_is_the_same_each_time() {
    let keyring = ours();
    assert_eq!(keyring.digest("code", &[b"a", b"b"]), keyring.digest("code", &[b"a", b"b"]));
}

#[test]
fn parts_of_a_digest_do_not_run_together() {
    let keyring = ours();
    let digests = [
        keyring.digest("code", &[b"ab", b"c"]),
        keyring.digest("code", &[b"a", b"bc"]),
        keyring.digest("code", &[b"abc"]),
        keyring.digest("code", &[b"abc", b""]),
        keyring.digest("code", &[b"", b"abc"]),
        keyring.digest("code", &[]),
        keyring.digest("code", &[b""]),
    ];
    for (index, digest) in digests.iter().enumerate() {
        assert!(!digests[..index].contains(digest), "digest {index} repeats an earlier one");
    }
}

#[test]
fn what_was_sealed_can_be_opened() {
    let keyring = ours();
    let long = vec![0; 100_000];
    for content in [&b""[..], b"a", &long] {
        assert_eq!(keyring.open(&keyring.seal(content)).unwrap(), content);
    }
}

#[test]
fn the_same_content_is_never_sealed_the_same_way_twice() {
    let keyring = ours();
    assert_ne!(keyring.seal(b"content"), keyring.seal(b"content"));
}

#[test]
fn a_seal_does_not_show_its_content() {
    let sealed = ours().seal(b"secret content");
    assert!(!sealed.windows(6).any(|window| b"secret content".windows(6).any(|content| content == window)));
}

#[test]
fn any_changed_bit_breaks_the_seal() {
    let keyring = ours();
    let sealed = keyring.seal(b"content");
    for index in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[index] ^= 1 << bit;
            assert_eq!(keyring.open(&changed), Err(SealBroken), "bit {bit} of byte {index}");
        }
    }
}

#[test]
fn any_shorter_or_longer_seal_is_broken() {
    let keyring = ours();
    let mut sealed = keyring.seal(b"content");
    for length in 0..sealed.len() {
        assert_eq!(keyring.open(&sealed[..length]), Err(SealBroken), "{length} bytes");
    }
    sealed.push(0);
    assert_eq!(keyring.open(&sealed), Err(SealBroken));
}

#[test]
fn another_secret_does_not_open_the_seal() {
    let sealed = ours().seal(b"content");
    assert_eq!(keyring(b"another secret of thirty-two byte").open(&sealed), Err(SealBroken));
}

#[test]
fn a_keyring_is_not_printed() {
    assert_eq!(format!("{:?}", ours()), "SecretKeyring(…)");
}
