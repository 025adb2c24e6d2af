//! Blobs in a folder.

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;
use vestibule_conformance::BlobsFixture;
use vestibule_domain::{AccountId, BlobId, BlobName};
use vestibule_objects::{ObjectBlobs, ObjectsError};
use vestibule_ports::{BlobError, Blobs};

async fn fresh() -> BlobsFixture {
    let directory = tempfile::tempdir().unwrap();
    BlobsFixture::guarded(ObjectBlobs::folder(directory.path()).unwrap(), directory)
}

vestibule_conformance::blobs_suite!(fresh);

fn name(number: u8) -> BlobName {
    let account = AccountId::from_hex(&format!("{number:024x}")).unwrap();
    BlobName::of_document(account, BlobId::new([number; 16]))
}

async fn write(blobs: &ObjectBlobs, name: BlobName, content: &[u8]) {
    let mut writer = blobs.create(name).await.unwrap();
    writer.write(content.to_vec()).await.unwrap();
    writer.finish().await.unwrap();
}

/// Every file below a folder, with its path from there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn below(directory: &TempDir, name: &str) -> PathBuf {
    directory.path().canonicalize().unwrap().join(name)
}

#[tokio::test]
async fn a_folder_of_our_own_is_made_for_this_user_alone() {
    let directory = tempfile::tempdir().unwrap();
    let folder = below(&directory, "a/blobs");
    drop(ObjectBlobs::own_folder(&folder).unwrap());
    for path in [&folder, folder.parent().unwrap()] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
    }
    drop(ObjectBlobs::own_folder(&folder).unwrap());
    drop(ObjectBlobs::folder(&folder).unwrap());
}

#[tokio::test]
async fn another_folder_that_is_missing_is_told_and_not_made() {
    let directory = tempfile::tempdir().unwrap();
    let folder = below(&directory, "blobs");
    let refused = ObjectBlobs::folder(&folder);
    assert!(matches!(&refused, Err(ObjectsError::NoFolder(path)) if *path == folder));
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_or_is_none_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let file = below(&directory, "file");
    File::create(&file).unwrap();
    assert!(matches!(ObjectBlobs::own_folder(&file.join("blobs")), Err(ObjectsError::Folder(_))));
    assert!(matches!(ObjectBlobs::folder(&file), Err(ObjectsError::Folder(_))));
}

#[tokio::test]
async fn a_blob_is_a_file_of_its_name_and_an_upload_is_none() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = ObjectBlobs::folder(directory.path()).unwrap();
    let mut writer = blobs.create(name(1)).await.unwrap();
    writer.write(vec![7; 2_000_000]).await.unwrap();
    assert_eq!(files(directory.path()), [] as [PathBuf; 0], "an upload has no name");
    drop(writer);
    write(&blobs, name(1), b"content").await;
    write(&blobs, name(2), &vec![8; 2_000_000]).await;
    let expected = [1, 2].map(|number| directory.path().join(name(number).to_string()));
    assert_eq!(files(directory.path()), expected);
    assert_eq!(fs::read(&expected[0]).unwrap(), b"content");
}

#[tokio::test]
async fn the_folder_of_an_account_goes_with_its_last_blob() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = ObjectBlobs::folder(directory.path()).unwrap();
    write(&blobs, name(1), b"content").await;
    blobs.remove(name(1)).await.unwrap();
    assert!(!directory.path().join(name(1).to_string()).parent().unwrap().exists());
    write(&blobs, name(1), b"content").await;
}

#[tokio::test]
async fn what_a_killed_process_left_is_cleared_once_it_is_old() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = ObjectBlobs::folder(directory.path()).unwrap();
    write(&blobs, name(1), b"content").await;
    let blob = directory.path().join(name(1).to_string());
    let beside = |ending: &str| PathBuf::from(format!("{}{ending}", blob.display()));
    let now = fs::metadata(&blob).unwrap().modified().unwrap();
    let old = now - Duration::from_secs(3_601);
    for (ending, time) in [("#1", old), ("#27", old), ("#2", now), ("#x", old), ("#", old), (".bak", old)] {
        File::create(beside(ending)).unwrap().set_modified(time).unwrap();
    }
    File::options().write(true).open(&blob).unwrap().set_modified(old).unwrap();
    let found = blobs.scan().next(10).await.unwrap();
    assert_eq!(found.iter().map(|blob| blob.name).collect::<Vec<_>>(), [name(1)], "nothing else is a blob");
    let mut left = vec![blob.clone(), beside("#"), beside("#2"), beside("#x"), beside(".bak")];
    left.sort();
    assert_eq!(files(directory.path()), left);
}

#[tokio::test]
async fn files_of_others_are_neither_found_nor_touched() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = ObjectBlobs::folder(directory.path()).unwrap();
    for path in ["README", "dossiers/README", "dossiers/lost+found/1", "other/1#1"] {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap();
    }
    assert_eq!(blobs.scan().next(10).await.unwrap(), []);
    assert_eq!(files(directory.path()).len(), 4);
}

#[tokio::test]
async fn a_folder_that_is_gone_is_an_error_and_no_absence_of_blobs() {
    let directory = tempfile::tempdir().unwrap();
    let folder = below(&directory, "blobs");
    let blobs = ObjectBlobs::own_folder(&folder).unwrap();
    fs::remove_dir(&folder).unwrap();
    assert!(matches!(blobs.ping().await, Err(BlobError::Failed(_))));
    assert!(matches!(blobs.scan().next(10).await, Err(BlobError::Failed(_))));
    assert!(matches!(blobs.create(name(1)).await, Err(BlobError::Failed(_))));
}
