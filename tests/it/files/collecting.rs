//! Files that nothing uses are taken back, after a time of grace and never sooner.

use std::time::Duration;

use editorial::{Error, documents, files, maintenance};
use schema::{digest::Digest, permission::Role};
use serde_json::json;

use super::{House, house, house_on_objects};
use crate::house::{article, now, text};

const GRACE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl House {
    /// Looks at every file once, then destroys what was taken back.
    async fn collect(&self) -> u64 {
        let (mut collected, mut after) = (0, None);
        loop {
            let round =
                maintenance::collect_unused_files(&self.desk, &self.administrator, GRACE, after);
            let round = round.await.expect("it is collected");
            collected += round.collected;
            after = round.next;
            if after.is_none() {
                self.purge().await;
                return collected;
            }
        }
    }

    async fn has(&self, digest: Digest) -> bool {
        self.files.size(&digest).await.expect("an answer").is_some()
    }

    async fn draft_with(&self, title: &str, digest: Digest, size: u64) -> documents::SavedDraft {
        let mut new = article(title);
        new.text.fields.insert(
            "files".into(),
            json!([{
                "digest": digest, "name": "a.txt", "mediaType": "text/plain", "size": size,
            }]),
        );
        self.create(new).await.expect("it is saved")
    }
}

async fn unused_files_go(house: House) {
    let unused = house.take_in("无人使用".as_bytes()).await;
    let drafted = house.take_in("草稿".as_bytes()).await;
    let discarded = house.take_in("弃稿".as_bytes()).await;
    let replaced = house.take_in("旧文".as_bytes()).await;
    let recalled = house.take_in("召回".as_bytes()).await;
    house.draft_with("草稿", drafted.digest, drafted.size).await;
    let of_discarded = house.draft_with("弃稿", discarded.digest, discarded.size).await;
    let of_replaced = house.draft_with("旧文", replaced.digest, replaced.size).await;
    let of_replaced = house.make_public(&of_replaced).await.document;
    house.correct(&of_replaced, text("新文")).await;
    let of_recalled = house.draft_with("召回", recalled.digest, recalled.size).await;
    let of_recalled = house.make_public(&of_recalled).await.document;
    house.recall(&of_recalled).await;

    house.clock.set("2026-03-03T00:00:00Z");
    assert_eq!(house.collect().await, 0, "the first look marks");
    house.clock.set("2026-03-20T00:00:00Z");
    let target = now(&of_discarded.document);
    house
        .act(async |work| documents::discard_draft(&house.desk, work, target).await)
        .await
        .expect("it is discarded");
    assert_eq!(house.collect().await, 0);
    house.clock.set("2026-04-01T00:00:00Z");
    assert_eq!(house.collect().await, 0, "a day before its time");
    assert!(house.has(unused.digest).await);
    house.clock.set("2026-04-03T00:00:00Z");
    assert_eq!(house.collect().await, 1);
    assert!(!house.has(unused.digest).await);
    house.clock.set("2026-04-20T00:00:00Z");
    assert_eq!(house.collect().await, 1, "from when it stopped being used");
    assert!(!house.has(discarded.digest).await);
    house.clock.set("2027-04-20T00:00:00Z");
    assert_eq!(house.collect().await, 0);
    for kept in [drafted, replaced, recalled] {
        assert!(house.has(kept.digest).await, "an edition that is kept uses it");
    }
    assert_eq!(house.findings().await, []);
}

async fn who_comes_in_time_keeps_it(house: House) {
    let sent_again = house.take_in("又来".as_bytes()).await;
    let used = house.take_in("终于用上".as_bytes()).await;
    house.collect().await;
    house.clock.set("2026-04-01T00:00:00Z");
    house.take_in("又来".as_bytes()).await;
    house.draft_with("甲", used.digest, used.size).await;

    house.clock.set("2026-04-10T00:00:00Z");
    assert_eq!(house.collect().await, 0);
    assert!(house.has(sent_again.digest).await && house.has(used.digest).await);
    house.clock.set("2026-05-20T00:00:00Z");
    assert_eq!(house.collect().await, 1);
    assert!(!house.has(sent_again.digest).await && house.has(used.digest).await);

    // And what was collected can come once more.
    let again = house.take_in("又来".as_bytes()).await;
    house.draft_with("乙", again.digest, again.size).await;
    assert_eq!(house.findings().await, []);
}

async fn nothing_comes_back_while_it_is_destroyed(house: House) {
    let taken = house.take_in("去而复返".as_bytes()).await;
    let round = async || {
        maintenance::collect_unused_files(&house.desk, &house.administrator, GRACE, None)
            .await
            .expect("it is collected")
            .collected
    };
    assert_eq!(round().await, 0);
    house.clock.set("2026-05-01T00:00:00Z");
    assert_eq!(round().await, 1, "its bytes are still there");

    let noted = house.desk.work(&house.administrator, async |work| files::note(work, &taken).await);
    assert!(matches!(noted.await, Err(Error::Store(store::Error::Again))));
    house.purge().await;
    assert!(matches!(
        files::is_kept(&*house.files, &taken).await,
        Err(Error::Store(store::Error::Again))
    ));
    let again = house.take_in("去而复返".as_bytes()).await;
    files::is_kept(&*house.files, &again).await.expect("it is there");
}

async fn strays_go(house: House) {
    let kept = house.take_in(&super::photograph()).await;
    let stray = house.files.put(b"nobody noted it".to_vec().into(), 100).await.expect("stored");
    let name = store::files::RenditionName::new("r1-w160-h-.webp").expect("a name");
    for digest in [kept.digest, Digest::of(b"gone")] {
        house.files.put_rendition(&digest, &name, b"small".to_vec().into()).await.expect("kept");
    }
    let sweep = async || {
        let strays =
            maintenance::collect_strays(&house.desk, &house.administrator, &*house.files, GRACE);
        let strays = strays.await.expect("it is swept");
        house.purge().await;
        strays
    };

    assert_eq!(sweep().await, 1, "a rendition of nothing; the file may still be noted");
    assert!(house.has(stray.digest).await);
    assert_eq!(house.files.rendered(None, 10).await.expect("a list"), [kept.digest]);
    house.clock.set("2126-01-01T00:00:00Z");
    assert_eq!(sweep().await, 1);
    assert!(!house.has(stray.digest).await && house.has(kept.digest).await);
    assert_eq!(sweep().await, 0);
}

test_harness::on_both_databases! {
    with house;

    async fn unused_files_of_a_folder_go(house: House) {
        unused_files_go(house).await;
    }

    async fn who_comes_in_time_keeps_a_file_of_a_folder(house: House) {
        who_comes_in_time_keeps_it(house).await;
    }

    async fn strays_of_a_folder_go(house: House) {
        strays_go(house).await;
    }

    async fn nothing_comes_back_to_a_folder_while_it_is_destroyed(house: House) {
        nothing_comes_back_while_it_is_destroyed(house).await;
    }

    async fn only_operators_collect(house: House) {
        let editor = house.on_site(Role::Editor, "lanqiao", 7).await;

        let refused = maintenance::collect_unused_files(&house.desk, &editor, GRACE, None).await;

        assert!(matches!(refused, Err(editorial::Error::Refused(_))), "{refused:?}");
    }
}

test_harness::on_both_databases! {
    with house_on_objects;

    async fn unused_files_of_an_object_store_go(house: House) {
        unused_files_go(house).await;
    }

    async fn who_comes_in_time_keeps_a_file_of_an_object_store(house: House) {
        who_comes_in_time_keeps_it(house).await;
    }

    async fn strays_of_an_object_store_go(house: House) {
        strays_go(house).await;
    }
}
