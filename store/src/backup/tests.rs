//! A backup of an older structure, restored by this program; and one whose files lie in S3.

use jiff::Timestamp;
use test_harness::{Engine as Database, TestDatabase};

use super::{BackupError, check, restore, take};
use crate::{
    Store,
    files::{FileSettings, FileStore, tests::Given},
};

fn files(database: &TestDatabase) -> std::sync::Arc<dyn FileStore> {
    let address = format!("file://{}", database.folder().join("assets").display());
    crate::files::open(&address, &FileSettings::default()).expect("a file store")
}

test_harness::on_both_databases! {
    async fn a_backup_of_an_older_structure_is_brought_up_to_date(database: TestDatabase) {
        const OLDER: i64 = 4;
        let store = Store::open_at(database.url(), OLDER).await.expect("the older structure");
        let person = match database.engine() {
            Database::Sqlite => "INSERT INTO person VALUES (randomblob(16), 'li', '李', 'person', 1, NULL)",
            Database::Postgres => "INSERT INTO person VALUES (gen_random_uuid(), 'li', '李', 'person', now(), NULL)",
        };
        database.execute(person).await.expect("a row");
        let file = database.folder().join("older.tar");
        let out = std::fs::File::create(&file).expect("a file");
        take(&store, &*files(&database), out, Timestamp::UNIX_EPOCH, &mut |_| {})
            .await
            .expect("it is backed up as it is");
        let input = std::fs::File::open(&file).expect("the file");
        let archive = check(input, &mut |_| {}).await.expect("it is whole");
        assert_eq!(archive.header.migration, OLDER);

        let empty = test_harness::database(database.engine()).expect("another database");
        restore(empty.url(), &archive, &*files(&empty), &mut |_| {}).await.expect("it is restored");

        let restored = Store::open(empty.url()).await.expect("it is brought up to date");
        assert!(restored.structure().await.expect("an answer").is_current());
        let mut session = restored.reader().await.expect("a reader");
        let sql = "SELECT name FROM person WHERE login = 'li'";
        let found = fetch_all!(session, (String,), sql).expect("an answer");
        assert_eq!(found, [("李".to_owned(),)]);
        let newer = test_harness::database(database.engine()).expect("a third database");
        Store::open(newer.url()).await.expect("the newest structure").close().await;
        let refused = restore(newer.url(), &archive, &*files(&newer), &mut |_| {}).await;
        assert!(matches!(refused, Err(BackupError::NewerDatabase { archive: OLDER })));
    }

    async fn files_come_from_a_bucket_and_go_into_another_place(database: TestDatabase) {
        let given = Given::s3().await;
        let kept = given.put("a file of some length").await;
        let empty = given.put("").await;
        let lost = given.put("lost").await;
        given.store.delete(&lost.digest).await.expect("it is lost");
        let store = Store::open(database.url()).await.expect("the structure");
        for stored in [kept, empty, lost] {
            let row = match database.engine() {
                Database::Sqlite => format!(
                    "INSERT INTO file (digest, size, created_at) VALUES (X'{}', {}, 1)", stored.digest.hex(), stored.size
                ),
                Database::Postgres => format!(
                    "INSERT INTO file (digest, size, created_at) VALUES ('\\x{}', {}, now())", stored.digest.hex(), stored.size
                ),
            };
            database.execute(&row).await.expect("a row");
        }
        let file = database.folder().join("bucket.tar");
        let out = std::fs::File::create(&file).expect("a file");

        let taken = take(&store, &*given.store, out, Timestamp::UNIX_EPOCH, &mut |_| {})
            .await
            .expect("it is backed up");

        assert_eq!((taken.files, taken.erased, taken.faulty), (2, 0, vec![lost.digest]));
        for other in [Given::s3().await, Given::local()] {
            let input = std::fs::File::open(&file).expect("the file");
            let archive = check(input, &mut |_| {}).await.expect("it is whole");
            let empty_one = test_harness::database(database.engine()).expect("another database");
            let restored = restore(empty_one.url(), &archive, &*other.store, &mut |_| {}).await;
            assert_eq!(restored.expect("it is restored").files, 2);
            let read = other.read(&kept.digest).await.expect("the file is there");
            assert_eq!(read, b"a file of some length");
            assert_eq!(other.read(&empty.digest).await.expect("the empty one too"), b"");
        }
    }
}
