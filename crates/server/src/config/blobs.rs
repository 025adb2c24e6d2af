//! Where document contents are stored.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use vestibule_objects::S3Options;

use super::{Database, Kept, Settings, keys, parse, value::Refusal};

/// The storage of blobs.
#[derive(Debug, Clone)]
pub enum BlobPlace {
    /// In memory, until the process ends.
    Memory,
    /// An existing folder.
    Folder(PathBuf),
    /// The folder beside the store's file, created on demand.
    Beside(PathBuf),
    /// A bucket.
    S3(S3Options),
    /// None: uploads are impossible.
    Nowhere,
}

/// A place as `VESTIBULE_BLOBS` names it.
enum Named {
    Memory,
    Folder(PathBuf),
    Bucket { bucket: String, prefix: String },
}

const FORMS: &str = "write `file:DIR`, `s3://BUCKET/PREFIX` or `memory:`";

pub(super) fn place(settings: &mut Settings, store: &Database, warnings: &mut Vec<String>) -> BlobPlace {
    let named = settings.parse(&keys::BLOBS, named);
    let bucket = matches!(named, Some(Named::Bucket { .. }));
    let access = access(settings, bucket, warnings);
    match named {
        Some(Named::Memory) => BlobPlace::Memory,
        Some(Named::Folder(folder)) => BlobPlace::Folder(folder),
        Some(Named::Bucket { bucket, prefix }) => {
            access.map_or(BlobPlace::Nowhere, |access| BlobPlace::S3(S3Options { bucket, prefix, ..access }))
        }
        None => match store.kept() {
            Kept::InMemory => BlobPlace::Memory,
            Kept::InFile(file) => BlobPlace::Beside(beside(file)),
            Kept::Shared => BlobPlace::Nowhere,
        },
    }
}

/// The folder of a SQLite file, named after the file, because another file in the same directory is another database.
fn beside(file: &Path) -> PathBuf {
    let mut folder = OsString::from(file);
    folder.push(".blobs");
    folder.into()
}

fn named(text: &str) -> Result<Named, Refusal> {
    match text.split_once(':') {
        Some(("memory", "")) => Ok(Named::Memory),
        Some(("file", path)) => {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.chars().any(char::is_control) {
                return Err(Refusal::new("the path of the folder is missing", "write `file:DIR`"));
            }
            Ok(Named::Folder(path.into()))
        }
        Some(("s3", rest)) => s3(rest.strip_prefix("//").unwrap_or_default()),
        Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Err(Refusal::new(format!("blobs cannot be kept at `{scheme}:`"), FORMS))
        }
        _ => Err(Refusal::new("not a place for blobs", FORMS)),
    }
}

fn s3(rest: &str) -> Result<Named, Refusal> {
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let is_name = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let prefix = prefix.trim_end_matches('/');
    let is_bucket = (3..=63).contains(&bucket.len()) && is_name(bucket);
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && is_name(part);
    if !is_bucket || !(prefix.is_empty() || prefix.split('/').all(is_part)) {
        let remedy = "write `s3://BUCKET/PREFIX`, with letters, digits, `-`, `_` and `.`";
        return Err(Refusal::new("not a bucket with a prefix", remedy));
    }
    Ok(Named::Bucket { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
}

/// The credentials of a bucket, valid only together with one.
fn access(settings: &mut Settings, is_needed: bool, warnings: &mut Vec<String>) -> Option<S3Options> {
    let of_bucket = [&keys::S3_ENDPOINT, &keys::S3_ACCESS_KEY_ID, &keys::S3_SECRET_ACCESS_KEY];
    for key in of_bucket {
        let is_given = settings.is_given(key);
        if is_given && !is_needed {
            let place = settings.origin(key).place(key.name);
            warnings.push(format!("{place} has no effect unless VESTIBULE_BLOBS is a bucket"));
        }
        if !is_given && is_needed && key.name != keys::S3_ENDPOINT.name {
            settings.refuse(key, "a bucket needs a key", format!("set {}", key.env[0]));
        }
    }
    let allow_http = settings.is_on(&keys::S3_ALLOW_HTTP);
    let endpoint = settings.parse(&keys::S3_ENDPOINT, |text| parse::bucket_endpoint(text, allow_http));
    Some(S3Options {
        bucket: String::new(),
        prefix: String::new(),
        allow_http: endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://")),
        endpoint,
        region: settings.parse(&keys::S3_REGION, parse::one_word)?,
        access_key_id: settings.parse(&keys::S3_ACCESS_KEY_ID, parse::one_word)?,
        secret_access_key: settings.text(&keys::S3_SECRET_ACCESS_KEY)?.into(),
    })
}
