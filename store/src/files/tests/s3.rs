//! What only a service can do wrong, and long files.

use std::{sync::Arc, time::Duration};

use schema::digest::Digest;

use super::{BUCKET, FileError, FileSource, Given, NO_LIMIT, SECRET_KEY, open, settings};
use crate::files::{Encryption, FileSettings, S3Settings, s3::S3Files};

const MIB: u64 = 1024 * 1024;

impl Given {
    /// A store that divides what is longer than 5 MiB.
    async fn s3_in_parts() -> Self {
        let given = Self::s3().await;
        let settings = settings(given.server(), &given.staging());
        let store = S3Files::new(BUCKET.into(), "hub".into(), &settings).unwrap();
        Self { store: Arc::new(store.with_parts(5 * MIB, 5 * MIB)), ..given }
    }
}

fn long_file() -> Vec<u8> {
    (0..11 * MIB).map(|at| (at % 253) as u8).collect()
}

#[tokio::test]
async fn a_long_file_travels_in_parts() {
    let given = Given::s3_in_parts().await;

    let stored = given.store.put(long_file().into(), NO_LIMIT).await.unwrap();

    assert_eq!(given.server().with(|seen| (seen.parts, seen.uploads.len())), (3, 0));
    assert!(given.read(&stored.digest).await.unwrap() == long_file());
}

#[tokio::test]
async fn an_upload_that_fails_half_way_is_aborted() {
    let given = Given::s3_in_parts().await;
    given.server().with(|behaviour| behaviour.refused_part = Some(2));

    let failed = given.store.put(long_file().into(), NO_LIMIT).await.unwrap_err();

    assert!(matches!(&failed, FileError::Unavailable { reason, .. } if reason.contains("refused")));
    assert_eq!(given.server().with(|seen| (seen.parts, seen.uploads.len())), (1, 0));
    assert_eq!(given.store.size(&Digest::of(&long_file())).await.unwrap(), None);
    given.assert_nothing_is_staged();
}

#[tokio::test]
async fn an_upload_that_a_crash_left_is_aborted_by_age() {
    let given = Given::s3_in_parts().await;
    given.server().with(|behaviour| {
        behaviour.refused_part = Some(3);
        behaviour.refuse_abort = true;
    });
    given.store.put(long_file().into(), NO_LIMIT).await.unwrap_err();
    given.server().with(|behaviour| behaviour.refuse_abort = false);
    let day = Duration::from_secs(24 * 60 * 60);
    let clean = async |now: &str| given.store.clean(now.parse().unwrap(), day).await.unwrap();

    // The service says that it began with the year 2020.
    assert_eq!(clean("2020-01-01T12:00:00Z").await, 0);
    assert_eq!(given.server().with(|seen| seen.uploads.len()), 1);
    assert_eq!(clean("2020-01-02T12:00:00Z").await, 1);
    assert_eq!(given.server().with(|seen| seen.uploads.len()), 0);
}

#[tokio::test]
async fn a_deletion_takes_every_version_from_a_versioned_bucket() {
    let given = Given::s3().await;
    given.server().with(|behaviour| behaviour.versioned = true);
    let erased = given.put("抹除").await.digest;
    given.put("抹除").await;
    let stays = given.put("保留").await.digest;

    assert!(given.store.delete(&erased).await.unwrap());

    let kept = given.server().with(|seen| seen.versions.clone());
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(kept[0].0.ends_with(&stays.hex()));
}

#[tokio::test]
async fn versions_left_by_a_deletion_that_failed_half_way_are_taken_later() {
    let given = Given::s3().await;
    let digest = given.put("抹除").await.digest;
    let key = format!("hub/{}/{}", &digest.hex()[..2], digest.hex());
    std::fs::remove_file(given.path(&digest)).unwrap();
    given.server().with(|behaviour| {
        behaviour.versioned = true;
        behaviour.versions = vec![(key, "version-0".into())];
    });

    assert!(given.store.delete(&digest).await.unwrap());

    assert!(given.server().with(|seen| seen.versions.is_empty()));
}

#[tokio::test]
async fn encryption_at_rest_is_asked_for() {
    let given = Given::s3().await;
    for (asked, header) in [
        (None, None),
        (Some(Encryption::Aes256), Some("AES256")),
        (Some(Encryption::Kms("alias/hub".into())), Some("aws:kms")),
    ] {
        let mut settings = settings(given.server(), &given.staging());
        settings.s3.encryption = asked;
        let store = open(&format!("s3://{BUCKET}"), &settings).unwrap();

        store.put(FileSource::from(vec![1]), NO_LIMIT).await.unwrap();

        let seen = given.server().with(|seen| seen.encryption.clone());
        assert_eq!(seen.as_deref(), header);
    }
}

#[tokio::test]
async fn prefixes_of_one_bucket_do_not_see_each_other() {
    let given = Given::s3().await;
    let digest = given.put("公报").await.digest;
    let settings = settings(given.server(), &given.staging());
    let other = open(&format!("s3://{BUCKET}/hub/other"), &settings).unwrap();
    let whole = open(&format!("s3://{BUCKET}"), &settings).unwrap();

    assert_eq!(other.size(&digest).await.unwrap(), None);
    assert!(whole.list(None, 10).await.unwrap().is_empty());
    other.put(FileSource::from(vec![1]), NO_LIMIT).await.unwrap();
    assert_eq!(given.listed().await, [digest]);
}

#[tokio::test]
async fn a_refusal_names_the_bucket_and_never_the_secret() {
    let given = Given::s3().await;
    let right = settings(given.server(), &given.staging());
    let mut wrong = right.clone();
    wrong.s3.secret_key = Some(format!("not {SECRET_KEY}").into());
    let missing = Digest::of(b"missing");

    let stranger = open(&format!("s3://{BUCKET}"), &wrong).unwrap();
    let nowhere = open("s3://no-such-bucket", &right).unwrap();
    for (refused, place) in [
        (stranger.check().await.unwrap_err(), BUCKET),
        (stranger.get(&missing).await.unwrap_err(), BUCKET),
        (stranger.size(&missing).await.unwrap_err(), BUCKET),
        (stranger.delete(&missing).await.unwrap_err(), BUCKET),
        (nowhere.list(None, 1).await.unwrap_err(), "no-such-bucket"),
    ] {
        assert!(matches!(refused, FileError::Refused { .. }), "{refused:?}");
        let said = format!("{refused} {refused:?} {stranger:?} {nowhere:?}");
        assert!(said.contains(place) && !said.contains(SECRET_KEY), "{said}");
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_unavailable() {
    let given = Given::s3().await;
    let settings = settings(given.server(), &given.staging());
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = FileSettings {
        s3: S3Settings { endpoint: Some(format!("http://{unused}")), ..settings.s3 },
        ..settings
    };
    let store = open("s3://gazette", &settings).unwrap();

    let failed = store.check().await.unwrap_err();

    assert!(matches!(failed, FileError::Unavailable { .. }), "{failed:?}");
    given.assert_nothing_is_staged();
}

#[test]
fn settings_that_are_missing_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let _runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut settings = FileSettings { staging: folder.path().into(), ..FileSettings::default() };
    for (name, set) in [
        ("access_key", (|s3| s3.access_key = Some("hub".into())) as fn(&mut S3Settings)),
        ("secret_key", |s3| {
            s3.secret_key = Some("secret".to_owned().into());
        }),
        ("region", |s3| s3.region = Some("cn-north-1".into())),
    ] {
        let refused = open("s3://gazette", &settings).unwrap_err();
        assert!(refused.to_string().contains(name), "{refused}");
        set(&mut settings.s3);
    }
    open("s3://gazette", &settings).unwrap();
}
