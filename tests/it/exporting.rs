//! Export and import again: another hub holds the same editions with the same digests.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use editorial::{
    arrange::{
        manifest::{self, Manifest},
        rearrange,
    },
    documents::{self, DraftText, NewDocument, PlaceElsewhere, Publish, Target},
    exchange::{
        self, Exported, Sink,
        import::{Request, Status, Summary},
    },
};
use jiff::Timestamp;
use schema::{
    content_type::OldTexts,
    digest::Digest,
    edition::{Importance, Place, Source},
    gate::Way,
    message::Bilingual,
    viewer::Viewer,
    visibility::{Notice, Removal, Visibility},
};
use serde_json::json;
use store::{columns, past};

use crate::{
    house::{House, article, house, locale, now, placed, publication, text, told},
    importing::{all_documents, import, request},
};

/// A folder as the command line writes it.
struct Folder {
    root: PathBuf,
    lines: File,
}

impl Folder {
    fn create(root: &Path) -> Self {
        fs::create_dir_all(root.join(exchange::FILES)).expect("a folder");
        let lines = File::create(root.join(exchange::RECORDS)).expect("a file");
        Self { root: root.to_owned(), lines }
    }
}

impl Sink for Folder {
    fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.lines, "{line}")
    }

    fn takes_files(&self) -> bool {
        true
    }

    fn file(&mut self, name: &str, text: &[u8]) -> io::Result<()> {
        fs::write(self.root.join(name), text)
    }

    fn asset(&mut self, name: &str) -> io::Result<Option<Box<dyn Write + Send>>> {
        let file = File::create(self.root.join(exchange::FILES).join(name))?;
        Ok(Some(Box::new(file)))
    }

    fn asset_done(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn progress(&mut self, _: u64) {}
}

async fn export(house: &House, name: &str) -> (PathBuf, Exported) {
    let root = house.folder().join(name);
    let site = "lanqiao".parse().expect("a site key");
    let mut folder = Folder::create(&root);
    let exported =
        exchange::export(&house.desk, &house.files, &house.administrator, &site, &mut folder)
            .await
            .expect("the site is exported");
    (root, exported)
}

/// Another hub, with the tree of the export.
async fn other_house(first: &House, export: &Path) -> House {
    let other = house(first.database.engine()).await.expect("another database");
    let tree = fs::read_to_string(export.join(exchange::TREE)).expect("the tree");
    let tree = Manifest::parse(&tree).expect("gongbao site apply takes it");
    other
        .act(async |work| manifest::apply(&other.desk, work, &tree).await)
        .await
        .expect("the tree is set up");
    other
}

async fn restore(house: &House, export: &Path) -> Summary {
    let request = Request { site: None, column: None, r#type: None, ..request(export) };
    let (summary, reports) = import(house, request).await;
    let wrong: Vec<_> = reports.iter().filter(|r| r.status == Status::Rejected).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    summary
}

/// What must be the same on both hubs, by content id and language.
#[derive(Debug, PartialEq)]
struct Held {
    visibility: Visibility,
    notice: Option<Notice>,
    main_locale: bool,
    editions: Vec<HeldEdition>,
    draft: Option<Digest>,
    listed_since: Option<Timestamp>,
}

#[derive(Debug, PartialEq)]
struct HeldEdition {
    digest: Digest,
    content_digest: Digest,
    place: Place,
    importance: Importance,
    old_text: OldTexts,
}

async fn held(house: &House) -> BTreeMap<(String, String), Held> {
    let viewer = Viewer::Known(house.administrator.clone());
    let mut session = house.desk.store.reader().await.expect("a reader");
    let mut all = BTreeMap::new();
    for document in all_documents(house).await {
        if document.visibility.is_terminal() {
            continue;
        }
        let history = past::history(&mut session, &viewer, &document).await.expect("an answer");
        let mut editions = Vec::new();
        for entry in &history {
            let reading = past::entry(&mut session, entry).await.expect("an answer");
            let reading = reading.expect("nothing was erased");
            editions.push(HeldEdition {
                digest: reading.digest,
                content_digest: reading.content_digest,
                place: reading.place,
                importance: entry.publication.importance,
                old_text: entry.publication.old_text,
            });
        }
        let draft = past::draft(&mut session, &viewer, &document).await.expect("an answer");
        let key = (document.content.to_string(), document.locale.to_string());
        all.insert(
            key,
            Held {
                visibility: document.visibility,
                notice: document.notice.clone(),
                main_locale: document.main_locale,
                editions,
                draft: draft.map(|draft| draft.digest),
                listed_since: document.originally_published_at.or(document.first_published_at),
            },
        );
    }
    all
}

/// Everything that can have happened to the documents of a site.
async fn an_eventful_site(house: &House) {
    // A text with a file, a credit, a correction with a note, and a draft on top.
    let bytes = b"%PDF-1.7 an attachment".to_vec();
    let size = bytes.len() as u64;
    let stored = house.take_in(&bytes).await;
    let mut new = article("带附件的通知");
    new.text.source = Some(Source { name: "蓝桥日报".into(), url: None });
    new.text.fields.insert(
        "files".into(),
        json!([{"digest": stored.digest, "name": "附件.pdf", "mediaType": "application/pdf", "size": size}]),
    );
    let draft = house.create(new).await.expect("a draft");
    let first = house.make_public(&draft).await.document;
    let minor = DraftText {
        importance: Importance::Minor,
        change_note: Some(Bilingual::new("改正错字", "A typo was corrected")),
        ..text("带附件的通知（修正）")
    };
    let minor = house.save(now(&first), minor).await.expect("a draft");
    let minor = Publish { old_text: Some(OldTexts::Error), ..publication(&minor) };
    house
        .act(async |work| documents::publish(&house.desk, work, minor.clone()).await)
        .await
        .expect("it is published");
    let first = house.seen(first.id).await.expect("it is public");
    house
        .save(Target { document: first.id, version: None }, text("尚未发布"))
        .await
        .expect("a draft");

    // One that links to the first, and the first in return: links lead both ways.
    let mut linked = article("依据前文");
    linked.text.fields.insert("basis".into(), json!([first.content.to_string()]));
    let linked = house.create(linked).await.expect("a draft");
    let linked = house.make_public(&linked).await.document;

    // A translation, and a fact that changes for both.
    let english = NewDocument {
        content: Some(linked.content),
        locale: locale("en"),
        ..article("Based on it")
    };
    let english = house.create(english).await.expect("a draft");
    house.make_public(&english).await;
    let mut dated = text("依据前文");
    dated.fields.insert("basis".into(), json!([first.content.to_string()]));
    dated.fields.insert("writtenOn".into(), json!("2026-01-05"));
    house.correct(&linked, dated).await;

    // Withdrawn and published again as it was; then withdrawn for good, with the text.
    let back = house.live_article("撤回又发布").await;
    let back = house.withdraw(&back, told("核实中", "Being verified")).await.expect("withdrawn");
    let again = house.save(now(&back), text("撤回又发布")).await.expect("a draft");
    let back = house.make_public(&again).await.document;
    let notice = Notice { shows_text: true, ..told("已失效", "No longer in force") };
    house.withdraw(&back, notice).await.expect("withdrawn");

    // Gone, redirected, vanished, recalled.
    for (title, removal) in
        [("已删除", Removal::Gone), ("已转移", Removal::Redirect), ("已抹除", Removal::Vanish)]
    {
        let document = house.live_article(title).await;
        let address = (removal != Removal::Vanish).then(|| "/policy/new".to_owned());
        let notice = Notice { address, ..Notice::default() };
        house
            .act(async |work| {
                documents::remove(&house.desk, work, now(&document), removal, notice.clone()).await
            })
            .await
            .expect("it is removed");
    }
    let recalled = house.live_article("秘密文字不得外流").await;
    house.recall(&recalled).await;

    // On two sites, published elsewhere before, and in a column that has another name since.
    let mut both = article("两个站点");
    both.text.placements = vec![
        placed("lanqiao", &["policy/finance", "news"], None),
        placed("lanqiao-finance", &["notices"], Some("/n/1")),
    ];
    let both = house.create(both).await.expect("a draft");
    let original = store::publications::OriginalTime {
        at: "2019-05-01T00:00:00Z".parse().expect("a moment"),
        source: "person".into(),
    };
    let both = Publish { original: Some(original), way: Way::Editor, ..publication(&both) };
    house
        .act(async |work| documents::publish(&house.desk, work, both.clone()).await)
        .await
        .expect("it is published");
    rename_finance(house).await;
    house.create(article_in("policy/budget", "只有草稿")).await.expect("a draft");

    // Of another authority, placed here by our own act.
    let mut foreign = article("省里的文件");
    foreign.authority = "nanhe-province".parse().expect("an authority key");
    foreign.text.placements = vec![placed("nanhe", &["policy"], None)];
    let foreign = house.create(foreign).await.expect("a draft");
    let approved = Some(foreign.digest);
    let foreign = house.make_public(&foreign).await.document;
    let request = PlaceElsewhere {
        target: now(&foreign),
        placement: placed("lanqiao", &["news"], None),
        approved,
    };
    house
        .act(async |work| documents::place_elsewhere(&house.desk, work, request.clone()).await)
        .await
        .expect("it is placed");
}

fn article_in(column: &str, title: &str) -> NewDocument {
    let mut new = article(title);
    new.text.placements = vec![placed("lanqiao", &[column], None)];
    new
}

async fn rename_finance(house: &House) {
    let site = house.site("lanqiao").await;
    let mut session = house.desk.store.reader().await.expect("a reader");
    let path = "policy/finance".parse().expect("a column path");
    let column = columns::by_path(&mut session, site, &path).await.expect("an answer");
    let column = column.expect("the column exists");
    drop(session);
    let segment = "budget".parse().expect("a segment");
    house
        .act(async |work| {
            rearrange::rename_column(work, column.id, column.version, Some(&segment), None).await
        })
        .await
        .expect("it is renamed");
}

/// The documents of the site alone: what another authority owns is not in its export.
fn of_city(mut held: BTreeMap<(String, String), Held>) -> BTreeMap<(String, String), Held> {
    held.retain(|_, held| {
        let places = held.editions.iter().flat_map(|edition| &edition.place.placements);
        places.clone().all(|placed| placed.site.as_str() != "nanhe")
    });
    held
}

test_harness::on_both_databases! {
    with house;

    async fn a_site_comes_back_with_the_same_digests(house: House) {
        an_eventful_site(&house).await;

        let (folder, exported) = export(&house, "export").await;
        let other = other_house(&house, &folder).await;
        let summary = restore(&other, &folder).await;

        assert_eq!(of_city(held(&house).await), held(&other).await);
        assert_eq!(summary.published, exported.editions);
        assert_eq!(summary.drafted, exported.drafts);
        assert_eq!(exported.files, 1);
        assert_eq!(other.findings().await, []);

        // A second run, and an export of the new hub, tell nothing new.
        let again = restore(&other, &folder).await;
        assert_eq!((again.published, again.drafted, again.done), (0, 0, 0));
        let (_, twice) = export(&other, "again").await;
        assert_eq!((twice.editions, twice.drafts, twice.files), (exported.editions, exported.drafts, exported.files));
    }

    async fn an_export_imported_where_it_comes_from_changes_nothing(house: House) {
        an_eventful_site(&house).await;
        // The drafts are the one thing an import never overwrites.
        for document in all_documents(&house).await.into_iter().filter(|d| d.draft.is_some()) {
            house
                .act(async |work| documents::discard_draft(&house.desk, work, now(&document)).await)
                .await
                .expect("it is discarded");
        }
        let events = house.events().await.len();

        let (folder, _) = export(&house, "export").await;
        let summary = restore(&house, &folder).await;

        assert_eq!((summary.published, summary.done), (0, 0), "{summary:?}");
        assert_eq!(house.events().await.len(), events);
    }

    async fn a_recalled_text_leaves_the_hub_in_no_export(house: House) {
        an_eventful_site(&house).await;

        let (folder, _) = export(&house, "export").await;

        let lines = fs::read_to_string(folder.join(exchange::RECORDS)).expect("the export");
        assert!(lines.contains("\"recalled\"") && !lines.contains("秘密文字不得外流"));
    }

    async fn a_recall_reaches_the_copy_with_the_next_export(house: House) {
        let document = house.live_article("先发布").await;
        let (folder, _) = export(&house, "before").await;
        let other = other_house(&house, &folder).await;
        restore(&other, &folder).await;
        house.recall(&document).await;

        let (folder, _) = export(&house, "after").await;
        let summary = restore(&other, &folder).await;

        assert_eq!(summary.done, 1);
        let copies = all_documents(&other).await;
        assert_eq!(copies[0].visibility, Visibility::Recalled);
    }

    async fn a_changed_or_broken_export_is_refused_line_by_line(house: House) {
        house.live_article("原文").await;
        house.live_article("另一篇").await;
        let (folder, _) = export(&house, "export").await;
        let other = other_house(&house, &folder).await;
        let records = folder.join(exchange::RECORDS);
        let text = fs::read_to_string(&records).expect("the export");
        let mut lines: Vec<&str> = text.lines().collect();
        let forged = lines[1].replace("原文", "伪造");
        lines[1] = &forged;
        lines.pop();
        fs::write(&records, lines.join("\n")).expect("it is changed");

        let (summary, reports) = import(&other, request(&folder)).await;

        let codes: Vec<_> = reports
            .iter()
            .filter_map(|report| report.reason.as_ref())
            .map(|reason| reason.code)
            .collect();
        assert_eq!(codes, ["digest_differs", "truncated"]);
        assert_eq!((summary.published, summary.rejected), (1, 2));
    }
}
