//! Sealed contents of blobs.

use sha2::{Digest as _, Sha256};
use vestibule_domain::{AccountId, BlobId, BlobName};
use vestibule_keys::SecretKeyring;
use vestibule_ports::{Keyring, SealBroken, SealedDocumentKey};

use crate::{keyring, ours};

const CHUNK: usize = 64 * 1_024;
const TAG: usize = 16;
const HEAD: usize = 20;
const NONCE: [u8; 19] = [9; 19];

fn name(number: u8) -> BlobName {
    BlobName::of_document(AccountId::from_hex(&format!("{:024x}", 1)).unwrap(), BlobId::new([number; 16]))
}

fn key(keyring: &SecretKeyring) -> SealedDocumentKey {
    keyring.seal_document_key([5; 32])
}

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| u8::try_from((at * 7 + at / 256) % 256).unwrap()).collect()
}

/// The content sealed in pieces of a size.
fn sealed_by(keyring: &SecretKeyring, key: &SealedDocumentKey, content: &[u8], size: usize) -> Vec<u8> {
    let mut sealer = keyring.blob_sealer(key, name(7), NONCE).unwrap();
    let mut bytes: Vec<u8> = content.chunks(size).flat_map(|piece| sealer.seal(piece)).collect();
    bytes.append(&mut sealer.finish());
    bytes
}

/// A sealed content opened in pieces of a size.
fn opened_by(
    keyring: &SecretKeyring,
    (key, name): (&SealedDocumentKey, BlobName),
    sealed: &[u8],
    size: usize,
) -> Result<Vec<u8>, SealBroken> {
    let mut opener = keyring.blob_opener(key, name)?;
    let mut content = Vec::new();
    for piece in sealed.chunks(size) {
        content.append(&mut opener.open(piece)?);
    }
    content.append(&mut opener.finish()?);
    Ok(content)
}

/// A content of two full chunks and a short one, sealed; and what opens it.
struct Sealed {
    keyring: SecretKeyring,
    key: SealedDocumentKey,
    bytes: Vec<u8>,
}

impl Sealed {
    fn new() -> Self {
        let keyring = ours();
        let key = key(&keyring);
        let bytes = sealed_by(&keyring, &key, &content(2 * CHUNK + 100), CHUNK);
        Self { keyring, key, bytes }
    }

    fn open(&self, bytes: &[u8]) -> Result<Vec<u8>, SealBroken> {
        opened_by(&self.keyring, (&self.key, name(7)), bytes, 10_000)
    }

    /// The head, and the chunks.
    fn parts(&self) -> [&[u8]; 4] {
        let (head, rest) = self.bytes.split_at(HEAD);
        let (first, rest) = rest.split_at(CHUNK + TAG);
        let (second, third) = rest.split_at(CHUNK + TAG);
        [head, first, second, third]
    }
}

/// The values were computed by other implementations (`PyNaCl` and Python's `cryptography`): were they to change, every stored
/// document would be lost.
#[test]
fn what_was_sealed_once_opens_for_ever() {
    let key = SealedDocumentKey::from_stored(
        hex::decode(
            "01000102030405060708090a0b4ccf3231e692b507bf51e9225ff7a49385221289222b31beea30ad6fda19abaf442f35689a469ba1113d999df6e2c2fa",
        )
        .unwrap(),
    );
    let short =
        hex::decode("016465666768696a6b6c6d6e6f70717273747576c53f08fdd4e266d62c38ada02cfceb00c996b73cc2c8dd3c5990");
    assert_eq!(opened_by(&ours(), (&key, name(7)), &short.unwrap(), 7).unwrap(), b"a document");
    let nonce: [u8; 19] = std::array::from_fn(|at| 100 + u8::try_from(at).unwrap());
    let mut sealer = ours().blob_sealer(&key, name(7), nonce).unwrap();
    let mut long = sealer.seal(&content(CHUNK + 5));
    long.append(&mut sealer.finish());
    assert_eq!(hex::encode(Sha256::digest(&long)), "c4fae0077ae4fadbf344922cb208a1899550e98c7c746249b5f28432079b1b09");
}

#[test]
fn what_was_sealed_is_opened_whatever_the_pieces() {
    let keyring = ours();
    let key = key(&keyring);
    for size in [0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17] {
        let content = content(size);
        let whole = sealed_by(&keyring, &key, &content, size.max(1));
        let chunks = size.div_ceil(CHUNK).max(1);
        assert_eq!(whole.len(), HEAD + size + chunks * TAG);
        for pieces in [11, 4_096, CHUNK, CHUNK + TAG, 1_000_000] {
            assert!(sealed_by(&keyring, &key, &content, pieces) == whole, "{size} in {pieces}");
            assert!(opened_by(&keyring, (&key, name(7)), &whole, pieces).unwrap() == content, "{size} in {pieces}");
        }
    }
}

#[test]
fn a_sealed_content_does_not_show_it() {
    let sealed = Sealed::new();
    let content = content(CHUNK);
    assert!(
        !sealed.bytes.windows(8).any(|window| content.windows(8).step_by(97).take(64).any(|shown| shown == window))
    );
}

#[test]
fn the_same_content_is_sealed_another_way_under_another_nonce() {
    let keyring = ours();
    let key = key(&keyring);
    let seal = |nonce| keyring.blob_sealer(&key, name(7), nonce).unwrap().finish();
    assert_ne!(seal([1; 19])[HEAD..], seal([2; 19])[HEAD..]);
}

#[test]
fn any_changed_byte_breaks_it() {
    let sealed = Sealed::new();
    let places = (0..HEAD + 40).chain((HEAD..sealed.bytes.len()).step_by(997)).chain([sealed.bytes.len() - 1]);
    for place in places {
        let mut changed = sealed.bytes.clone();
        changed[place] ^= 1;
        assert_eq!(sealed.open(&changed), Err(SealBroken), "byte {place}");
    }
}

#[test]
fn a_content_that_is_cut_off_or_goes_on_is_broken() {
    let sealed = Sealed::new();
    let ends = [0, 1, HEAD - 1, HEAD, HEAD + 1, HEAD + TAG, HEAD + CHUNK, HEAD + CHUNK + TAG, HEAD + 2 * (CHUNK + TAG)];
    for end in ends.into_iter().chain([sealed.bytes.len() - 1]) {
        assert_eq!(sealed.open(&sealed.bytes[..end]), Err(SealBroken), "{end} bytes");
    }
    let [_, first, _, third] = sealed.parts();
    for more in [&[0][..], third, first] {
        assert_eq!(sealed.open(&[&sealed.bytes, more].concat()), Err(SealBroken));
    }
}

#[test]
fn chunks_that_are_left_out_repeated_or_moved_break_it() {
    let sealed = Sealed::new();
    let [head, first, second, third] = sealed.parts();
    for parts in [
        [head, second, first, third].concat(),
        [head, first, third].concat(),
        [head, second, third].concat(),
        [head, first, first, second, third].concat(),
        [head, first, second, second, third].concat(),
        [head, third].concat(),
        [head, third, first, second].concat(),
    ] {
        assert_eq!(sealed.open(&parts), Err(SealBroken));
    }
    assert!(sealed.open(&[head, first, second, third].concat()).is_ok());
}

#[test]
fn a_sealed_content_is_of_one_blob_one_key_and_one_secret() {
    let sealed = Sealed::new();
    let Sealed { keyring, key, bytes } = &sealed;
    let open = |keyring: &SecretKeyring, key: &SealedDocumentKey, name| opened_by(keyring, (key, name), bytes, 4_096);
    assert!(open(keyring, key, name(7)).is_ok());
    assert_eq!(open(keyring, key, name(8)), Err(SealBroken), "another blob of the account");
    let moved = BlobName::of_document(AccountId::from_hex(&format!("{:024x}", 2)).unwrap(), name(7).id);
    assert_eq!(open(keyring, key, moved), Err(SealBroken), "the blob of another account");
    assert_eq!(open(keyring, &keyring.seal_document_key([6; 32]), name(7)), Err(SealBroken));
    let theirs = self::keyring(b"another secret of thirty-two byte");
    assert_eq!(open(&theirs, key, name(7)), Err(SealBroken), "the key is sealed under our secret");
}

#[test]
fn a_chunk_of_another_content_of_the_same_blob_does_not_fit() {
    let sealed = Sealed::new();
    let mut under_way = sealed.keyring.blob_sealer(&sealed.key, name(7), [8; 19]).unwrap();
    let mut other = under_way.seal(&content(2 * CHUNK + 100));
    other.append(&mut under_way.finish());
    let [head, first, second, third] = sealed.parts();
    let foreign = &other[HEAD..HEAD + CHUNK + TAG];
    assert_eq!(sealed.open(&[head, foreign, second, third].concat()), Err(SealBroken));
    assert_eq!(sealed.open(&[&other[..HEAD], first, second, third].concat()), Err(SealBroken));
}

#[test]
fn nothing_is_given_after_a_break() {
    let sealed = Sealed::new();
    let mut opener = sealed.keyring.blob_opener(&sealed.key, name(7)).unwrap();
    let mut changed = sealed.bytes.clone();
    changed[HEAD] ^= 1;
    assert_eq!(opener.open(&changed), Err(SealBroken));
    assert_eq!(opener.open(&sealed.bytes), Err(SealBroken));
    assert_eq!(opener.finish(), Err(SealBroken));
}

#[test]
fn what_is_no_sealed_key_opens_nothing() {
    let keyring = ours();
    for sealed in [Vec::new(), vec![1; 61], keyring.seal(b"of another size"), keyring.seal(&[0; 33])] {
        let key = SealedDocumentKey::from_stored(sealed);
        assert_eq!(keyring.blob_opener(&key, name(7)).err(), Some(SealBroken));
        assert_eq!(keyring.blob_sealer(&key, name(7), NONCE).err(), Some(SealBroken));
    }
}
