//! The row by which the secret is known.

rows! {
    /// The row of the fingerprint.
    pub struct StoredFingerprint {
        pub digest: Vec<u8>,
    }
}
