//! What a file store promises, told once and held by both.

mod local;
mod s3;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use jiff::Timestamp;
use proptest::{prelude::*, test_runner::TestRunner};
use schema::{
    digest::Digest,
    ids::{PieceId, UploadId},
};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use uuid::Uuid;

use super::{
    FileError, FileSettings, FileSource, FileStore, ListedFile, RenditionName, S3Settings,
    StoredFile, open, pieces,
};
use test_harness::{ACCESS_KEY, BUCKET, ObjectStore as Server, SECRET_KEY};

const NO_LIMIT: u64 = u64::MAX;

/// A fresh, empty store.
pub(crate) struct Given {
    pub(crate) store: Arc<dyn FileStore>,
    folder: TempDir,
    server: Option<Server>,
}

impl Given {
    pub(crate) fn local() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}", folder.path().join("assets").display());
        Self { store: open(&url, &Default::default()).unwrap(), folder, server: None }
    }

    pub(crate) async fn s3() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(&folder.path().join("s3")).await;
        let settings = settings(&server, &folder.path().join("staging"));
        let store = open(&format!("s3://{BUCKET}/hub"), &settings).unwrap();
        Self { store, folder, server: Some(server) }
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("a store in S3")
    }

    pub(crate) async fn put(&self, text: &str) -> StoredFile {
        let body = FileSource::from(text.as_bytes().to_vec());
        self.store.put(body, NO_LIMIT).await.unwrap()
    }

    pub(crate) async fn read(&self, digest: &Digest) -> Result<Vec<u8>, FileError> {
        self.store.get(digest).await?.read_to_end().await
    }

    async fn listed(&self) -> Vec<Digest> {
        digests(&self.store.list(None, 1000).await.unwrap())
    }

    /// Where the bytes of a file lie.
    fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        match &self.server {
            None => self.folder.path().join("assets").join(&hex[..2]).join(&hex[2..4]).join(hex),
            Some(_) => {
                self.folder.path().join("s3").join(BUCKET).join("hub").join(&hex[..2]).join(hex)
            }
        }
    }

    /// Where bodies are written while they arrive.
    fn staging(&self) -> PathBuf {
        self.folder.path().join(if self.server.is_none() { "assets/incoming" } else { "staging" })
    }

    fn assert_nothing_is_staged(&self) {
        let left: Vec<_> = std::fs::read_dir(self.staging()).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// How a store reaches `server`.
fn settings(server: &Server, staging: &Path) -> FileSettings {
    FileSettings {
        staging: staging.to_owned(),
        s3: S3Settings {
            endpoint: Some(server.endpoint().to_owned()),
            access_key: Some(ACCESS_KEY.to_owned()),
            secret_key: Some(SECRET_KEY.to_owned().into()),
            path_style: true,
            ..S3Settings::default()
        },
    }
}

fn digests(files: &[ListedFile]) -> Vec<Digest> {
    files.iter().map(|file| file.digest).collect()
}

/// Writes a file that was last touched at `written`.
fn leftover(path: &Path, written: Timestamp) {
    let file = std::fs::File::create(path).unwrap();
    file.set_modified(SystemTime::from(written)).unwrap();
}

macro_rules! on_both_stores {
    ($(async fn $name:ident($given:ident: Given) $body:block)+) => {$(
        async fn $name($given: Given) $body

        mod $name {
            use super::Given;

            #[tokio::test]
            async fn local() {
                super::$name(Given::local()).await;
            }

            #[tokio::test]
            async fn s3() {
                super::$name(Given::s3().await).await;
            }
        }
    )+};
}

on_both_stores! {
    async fn a_file_is_read_back_as_it_was_handed_in(given: Given) {
        let on_disk = given.folder.path().join("notice.pdf");
        for length in [0, 1, 64 * 1024, 700_001] {
            let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            std::fs::write(&on_disk, &content).unwrap();
            let expected = StoredFile { digest: Digest::of(&content), size: content.len() as u64 };

            for source in [
                FileSource::from(content.clone()),
                FileSource::from(Bytes::from(content.clone())),
                FileSource::reader(io::Cursor::new(content.clone())),
                FileSource::from(on_disk.clone()),
            ] {
                assert_eq!(given.store.put(source, NO_LIMIT).await.unwrap(), expected);
            }

            assert_eq!(given.store.size(&expected.digest).await.unwrap(), Some(expected.size));
            let stream = given.store.get(&expected.digest).await.unwrap();
            assert_eq!((stream.size, stream.length()), (expected.size, expected.size));
            let mut read = Vec::new();
            stream.into_reader().read_to_end(&mut read).await.unwrap();
            assert!(read == content, "{length} bytes came back differently");
        }
        given.assert_nothing_is_staged();
    }

    async fn the_same_content_twice_is_stored_once(given: Given) {
        let first = given.put("关于2026年部分节假日安排的通知").await;
        let second = given.put("关于2026年部分节假日安排的通知").await;

        assert_eq!(first, second);
        assert_eq!(given.listed().await, [first.digest]);
    }

    async fn the_same_content_from_many_hands_at_once_is_one_file(given: Given) {
        let puts = (0..8).map(|_| given.put("同一份附件"));

        let stored = futures_util::future::join_all(puts).await;

        assert!(stored.iter().all(|file| *file == stored[0]));
        assert_eq!(given.read(&stored[0].digest).await.unwrap(), "同一份附件".as_bytes());
        assert_eq!(given.listed().await, [stored[0].digest]);
    }

    async fn a_file_over_the_limit_is_refused_and_nothing_is_kept(given: Given) {
        let body = || FileSource::reader(tokio::io::repeat(7).take(1000));

        let refused = given.store.put(body(), 999).await.unwrap_err();

        assert!(matches!(refused, FileError::TooLarge { limit: 999 }), "{refused}");
        assert!(given.listed().await.is_empty());
        given.assert_nothing_is_staged();
        assert_eq!(given.store.put(body(), 1000).await.unwrap().size, 1000);
    }

    async fn a_body_that_breaks_off_leaves_nothing(given: Given) {
        let broken = tokio_util::io::StreamReader::new(futures_util::stream::iter([
            Ok(Bytes::from_static(b"the beginning")),
            Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        ]));

        let failed = given.store.put(FileSource::reader(broken), NO_LIMIT).await.unwrap_err();

        assert!(matches!(failed, FileError::Source(_)), "{failed}");
        assert!(given.listed().await.is_empty());
        given.assert_nothing_is_staged();
    }

    async fn a_part_of_a_file_can_be_read(given: Given) {
        let digest = given.put("0123456789").await.digest;
        for (asked, expected) in [(0..1, "0"), (3..7, "3456"), (9..10, "9"), (5..5000, "56789")] {
            let part = given.store.get_range(&digest, asked.clone()).await.unwrap();

            assert_eq!((part.size, part.range.start), (10, asked.start));
            assert_eq!(part.length(), expected.len() as u64);
            assert_eq!(part.read_to_end().await.unwrap(), expected.as_bytes());
        }
        for outside in [10..11, 5000..6000, 4..4] {
            let refused = given.store.get_range(&digest, outside).await.unwrap_err();
            assert!(matches!(refused, FileError::OutOfRange { size: 10 }), "{refused}");
        }
    }

    async fn what_is_not_there_is_said_to_be_missing(given: Given) {
        given.put("另一份").await;
        let missing = Digest::of(b"never stored");

        let whole = given.store.get(&missing).await.unwrap_err();
        let part = given.store.get_range(&missing, 0..1).await.unwrap_err();
        let nothing = given.store.get_range(&missing, 1..1).await.unwrap_err();

        for error in [whole, part, nothing] {
            assert!(matches!(error, FileError::NotFound(digest) if digest == missing), "{error}");
        }
        assert_eq!(given.store.size(&missing).await.unwrap(), None);
        assert!(!given.store.delete(&missing).await.unwrap());
    }

    async fn a_deleted_file_is_gone_and_others_stay(given: Given) {
        let (gone, stays) = (given.put("撤回").await.digest, given.put("保留").await.digest);

        assert!(given.store.delete(&gone).await.unwrap());

        assert!(matches!(given.read(&gone).await.unwrap_err(), FileError::NotFound(_)));
        assert!(!given.path(&gone).exists());
        assert!(!given.store.delete(&gone).await.unwrap());
        assert_eq!(given.listed().await, [stays]);
    }

    async fn a_listing_is_ordered_and_goes_on_where_it_stopped(given: Given) {
        let mut expected = Vec::new();
        for number in 0..23 {
            expected.push(given.put(&format!("附件{number}")).await.digest);
        }
        expected.sort_unstable();
        assert!(given.store.list(None, 0).await.unwrap().is_empty());

        for limit in [1, 10, 23, 24] {
            let mut listed = Vec::new();
            loop {
                let page = given.store.list(listed.last().copied(), limit).await.unwrap();
                assert!(page.len() <= limit);
                listed.extend(digests(&page));
                if page.len() < limit {
                    break;
                }
            }
            assert_eq!(listed, expected, "in pages of {limit}");
        }
        // A place to go on from need not exist any more.
        given.store.delete(&expected[4]).await.unwrap();
        let page = given.store.list(Some(expected[4]), 1).await.unwrap();
        assert_eq!((page[0].digest, page[0].size > 0), (expected[5], true));
    }

    async fn a_file_that_was_changed_is_noticed_and_healed_by_storing_it_again(given: Given) {
        let text = "国务院办公厅关于印发《政府网站发展指引》的通知".repeat(9000);
        let digest = given.put(&text).await.digest;
        for changed in [text.replacen('国', "固", 1), text[3..].to_owned(), format!("{text}！"), String::new()] {
            std::fs::write(given.path(&digest), &changed).unwrap();

            let mut seen = Vec::new();
            let reader = given.store.get(&digest).await.unwrap().into_reader();
            let failed = Box::pin(reader).read_to_end(&mut seen).await.unwrap_err();

            assert!(failed.to_string().contains(&digest.hex()), "{failed}");
            assert!(seen.is_empty() || seen.len() < changed.len(), "it looked complete");
            given.put(&text).await;
            assert_eq!(given.read(&digest).await.unwrap(), text.as_bytes());
        }
    }

    async fn only_old_leftovers_are_cleaned(given: Given) {
        let stored = given.put("完整的文件").await.digest;
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let day = Duration::from_secs(24 * 60 * 60);
        let staged = |name: &str| given.staging().join(name);
        leftover(&staged("incoming-crashed"), now - 2 * day);
        leftover(&staged("incoming-under-way"), now - day / 2);
        leftover(&staged("of-somebody-else"), now - 2 * day);

        assert_eq!(given.store.clean(now, day).await.unwrap(), 1);

        assert!(!staged("incoming-crashed").exists());
        assert!(staged("incoming-under-way").exists());
        assert!(staged("of-somebody-else").exists());
        assert_eq!(given.listed().await, [stored]);
    }

    async fn renditions_lie_beside_their_file_and_go_with_it(given: Given) {
        let name = |name: &str| RenditionName::new(name).unwrap();
        let (small, large) = (name("r1-w160-h-.webp"), name("r1-w800-h-.webp"));
        let (file, other) = (given.put("图").await.digest, given.put("另一张").await.digest);
        assert!(given.store.rendition(&file, &small).await.unwrap().is_none());
        for (digest, name, bytes) in [(file, &small, "小"), (file, &large, "大"), (other, &small, "别")] {
            given.store.put_rendition(&digest, name, Bytes::from(bytes)).await.unwrap();
        }
        given.store.put_rendition(&file, &small, Bytes::from("更小")).await.unwrap();

        let kept = given.store.rendition(&file, &small).await.unwrap().expect("it is there");
        assert_eq!((kept.size, kept.read_to_end().await.unwrap()), (6, "更小".as_bytes().to_vec()));
        let mut both = vec![file, other];
        both.sort_unstable();
        assert_eq!(given.listed().await, both, "a rendition is no file");
        assert_eq!(given.store.rendered(None, 10).await.unwrap(), both);
        assert_eq!(given.store.rendered(None, 1).await.unwrap(), both[..1]);
        assert_eq!(given.store.rendered(Some(both[0]), 10).await.unwrap(), both[1..]);
        given.store.delete(&file).await.unwrap();
        for name in [&small, &large] {
            assert!(given.store.rendition(&file, name).await.unwrap().is_none());
        }
        assert_eq!(given.store.rendered(None, 10).await.unwrap(), [other]);
        assert_eq!(given.store.delete_renditions(&other).await.unwrap(), 1);
        assert_eq!(given.store.delete_renditions(&other).await.unwrap(), 0);
        assert_eq!(given.listed().await, [other], "the file stays");
        given.assert_nothing_is_staged();
    }

    async fn pieces_lie_beside_the_files_until_they_are_one(given: Given) {
        let upload = |number: u128| UploadId::from(Uuid::from_u128(number));
        let piece = |number: u128| PieceId::from(Uuid::from_u128(number));
        let stored = given.put("完整的文件").await.digest;
        for (of, name, bytes) in [(1, 1, "甲乙"), (1, 2, "丙"), (2, 1, "别的")] {
            given.store.put_piece(upload(of), piece(name), Bytes::from(bytes)).await.unwrap();
        }
        given.store.put_piece(upload(1), piece(3), Bytes::from("弃")).await.unwrap();
        given.store.drop_piece(upload(1), piece(3)).await.unwrap();
        given.store.drop_piece(upload(1), piece(3)).await.unwrap();
        assert!(given.store.piece(upload(1), piece(3)).await.unwrap().is_none());

        let joined = |second: u64| {
            let pieces = vec![(piece(1), 6), (piece(2), second)];
            pieces::joined(Arc::clone(&given.store), upload(1), pieces)
        };
        let whole = given.store.put(joined(3), NO_LIMIT).await.unwrap();
        assert_eq!(given.read(&whole.digest).await.unwrap(), "甲乙丙".as_bytes());
        let short = given.store.put(joined(4), NO_LIMIT).await.unwrap_err();
        assert!(matches!(short, FileError::Source(_)), "{short}");

        let mut files = vec![stored, whole.digest];
        files.sort_unstable();
        assert_eq!(given.listed().await, files, "a piece is no file");
        assert_eq!(given.store.drop_pieces(upload(1)).await.unwrap(), 2);
        assert_eq!(given.store.drop_pieces(upload(1)).await.unwrap(), 0);
        #[expect(clippy::disallowed_methods, reason = "the file system says by its own clock how old a piece is")]
        let now = Timestamp::now();
        assert_eq!(given.store.clean(now, Duration::ZERO).await.unwrap(), 0);
        assert!(given.store.piece(upload(2), piece(1)).await.unwrap().is_some());
        let later = now + 2 * pieces::FORGOTTEN;
        assert_eq!(given.store.forget_pieces(later).await.unwrap(), 1);
        assert!(given.store.piece(upload(2), piece(1)).await.unwrap().is_none());
        assert_eq!(given.listed().await, files);
        given.assert_nothing_is_staged();
    }

    async fn what_was_staged_is_kept_or_gone(given: Given) {
        let staged = given.store.stage(FileSource::from(b"a".to_vec()), 1).await.unwrap();
        assert_eq!(std::fs::read(staged.path()).unwrap(), b"a");
        let digest = staged.arrived().digest;
        drop(staged);
        given.assert_nothing_is_staged();
        assert_eq!(given.store.size(&digest).await.unwrap(), None);

        let staged = given.store.stage(FileSource::from(b"a".to_vec()), 1).await.unwrap();
        assert_eq!(given.store.keep(staged).await.unwrap().digest, digest);
        assert_eq!(given.read(&digest).await.unwrap(), b"a");
    }

    async fn a_check_leaves_nothing_behind(given: Given) {
        given.store.check().await.unwrap();

        assert!(given.listed().await.is_empty());
        given.assert_nothing_is_staged();
        let objects = given.folder.path().join("s3").join(BUCKET).join("hub/check");
        assert!(std::fs::read_dir(objects).map_or(0, Iterator::count) == 0);
    }
}

#[test]
fn every_part_of_every_file_is_what_a_slice_would_be() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let given = Given::local();
    let strategy = (proptest::collection::vec(any::<u8>(), 0..300), 0..400_u64, 0..400_u64);
    let cases = proptest::test_runner::Config::with_cases(64);
    TestRunner::new(cases)
        .run(&strategy, |(content, start, end)| {
            runtime.block_on(async {
                let stored = given.store.put(content.clone().into(), NO_LIMIT).await.unwrap();
                let expected = content.get(start as usize..content.len().min(end as usize));
                match given.store.get_range(&stored.digest, start..end).await {
                    Ok(part) => {
                        let read = part.read_to_end().await.unwrap();
                        assert_eq!(Some(read.as_slice()), expected);
                    }
                    Err(refused) => {
                        assert!(matches!(refused, FileError::OutOfRange { .. }));
                        assert!(expected.is_none_or(<[u8]>::is_empty));
                    }
                }
            });
            Ok(())
        })
        .unwrap();
}
