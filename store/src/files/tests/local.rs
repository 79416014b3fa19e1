//! What only a folder can do wrong.

use super::{FileError, FileSource, Given, NO_LIMIT, open};

#[tokio::test]
async fn a_place_that_is_a_file_is_a_wrong_setting() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("assets");
    std::fs::write(&file, "not a folder").unwrap();
    let store = open(&format!("file://{}", file.display()), &Default::default()).unwrap();

    for refused in [
        store.put(FileSource::from(vec![1]), NO_LIMIT).await.unwrap_err(),
        store.check().await.unwrap_err(),
    ] {
        assert!(matches!(refused, FileError::Settings(_)), "{refused:?}");
        assert!(refused.to_string().contains(&file.display().to_string()));
    }
}

/// The kernel lets nobody make a folder there, root included.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_place_that_cannot_be_written_to_says_so() {
    let store = open("file:///sys/gongbao-assets", &Default::default()).unwrap();

    let refused = store.check().await.unwrap_err();

    assert!(matches!(refused, FileError::ReadOnly { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_store_that_was_never_written_to_is_empty() {
    let given = Given::local();

    assert!(given.listed().await.is_empty());
    let later = "2026-03-01T12:00:00Z".parse().unwrap();
    assert_eq!(given.store.clean(later, std::time::Duration::ZERO).await.unwrap(), 0);
}

#[tokio::test]
async fn what_else_lies_in_the_folder_is_not_listed() {
    let given = Given::local();
    let digest = given.put("附件").await.digest;
    let beside = given.path(&digest);
    std::fs::write(beside.with_file_name("notes.txt"), "x").unwrap();
    std::fs::write(beside.with_file_name("Z".repeat(64)), "x").unwrap();
    std::fs::create_dir(given.folder.path().join("assets/lost+found")).unwrap();

    assert_eq!(given.listed().await, [digest]);
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_for_the_eyes_of_the_hub_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let given = Given::local();

    let digest = given.put("未公开的附件").await.digest;

    let mode = std::fs::metadata(given.path(&digest)).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}
