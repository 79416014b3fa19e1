//! Import: files become documents, once; what is wrong is named and takes nothing with it.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use editorial::{
    arrange::manifest::{self, Manifest},
    exchange::{
        Limits,
        import::{self, Event, ImportError, Report, Request, Status, Summary},
    },
};
use schema::{digest::Digest, viewer::Viewer, visibility::EventKind};
use serde_json::{Value, json};
use store::documents::Document;
use test_harness::{Engine, TestDatabase};

use crate::house::{House, PNG, actor, house, house_with_types, picture};

/// A folder of the test with one file in it.
fn written(house: &House, name: &str, text: &str) -> std::path::PathBuf {
    let path = house.folder().join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(&path, text).expect("a file");
    path
}

fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

pub(crate) fn request(path: &Path) -> Request {
    Request {
        path: path.to_owned(),
        site: Some("lanqiao".parse().expect("a site key")),
        column: Some("policy".parse().expect("a column path")),
        r#type: Some("article".parse().expect("a type name")),
        publishes: true,
        mapping: None,
        limits: Limits::default(),
    }
}

/// Imports; gives the summary and every report in the order they were told.
pub(crate) async fn import(house: &House, request: Request) -> (Summary, Vec<Report>) {
    try_import(house, request).await.expect("the import runs")
}

async fn try_import(
    house: &House,
    request: Request,
) -> Result<(Summary, Vec<Report>), ImportError> {
    let mut reports = Vec::new();
    let mut tell = |event: Event<'_>| {
        if let Event::Record(report) = event {
            reports.push(report.clone());
        }
        Ok(())
    };
    let summary =
        import::import(&house.desk, &house.files, &house.administrator, request, &mut tell).await?;
    Ok((summary, reports))
}

pub(crate) async fn all_documents(house: &House) -> Vec<Document> {
    let mut session = house.desk.store.reader().await.expect("a reader");
    let viewer = Viewer::Known(house.administrator.clone());
    let (all, _) =
        store::documents::page(&mut session, &viewer, None, 100_000).await.expect("an answer");
    all
}

/// Line and code of everything rejected.
fn rejected(reports: &[Report]) -> Vec<(u64, &str)> {
    let rejected = reports.iter().filter(|report| report.status == Status::Rejected);
    rejected
        .map(|report| {
            let code = report.reason.as_ref().map_or("", |reason| reason.code);
            (report.at.line.unwrap_or(0), code)
        })
        .collect()
}

const VERSIONS: &str = r#"
source = "laws"
[identity]
key = "name"
version = "version"
[fields]
title = "title"
[body]
path = "text"
format = "text"
[publication]
original_date = "version"
change_note = { zh = "{version} 版本", en = "Version of {version}" }
"#;

fn law(name: &str, version: &str) -> Value {
    json!({"name": name, "version": version, "title": name, "text": format!("{name} {version}")})
}

pub(crate) fn mapped(path: &Path, mapping: &str) -> Request {
    Request { mapping: Some(("map.toml".into(), mapping.into())), ..request(path) }
}

test_harness::on_both_databases! {
    with house;

    async fn bad_records_are_named_and_the_others_are_taken_in(house: House) {
        let long = "长".repeat(600);
        let text = [
            json!({"id": "1", "title": "甲", "body": "<p>甲</p>"}).to_string(),
            json!({"id": "2", "body": "<p>没有标题</p>"}).to_string(),
            json!({"title": "没有标识", "body": "<p>x</p>"}).to_string(),
            "{\"id\": ".to_owned(),
            json!({"id": "5", "title": "乙", "body": "<p>乙</p>", "path": "/taken"}).to_string(),
            json!({"id": "6", "title": "丙", "body": "<p>丙</p>", "path": "/taken"}).to_string(),
            json!({"id": "7", "title": long, "body": "<p>x</p>"}).to_string(),
            json!({"id": "1", "title": "又是一", "body": "<p>x</p>"}).to_string(),
            json!({"id": "9", "title": "丁", "body": "<p>丁</p>"}).to_string(),
        ];
        let path = written(&house, "records.jsonl", &text.join("\n"));

        let (summary, reports) = import(&house, request(&path)).await;

        let mut wrong = rejected(&reports);
        wrong.sort_unstable();
        assert_eq!(
            wrong,
            [(2, "invalid"), (3, "no_identity"), (4, "not_json"), (6, "path_taken"), (7, "invalid"), (8, "repeated")]
        );
        assert_eq!((summary.published, summary.rejected, summary.records), (3, 6, 9));
        assert_eq!(all_documents(&house).await.len(), 3);
        assert_eq!(house.findings().await, []);
    }

    async fn a_second_run_changes_nothing_and_a_corrected_file_completes(house: House) {
        let record = |id: &str, title: &str| json!({"id": id, "title": title, "body": "<p>文</p>"});
        let wrong = json!({"id": "2", "title": "乙"});
        let path = written(&house, "a.jsonl", &lines(&[record("1", "甲"), wrong]));
        import(&house, request(&path)).await;
        let before = house.events().await.len();

        let (again, _) = import(&house, request(&path)).await;
        assert_eq!((again.unchanged, again.rejected), (1, 1));
        assert_eq!(house.events().await.len(), before);

        written(&house, "a.jsonl", &lines(&[record("1", "甲（更正）"), record("2", "乙")]));
        let (corrected, _) = import(&house, request(&path)).await;

        assert_eq!(corrected.published, 2);
        assert_eq!(
            house.kinds().await,
            [EventKind::Publish, EventKind::Correct, EventKind::Publish]
        );
        assert_eq!(all_documents(&house).await.len(), 2);
    }

    async fn versions_become_editions_oldest_first(house: House) {
        let records =
            [law("条例", "2024-07-10"), law("办法", "2001-01-01"), law("条例", "1999-05-01"), law("条例", "2014-01-17")];
        let path = written(&house, "laws.jsonl", &lines(&records));

        let (summary, reports) = import(&house, mapped(&path, VERSIONS)).await;

        assert_eq!(summary.published, 4);
        let of_law: Vec<_> = reports
            .iter()
            .filter(|report| report.key.as_deref() == Some("条例"))
            .map(|report| (report.version.clone().unwrap_or_default(), report.edition))
            .collect();
        let expected = [("1999-05-01", 1), ("2014-01-17", 2), ("2024-07-10", 3)];
        assert_eq!(of_law, expected.map(|(version, number)| (version.to_owned(), Some(number))));

        let documents = all_documents(&house).await;
        assert_eq!(documents.len(), 2);
        let law = documents.iter().find(|found| found.last_edition == 3).expect("the law");
        let since = law.originally_published_at.expect("an original time");
        assert_eq!(since.to_string(), "1999-04-30T16:00:00Z", "that day in Beijing");
        let mut session = house.desk.store.reader().await.expect("a reader");
        let history =
            store::past::history(&mut session, &Viewer::Public, law).await.expect("an answer");
        assert!(history.iter().all(|entry| entry.is_readable()), "old texts were amended");
        let notes: Vec<_> = history
            .iter()
            .map(|entry| entry.place.as_ref().and_then(|place| place.change_note.clone()))
            .map(|note| note.map(|note| note.zh))
            .collect();
        assert_eq!(notes, [None, Some("2014-01-17 版本".into()), Some("2024-07-10 版本".into())]);
        assert_eq!(
            history[0].publication.original.as_ref().map(|original| original.source.as_str()),
            Some("import:laws")
        );
        assert_eq!(house.findings().await, []);
    }

    async fn an_earlier_version_cannot_come_after_a_later_one(house: House) {
        let path = written(&house, "a.jsonl", &lines(&[law("条例", "2024-07-10")]));
        import(&house, mapped(&path, VERSIONS)).await;
        let path = written(&house, "b.jsonl", &lines(&[law("条例", "1999-05-01")]));

        let (_, reports) = import(&house, mapped(&path, VERSIONS)).await;

        assert_eq!(rejected(&reports), [(1, "overtaken")]);
    }

    async fn without_publish_texts_become_drafts_that_nobody_sees(house: House) {
        let records = [law("条例", "2024-07-10"), law("条例", "1999-05-01")];
        let path = written(&house, "laws.jsonl", &lines(&records));
        let drafts = Request { publishes: false, ..mapped(&path, VERSIONS) };

        let (summary, _) = import(&house, drafts.clone()).await;
        let (again, _) = import(&house, drafts).await;

        assert_eq!((summary.drafted, summary.skipped, summary.rejected), (1, 1, 0));
        assert_eq!((again.unchanged, again.skipped), (1, 1));
        assert_eq!(house.kinds().await, []);
        let documents = all_documents(&house).await;
        assert!(documents.len() == 1 && documents[0].draft.is_some());
    }

    async fn somebody_s_draft_is_not_overwritten(house: House) {
        let path = written(&house, "a.jsonl", &lines(&[law("条例", "2001-01-01")]));
        import(&house, mapped(&path, VERSIONS)).await;
        let document = all_documents(&house).await.remove(0);
        let target = crate::house::now(&document);
        house.save(target, crate::house::text("正在修改")).await.expect("a draft");
        let path = written(&house, "b.jsonl", &lines(&[law("条例", "2002-01-01")]));

        let (_, reports) = import(&house, mapped(&path, VERSIONS)).await;

        assert_eq!(rejected(&reports), [(1, "draft_in_the_way")]);
    }

    async fn an_import_passes_the_gate_as_its_place_demands(house: House) {
        let rule = "[[review]]\nsite = \"lanqiao\"\n[review.import]\npersons = \"any\"\n\
                    [[review.import.steps]]\nname = { zh = \"审发\", en = \"Approval\" }\nby = \"approver\"\n";
        let rule = Manifest::parse(rule).expect("a manifest");
        house
            .act(async |work| manifest::apply(&house.desk, work, &rule).await)
            .await
            .expect("it is applied");
        let table = "id,title,body,tags\n1,甲,<p>甲文</p>,\n";
        let path = written(&house, "a.csv", table);

        let (summary, reports) = import(&house, request(&path)).await;

        assert_eq!((summary.published, rejected(&reports)), (0, vec![(2, "unreviewed")]));
    }

    async fn a_table_is_imported_by_the_names_of_its_columns(house: House) {
        let table = "id,title,body,tags\n1,甲,<p>甲文</p>,\n2,乙,<p>乙文</p>,财政\n";
        let path = written(&house, "a.csv", table);

        let (summary, _) = import(&house, request(&path)).await;

        assert_eq!(summary.published, 2);
        let mut tags = Vec::new();
        for document in all_documents(&house).await {
            let text = house.read(document.id).await.expect("it is public").content;
            tags.push((text.fields["title"].clone(), text.fields.get("tags").cloned()));
        }
        tags.sort_by_key(|(title, _)| title.to_string());
        assert_eq!(tags, [(json!("乙"), Some(json!(["财政"]))), (json!("甲"), None)]);
    }

    async fn a_folder_is_imported_with_its_pictures_and_attachments(house: House) {
        let picture = PNG;
        written(&house, "texts/甲.md", "+++\ntitle = \"甲\"\nfiles = [\"附件.png\"]\n+++\n正文 ![图](附件.png)\n");
        written(&house, "texts/乙.html", "---\ntitle: 乙\n---\n<p>文</p><script>x</script>");
        written(&house, "texts/丙.md", "---\ntitle: 丙\n---\n![没有](nowhere.png)\n");
        fs::write(house.folder().join("texts/附件.png"), picture).expect("a picture");

        let (summary, reports) = import(&house, request(&house.folder().join("texts"))).await;

        assert_eq!((summary.published, summary.rejected), (2, 1));
        let wrong = reports.iter().find(|report| report.status == Status::Rejected).expect("one");
        assert_eq!(wrong.at.file.as_deref(), Some("丙.md"));
        let mut texts = Vec::new();
        for document in all_documents(&house).await {
            texts.push(house.read(document.id).await.expect("it is public").content);
        }
        let with_picture = texts.iter().find(|text| text.fields["title"] == "甲").expect("it");
        let digest = Digest::of(picture);
        assert!(with_picture.files.contains(&digest));
        let body = with_picture.fields["body"].as_str().expect("a text");
        assert!(body.contains(&format!("asset:{digest}")), "{body}");
        assert_eq!(house.files.size(&digest).await.expect("an answer"), Some(picture.len() as u64));
        let plain = texts.iter().find(|text| text.fields["title"] == "乙").expect("it");
        assert_eq!(plain.fields["body"], "<p>文</p>");
        assert_eq!(house.findings().await, []);
    }

    async fn files_of_an_import_pass_the_door_that_uploads_pass(house: House) {
        let plain = picture(40, 20, image::ImageFormat::Jpeg);
        let exif = b"\xff\xe1\x00\x1aExif\0\0GPS 39.9N 116.4E  ";
        let photograph = [&plain[..2], exif, &plain[2..]].concat();
        written(&house, "texts/甲.md", "+++\ntitle = \"甲\"\nfiles = [\"桥.jpg\"]\n+++\n正文\n");
        written(&house, "texts/乙.md", "+++\ntitle = \"乙\"\nfiles = [\"页.png\"]\n+++\n正文\n");
        fs::write(house.folder().join("texts/桥.jpg"), &photograph).expect("a picture");
        fs::write(house.folder().join("texts/页.png"), "<!DOCTYPE html>").expect("a page");

        let (summary, reports) = import(&house, request(&house.folder().join("texts"))).await;

        assert_eq!((summary.published, summary.rejected), (1, 1));
        let wrong = reports.iter().find(|report| report.status == Status::Rejected).expect("one");
        assert_eq!(wrong.reason.as_ref().map(|reason| reason.code), Some("file_has_markup"));
        let all = all_documents(&house).await;
        let text = house.read(all[0].id).await.expect("it is public").content;
        let kept = text.files.iter().next().expect("its picture");
        let bytes = house.files.get(kept).await.expect("it is there").read_to_end().await;
        let bytes = bytes.expect("it is read");
        assert_eq!(text.fields["files"][0]["size"], bytes.len());
        assert_eq!(bytes, plain, "without what the camera wrote, point for point");
        assert_eq!(house.findings().await, []);
    }

    async fn nobody_imports_without_the_permission(house: House) {
        let path = written(&house, "a.jsonl", &lines(&[law("条例", "2001-01-01")]));
        let editor = house.on_site(schema::permission::Role::Editor, "lanqiao", 7).await;
        let mut tell = |_: Event<'_>| Ok(());

        let refused =
            import::import(&house.desk, &house.files, &editor, request(&path), &mut tell).await;

        assert!(matches!(refused, Err(ImportError::Refused(_))), "{refused:?}");
        let stranger = actor("stranger", 8, schema::permission::Role::Approver, schema::permission::Scope::Site(house.site("nanhe").await));
        let refused =
            import::import(&house.desk, &house.files, &stranger, request(&path), &mut tell).await;
        assert!(matches!(refused, Err(ImportError::Refused(_))), "{refused:?}");
    }

    async fn what_was_erased_is_not_imported_again(house: House) {
        let path = written(&house, "a.jsonl", &lines(&[law("条例", "2001-01-01")]));
        import(&house, mapped(&path, VERSIONS)).await;
        let document = all_documents(&house).await.remove(0);
        house.recall(&document).await;
        let target = editorial::documents::Target { document: document.id, version: None };
        let order = house
            .act(async |work| {
                editorial::documents::order_erasure(&house.desk, work, target, "依令").await
            })
            .await
            .expect("an order");
        let other = actor("other", 9, schema::permission::Role::PlatformAdministrator, schema::permission::Scope::Hub);
        house
            .act_as(&other, async |work| {
                editorial::documents::confirm_erasure(&house.desk, work, order).await
            })
            .await
            .expect("it is erased");

        let (summary, _) = import(&house, mapped(&path, VERSIONS)).await;

        assert_eq!((summary.skipped, summary.published, summary.rejected), (1, 0, 0));
    }

    async fn two_imports_of_one_file_make_one_document_each(house: House) {
        let records: Vec<Value> = (0..120).map(|n| law(&format!("条例{n}"), "2001-01-01")).collect();
        let path = written(&house, "a.jsonl", &lines(&records));

        let (one, other) = tokio::join!(
            import(&house, mapped(&path, VERSIONS)),
            import(&house, mapped(&path, VERSIONS))
        );

        let published = one.0.published + other.0.published;
        let unchanged = one.0.unchanged + other.0.unchanged;
        assert_eq!((published, unchanged), (120, 120));
        assert_eq!(all_documents(&house).await.len(), 120);
        assert_eq!(house.findings().await, []);
    }
}

#[test]
fn a_wrong_mapping_names_every_mistake_before_anything_is_written() {
    test_harness::run(Engine::Sqlite, house, async |house: House| {
        let path = written(&house, "a.jsonl", &lines(&[law("条例", "2001-01-01")]));
        let mapping = "source = \"a\"\n[identity]\nkey = \"a[\"\n[fields]\ntitel = \"t\"\n";

        let refused = try_import(&house, mapped(&path, mapping)).await;

        let Err(ImportError::Mapping(mistakes)) = refused else { panic!("{refused:?}") };
        let lines: Vec<usize> = mistakes.iter().map(|mistake| mistake.line).collect();
        assert!(lines.contains(&3) && lines.contains(&5), "{mistakes:?}");
        assert!(all_documents(&house).await.is_empty());
    });
}

/// Runs `gongbao`; gives its exit code, the lines of standard output, and standard error.
fn gongbao(database: &TestDatabase, arguments: &[&str]) -> (Option<i32>, Vec<Value>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gongbao"))
        .env_clear()
        .env("GONGBAO_DATABASE_URL", database.url())
        .current_dir(database.folder())
        .stdin(Stdio::null())
        .args(arguments)
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = text.lines().map(serde_json::from_str).collect::<Result<_, _>>();
    let error = String::from_utf8(output.stderr).expect("UTF-8");
    (output.status.code(), lines.unwrap_or_else(|_| vec![json!(text)]), error)
}

test_harness::on_both_databases! {
    async fn the_command_acknowledges_every_record_and_what_it_exports_comes_back(database: TestDatabase) {
        let folder = database.folder();
        fs::write(folder.join("tree.toml"), include_str!("house.toml")).expect("a tree");
        let news = |id: &str, title: &str| json!({"id": id, "title": title, "body": "<p>文</p>"});
        let records = lines(&[news("1", "甲"), json!({"id": "2"}), news("3", "乙")]);
        fs::write(folder.join("a.jsonl"), records).expect("a file");
        let (code, ..) = gongbao(&database, &["site", "apply", "tree.toml"]);
        assert_eq!(code, Some(0));

        let go = ["import", "a.jsonl", "--site", "lanqiao", "--column", "news", "--type", "news", "--publish", "--json"];
        let (code, told, error) = gongbao(&database, &go);

        assert_eq!(code, Some(1), "{error}");
        let told_of = |line: u64| told.iter().find(|told| told["line"] == line).expect("a line");
        assert_eq!(told_of(1)["status"], "published");
        assert_eq!((&told_of(2)["status"], &told_of(2)["code"]), (&json!("rejected"), &json!("invalid")));
        assert_eq!(told.last().expect("a summary")["summary"]["published"], 2);
        assert_eq!(error.lines().count(), 2, "what is wrong and what to do: {error}");

        let (code, told, error) =
            gongbao(&database, &["export", "--site", "lanqiao", "--output", "out", "--json", "--lang", "en"]);
        assert_eq!((code, error.as_str()), (Some(0), ""), "{told:?}");
        let (code, again, _) = gongbao(&database, &["import", "out", "--json"]);
        assert_eq!(code, Some(0));
        assert_eq!(again.last().expect("a summary")["summary"]["unchanged"], 2);

        let (code, lines, _) = gongbao(&database, &["export", "--site", "lanqiao", "--output", "-"]);
        assert_eq!(code, Some(0));
        assert_eq!(lines.first().expect("a header")["format"], "gongbao-export");
        assert_eq!(lines.last().expect("an end")["documents"], 2);
    }

    async fn wrong_usage_of_the_command_imports_nothing(database: TestDatabase) {
        fs::write(database.folder().join("a.jsonl"), "{\"id\": 1}\n").expect("a file");

        let (code, _, error) = gongbao(&database, &["import", "a.jsonl", "--lang", "zh"]);
        assert_eq!(code, Some(1));
        assert!(error.contains("--site"), "{error}");
        let (code, _, error) = gongbao(&database, &["import", "nowhere.jsonl", "--lang", "zh"]);
        assert_eq!(code, Some(1));
        assert!(error.contains("nowhere.jsonl"), "{error}");
    }
}

/// The folder of real texts, if this run has one.
pub(crate) fn real_texts(story: &str) -> Option<std::path::PathBuf> {
    let folder = std::env::var_os("GONGBAO_TEST_TEXTS");
    if folder.is_none() {
        eprintln!("skipped: {story}, because GONGBAO_TEST_TEXTS names no folder of texts");
    }
    folder.map(Into::into)
}

/// A house with the content types of the product.
async fn real_house(engine: Engine) -> Option<House> {
    house_with_types(engine, schema::content_type::EMBEDDED_FILES).await
}

test_harness::on_both_databases! {
    with real_house;

    async fn the_regulations_are_imported_with_their_history(house: House) {
        let Some(folder) = real_texts("the regulations") else { return };
        let mapping = include_str!("../../examples/mappings/regulations.toml");
        let request = Request {
            r#type: Some("policyDocument".parse().expect("a type name")),
            ..mapped(&folder.join("regulations.jsonl.gz"), mapping)
        };

        let (summary, _) = import(&house, request.clone()).await;

        assert_eq!((summary.records, summary.published, summary.rejected), (712, 712, 0));
        let documents = all_documents(&house).await;
        assert_eq!(documents.len(), 678);
        assert_eq!(documents.iter().map(|document| document.last_edition).sum::<u32>(), 712);
        let events = house.events().await.len();
        let (again, _) = import(&house, request).await;
        assert_eq!((again.unchanged, again.records), (712, 712));
        assert_eq!(house.events().await.len(), events);
    }

    async fn the_extracted_policies_are_mended_and_imported(house: House) {
        let Some(folder) = real_texts("the extracted policies") else { return };
        let mapping = include_str!("../../examples/mappings/policies.toml");
        let request = Request {
            r#type: Some("policyDocument".parse().expect("a type name")),
            publishes: false,
            ..mapped(&folder.join("policies"), mapping)
        };

        let (summary, reports) = import(&house, request).await;

        assert_eq!((summary.drafted, summary.rejected), (5, 0), "{reports:?}");
        let dropped: usize = reports.iter().map(|report| report.dropped.len()).sum();
        assert!(dropped > 0, "lines that belong to the page were left out and told");
    }
}
