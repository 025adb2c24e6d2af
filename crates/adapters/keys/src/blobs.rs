//! The sealed contents of blobs: STREAM over XChaCha20-Poly1305.
//!
//! A version byte, 19 bytes of nonce, then the content in chunks of 64 KiB, each with a tag of 16 bytes; the last chunk may
//! be shorter and is marked as the last in its nonce. The number of a chunk is in its nonce too. So a chunk that was
//! changed, dropped, repeated or moved does not open, and neither does a content that was truncated or extended. The name
//! of the blob is authenticated with every chunk.
//!
//! Nonces are random, of 152 bits, so no two under one key collide.

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use vestibule_domain::BlobName;
use vestibule_ports::{BlobOpener, BlobSealer, SealBroken};

/// The first byte: tells how to open the rest, once there is a second format.
const VERSION: u8 = 1;
const NONCE: usize = 19;
const HEAD: usize = 1 + NONCE;
const TAG: usize = 16;
const CHUNK: usize = 64 * 1_024;

/// The opened document key of a dossier.
pub(crate) struct DocumentKey(XChaCha20Poly1305);

impl DocumentKey {
    pub(crate) const BYTES: usize = 32;

    pub(crate) fn new(key: [u8; Self::BYTES]) -> Self {
        Self(XChaCha20Poly1305::new(&key.into()))
    }
}

/// The data authenticated with each chunk.
fn bound_to(blob: BlobName) -> Vec<u8> {
    let mut bound = vec![VERSION];
    bound.extend_from_slice(blob.to_string().as_bytes());
    bound
}

pub(crate) struct Sealer {
    stream: EncryptorBE32<XChaCha20Poly1305>,
    bound: Vec<u8>,
    /// The head, until it was returned.
    head: Vec<u8>,
    /// At most a chunk: only the bytes after it show whether it is the last.
    waiting: Vec<u8>,
}

impl Sealer {
    pub(crate) fn new(DocumentKey(key): DocumentKey, blob: BlobName, nonce: [u8; NONCE]) -> Self {
        let mut head = vec![VERSION];
        head.extend_from_slice(&nonce);
        let stream = EncryptorBE32::from_aead(key, &nonce.into());
        Self { stream, bound: bound_to(blob), head, waiting: Vec::new() }
    }
}

impl BlobSealer for Sealer {
    #[expect(clippy::expect_used, reason = "fails only beyond 2^32 chunks, 256 TiB")]
    fn seal(&mut self, mut piece: &[u8]) -> Vec<u8> {
        let mut sealed = std::mem::take(&mut self.head);
        while self.waiting.len() + piece.len() > CHUNK {
            let (now, later) = piece.split_at(CHUNK - self.waiting.len());
            self.waiting.extend_from_slice(now);
            self.stream.encrypt_next_in_place(&self.bound, &mut self.waiting).expect("there are few chunks");
            sealed.append(&mut self.waiting);
            piece = later;
        }
        self.waiting.extend_from_slice(piece);
        sealed
    }

    #[expect(clippy::expect_used, reason = "a chunk is short")]
    fn finish(mut self: Box<Self>) -> Vec<u8> {
        let mut sealed = std::mem::take(&mut self.head);
        let Self { stream, bound, mut waiting, .. } = *self;
        stream.encrypt_last_in_place(&bound, &mut waiting).expect("a chunk is short");
        sealed.append(&mut waiting);
        sealed
    }
}

pub(crate) struct Opener {
    state: State,
    bound: Vec<u8>,
    /// At most a sealed chunk, or a part of the head.
    waiting: Vec<u8>,
}

enum State {
    /// The head is not yet complete.
    Beginning(DocumentKey),
    Open(DecryptorBE32<XChaCha20Poly1305>),
    Broken,
}

impl Opener {
    pub(crate) fn new(key: DocumentKey, blob: BlobName) -> Self {
        Self { state: State::Beginning(key), bound: bound_to(blob), waiting: Vec::new() }
    }

    /// Reads the head once it is complete.
    fn begin(&mut self) -> Result<(), SealBroken> {
        match std::mem::replace(&mut self.state, State::Broken) {
            State::Beginning(key) if self.waiting.len() < HEAD => self.state = State::Beginning(key),
            State::Beginning(DocumentKey(key)) => {
                let rest = self.waiting.split_off(HEAD);
                let head = std::mem::replace(&mut self.waiting, rest);
                let nonce: [u8; NONCE] = match head.split_first() {
                    Some((&VERSION, nonce)) => nonce.try_into().map_err(|_| SealBroken)?,
                    _ => return Err(SealBroken),
                };
                self.state = State::Open(DecryptorBE32::from_aead(key, &nonce.into()));
            }
            other => self.state = other,
        }
        Ok(())
    }

    fn next_chunk(&mut self) -> Result<Vec<u8>, SealBroken> {
        let State::Open(stream) = &mut self.state else { return Err(SealBroken) };
        let rest = self.waiting.split_off(CHUNK + TAG);
        let mut chunk = std::mem::replace(&mut self.waiting, rest);
        let opened = stream.decrypt_next_in_place(&self.bound, &mut chunk);
        if opened.is_err() {
            self.state = State::Broken;
        }
        opened.map(|()| chunk).map_err(|_| SealBroken)
    }
}

impl BlobOpener for Opener {
    fn open(&mut self, piece: &[u8]) -> Result<Vec<u8>, SealBroken> {
        let mut opened = Vec::new();
        // Piece by piece, so that at most one chunk waits, however large the piece is.
        for part in piece.chunks(CHUNK) {
            self.waiting.extend_from_slice(part);
            self.begin()?;
            match self.state {
                State::Broken => return Err(SealBroken),
                State::Beginning(_) => {}
                State::Open(_) => {
                    while self.waiting.len() > CHUNK + TAG {
                        opened.append(&mut self.next_chunk()?);
                    }
                }
            }
        }
        Ok(opened)
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, SealBroken> {
        let Self { state: State::Open(stream), bound, mut waiting } = *self else { return Err(SealBroken) };
        stream.decrypt_last_in_place(&bound, &mut waiting).map_err(|_| SealBroken)?;
        Ok(waiting)
    }
}
