//! Type files: what they mean, and what is said of mistakes in them.

use super::*;

/// A small type; `more` is put after its only field.
fn type_file(name: &str, more: &str) -> (String, String) {
    let text = format!(
        r#"name = "{name}"
version = 1
label = {{ zh = "公示", en = "Posting" }}
title = "title"

[[field]]
name = "title"
kind = "short_text"
label = {{ zh = "标题", en = "Title" }}
required = true
{more}"#
    );
    (format!("{name}.toml"), text)
}

fn field(name: &str, rest: &str) -> String {
    format!("\n[[field]]\nname = \"{name}\"\nlabel = {{ zh = \"字段\", en = \"Field\" }}\n{rest}\n")
}

fn load(files: impl IntoIterator<Item = (String, String)>) -> TypeRegistry {
    TypeRegistry::load(files).unwrap_or_else(|errors| panic!("the files are right: {errors:?}"))
}

/// Line and English reason of each mistake.
fn mistakes(files: impl IntoIterator<Item = (String, String)>) -> Vec<String> {
    let errors = TypeRegistry::load(files).expect_err("there are mistakes");
    errors
        .iter()
        .map(|error| format!("{}:{} {}", error.file, error.line, error.reason.en))
        .collect()
}

fn name(text: &str) -> TypeName {
    text.parse().expect("a type name")
}

#[test]
fn a_type_without_choices_of_its_own_gets_the_defaults() {
    let registry = load([type_file(
        "posting",
        &field("places", "kind = \"url\"\nmany = true"),
    )]);

    let posting = registry.get(&name("posting")).expect("the type was loaded");

    assert_eq!(posting.plural.as_str(), "postings");
    assert_eq!(posting.graphql_name(), "Posting");
    assert_eq!(posting.schema_org, "Article");
    assert_eq!(posting.old_texts, OldTexts::Error);
    assert_eq!(posting.path, PathTemplate::default());
    let many = posting.field("places").and_then(|field| field.kind.many());
    assert_eq!(
        many,
        Some(Many {
            min_items: 0,
            max_items: LIST_ITEMS
        })
    );
    assert!(
        posting
            .field("title")
            .is_some_and(|field| field.localised && !field.filterable)
    );
}

#[test]
fn every_nonsense_combination_is_named_with_its_line() {
    // Each entry: the keys of a field whose table starts at line 12 and whose kind stands at 15,
    // and what is said of it.
    let cases = [
        (
            "kind = \"rich_text\"\nsortable = true",
            "16 a rich_text field cannot be sortable",
        ),
        (
            "kind = \"json\"\nfilterable = true",
            "16 a json field cannot be filterable",
        ),
        (
            "kind = \"file\"\nfilterable = true",
            "16 a file field cannot be filterable",
        ),
        (
            "kind = \"url\"\nfilterable = true",
            "16 a url field cannot be filterable",
        ),
        (
            "kind = \"boolean\"\nsearchable = true",
            "16 a boolean field cannot be searchable",
        ),
        (
            "kind = \"short_text\"\nmany = true\nsortable = true",
            "17 a short_text list field cannot be sortable",
        ),
        (
            "kind = \"choice\"\nchoices = []",
            "16 choices needs at least one entry",
        ),
        ("kind = \"choice\"", "12 choices is missing"),
        (
            "kind = \"short_text\"\npattern = \"(\"",
            "16 pattern is not a regular expression",
        ),
        (
            "kind = \"short_text\"\nmin_length = 9\nmax_length = 3",
            "16 min_length is above max_length (3)",
        ),
        (
            "kind = \"short_text\"\nmax_length = 501",
            "16 max_length must be from 1 to 500",
        ),
        (
            "kind = \"integer\"\nminimum = 2\nmaximum = 1",
            "16 minimum is above maximum",
        ),
        (
            "kind = \"date\"\nminimum = \"2020-02-30\"",
            "16 minimum: \"2020-02-30\" is not right",
        ),
        (
            "kind = \"decimal\"\nminimum = 0.5",
            "16 minimum must be a whole number, a date, or a decimal in quotes",
        ),
        ("kind = \"decimal\"\nscale = 19", "16 scale is at most 18"),
        (
            "kind = \"date\"\nmax_length = 5",
            "16 max_length means nothing for a field of kind date: remove it",
        ),
        (
            "kind = \"date\"\nmany = true",
            "16 many means nothing for a field of kind date: remove it",
        ),
        (
            "kind = \"url\"\nmax_items = 5",
            "16 max_items is for lists: add many = true",
        ),
        (
            "kind = \"boolean\"\nrequired = true\ndeprecated = { zh = \"停\", en = \"gone\" }",
            "17 a deprecated field cannot be required",
        ),
        (
            "kind = \"integer\"\nunique = \"site\"",
            "16 a unique field needs localised = false",
        ),
        (
            "kind = \"date\"\nlocalised = false\nunique = \"site\"",
            "17 unique is for single",
        ),
        (
            "kind = \"integer\"\nlocalised = false\nunique = \"world\"",
            "17 unique must be site or authority",
        ),
        (
            "kind = \"file\"\nmedia = [\"pictures\"]",
            "16 media: \"pictures\" is not a media type",
        ),
        (
            "kind = \"link\"\nreverse = \"others\"",
            "16 reverse and reverse_label go together",
        ),
        ("kind = \"prose\"", "15 unknown kind"),
        (
            "kind = \"boolean\"\nfilterabel = true",
            "16 unknown key filterabel; did you mean filterable?",
        ),
        (
            "kind = \"boolean\"\nrequired = \"yes\"",
            "16 required must be true or false",
        ),
        (
            "kind = \"boolean\"\nhelp = { zh = \"只有中文\" }",
            "16 help must be given in both languages",
        ),
        (
            "kind = \"group\"\nfields = [{ name = \"to\", kind = \"link\", label = { zh = \"链\", en = \"Link\" } }]",
            "16 a link has no place inside a group",
        ),
        (
            "kind = \"group\"\nfields = [{ name = \"on\", kind = \"date\", filterable = true, label = { zh = \"日\", en = \"Day\" } }]",
            "16 filterable has no place inside a group",
        ),
    ];
    for (keys, said) in cases {
        let found = mistakes([type_file("posting", &field("extra", keys))]);

        let expected = format!("posting.toml:{said}");
        assert!(
            found.iter().any(|mistake| mistake.starts_with(&expected)),
            "{keys}\n{found:?}"
        );
    }
}

#[test]
fn all_mistakes_of_all_files_are_reported_at_once() {
    let first = type_file("posting", "colour = 1\nsortable = 3\n");
    let second = type_file("poster", &field("title", "kind = \"date\""));
    let third = ("broken.toml".to_owned(), "name = \n".to_owned());

    let found = mistakes([first, second, third]);

    let at: Vec<&str> = found
        .iter()
        .filter_map(|mistake| mistake.split(' ').next())
        .collect();
    assert_eq!(
        at,
        [
            "broken.toml:1",
            "poster.toml:12",
            "posting.toml:11",
            "posting.toml:12"
        ]
    );
}

#[test]
fn groups_lie_at_most_three_deep() {
    let group = |inner: &str| {
        format!(
            "{{ name = \"inner\", kind = \"group\", label = {{ zh = \"组\", en = \"Group\" }}, fields = [{inner}] }}"
        )
    };
    let leaf = "{ name = \"leaf\", kind = \"date\", label = { zh = \"日\", en = \"Day\" } }";
    let file = |inner: &str| {
        type_file(
            "posting",
            &field("outer", &format!("kind = \"group\"\nfields = [{inner}]")),
        )
    };

    load([file(&group(&group(leaf)))]);
    let found = mistakes([file(&group(&group(&group(leaf))))]);

    assert_eq!(found, ["posting.toml:16 groups lie at most 3 deep"]);
}

#[test]
fn roles_and_page_tags_name_fields_that_suit_them() {
    let (file, text) = type_file("posting", &field("photo", "kind = \"file\""));
    let roles = "title = \"title\"\nsummary = \"photo\"\nbody = \"text\"\ncover = \"photo\"\npage_tags = { Keywords = \"photo\", PubDate = \"title\" }";
    let text = text.replacen("title = \"title\"", roles, 1);

    let found = mistakes([(file, text)]);

    assert_eq!(
        found,
        [
            "posting.toml:5 summary must name a single short_text or long_text field",
            "posting.toml:6 body names a field that is not there: text",
            "posting.toml:7 cover must name a single file taking image types only field",
            "posting.toml:8 the kind of field photo does not suit the page tag Keywords",
            "posting.toml:8 the page tag PubDate is not filled from fields; there are: ContentSource, Keywords, Author, Description, Image",
        ]
    );
}

#[test]
fn names_of_the_core_are_refused() {
    for core in [
        "publishedAt",
        "contentId",
        "source",
        "attachments",
        "summary",
        "validity",
    ] {
        let found = mistakes([type_file("posting", &field(core, "kind = \"date\""))]);
        assert_eq!(found.len(), 1, "{core}: {found:?}");
        assert!(found[0].starts_with("posting.toml:12"), "{found:?}");
    }
    for taken in ["document", "site", "edition"] {
        assert!(
            TypeRegistry::load([type_file(taken, "")]).is_err(),
            "{taken}"
        );
    }
}

#[test]
fn types_must_not_take_each_others_names() {
    let again = |name: &str, file: &str| (file.to_owned(), type_file(name, "").1);

    let found = mistakes([again("posting", "a.toml"), again("posting", "b.toml")]);
    assert_eq!(
        found,
        ["b.toml:1 the type posting is already defined in a.toml"]
    );

    let found = mistakes([again("posting", "a.toml"), again("postingFilter", "b.toml")]);
    assert!(
        found[0].contains("PostingFilter is taken (posting)"),
        "{found:?}"
    );

    let (_, text) = type_file("poster", "");
    let found = mistakes([
        again("posting", "a.toml"),
        (
            "b.toml".into(),
            text.replace("version", "plural = \"postings\"\nversion"),
        ),
    ]);
    assert_eq!(
        found,
        ["b.toml:1 the list name postings is taken (posting): choose another with plural"]
    );
}

#[test]
fn links_reach_types_that_exist_and_show_on_their_side() {
    let link = |to: &str, reverse: &str| {
        field(
            "about",
            &format!(
                "kind = \"link\"\nto = [\"{to}\"]\nmany = true\nreverse = \"{reverse}\"\nreverse_label = {{ zh = \"相关\", en = \"Related\" }}"
            ),
        )
    };
    let target = || type_file("ruling", &field("text", "kind = \"rich_text\""));

    let registry = load([target(), type_file("comment", &link("ruling", "comments"))]);
    let links = registry.reverse_links(&name("ruling"));
    assert_eq!(links.len(), 1);
    assert_eq!(
        (
            links[0].name.as_str(),
            links[0].source.as_str(),
            links[0].field.as_str()
        ),
        ("comments", "comment", "about")
    );
    assert!(registry.reverse_links(&name("comment")).is_empty());

    let found = mistakes([target(), type_file("comment", &link("rulling", "comments"))]);
    assert_eq!(
        found,
        [
            "comment.toml:12 field about links to a type that is not there: rulling; did you mean ruling?"
        ]
    );

    for taken in ["text", "edition", "title"] {
        let found = mistakes([target(), type_file("comment", &link("ruling", taken))]);
        assert!(
            found[0].contains(&format!("the reverse name {taken} is taken on ruling")),
            "{found:?}"
        );
    }
    let found = mistakes([
        target(),
        type_file("comment", &link("ruling", "others")),
        type_file("reply", &link("ruling", "others")),
    ]);
    assert_eq!(
        found,
        ["reply.toml:12 field about: the reverse name others is taken on ruling (comment.about)"]
    );
}

#[test]
fn a_link_to_any_type_shows_on_every_type() {
    let link = field(
        "items",
        "kind = \"link\"\nreverse = \"bundles\"\nreverse_label = { zh = \"合集\", en = \"Bundles\" }",
    );

    let registry = load([type_file("bundle", &link), type_file("posting", "")]);

    for target in ["bundle", "posting"] {
        assert_eq!(registry.reverse_links(&name(target)).len(), 1, "{target}");
    }
}

#[test]
fn a_definition_survives_being_kept_as_json() {
    for content_type in TypeRegistry::embedded().iter() {
        let json = content_type
            .to_canonical_json()
            .expect("a definition has canonical JSON");

        let read = ContentType::from_json(&json).expect("what was written can be read");

        assert_eq!(&read, content_type);
        assert_eq!(read.to_canonical_json().expect("canonical"), json);
    }
}

#[test]
fn a_file_that_is_loaded_again_has_not_changed() {
    assert_eq!(
        TypeRegistry::embedded().changes_from(&TypeRegistry::embedded()),
        []
    );
}

#[test]
fn changes_are_weighed_by_what_they_do_to_stored_content() {
    use Severity::{Breaking, Harmless, Tightening};
    let choice = |values: &str| format!("kind = \"choice\"\nchoices = [{values}]");
    let one = "{ value = \"one\", label = { zh = \"一\", en = \"One\" } }";
    let two = "{ value = \"two\", label = { zh = \"二\", en = \"Two\" } }";
    let both = format!("{one}, {two}");
    let inner = |kind: &str| {
        format!(
            "kind = \"group\"\nfields = [{{ name = \"leaf\", kind = \"{kind}\", label = {{ zh = \"叶\", en = \"Leaf\" }} }}]"
        )
    };
    let cases: [(String, String, &str, Severity); 12] = [
        (
            field("extra", "kind = \"date\""),
            String::new(),
            "field_removed",
            Breaking,
        ),
        (
            String::new(),
            field("extra", "kind = \"date\""),
            "field_added",
            Harmless,
        ),
        (
            String::new(),
            field("extra", "kind = \"date\"\nrequired = true"),
            "required_field_added",
            Tightening,
        ),
        (
            field("extra", "kind = \"date\""),
            field("extra", "kind = \"date_time\""),
            "kind_changed",
            Breaking,
        ),
        (
            field("extra", "kind = \"url\""),
            field("extra", "kind = \"url\"\nmany = true"),
            "many_changed",
            Breaking,
        ),
        (
            field("extra", "kind = \"date\""),
            field("extra", "kind = \"date\"\nlocalised = false"),
            "localised_changed",
            Breaking,
        ),
        (
            field("extra", "kind = \"date\""),
            field("extra", "kind = \"date\"\nrequired = true"),
            "required",
            Tightening,
        ),
        (
            field("extra", "kind = \"integer\""),
            field("extra", "kind = \"integer\"\nminimum = 0"),
            "limits_narrowed",
            Tightening,
        ),
        (
            field("extra", "kind = \"integer\"\nmaximum = 5"),
            field("extra", "kind = \"integer\"\nmaximum = 9"),
            "limits_widened",
            Harmless,
        ),
        (
            field("extra", &choice(&both)),
            field("extra", &choice(one)),
            "choice_removed",
            Breaking,
        ),
        (
            field("extra", &choice(one)),
            field("extra", &choice(&both)),
            "choices",
            Harmless,
        ),
        (
            field("extra", &inner("date")),
            field("extra", &inner("boolean")),
            "kind_changed",
            Breaking,
        ),
    ];
    for (before, after, code, severity) in cases {
        let old = load([type_file("posting", &before)]);
        let (file, text) = type_file("posting", &after);
        let new = load([(file, text.replace("version = 1", "version = 2"))]);

        let changes = new.changes_from(&old);

        let found: Vec<_> = changes
            .iter()
            .map(|change| (change.code, change.severity))
            .collect();
        assert_eq!(found, [(code, severity)], "{before} → {after}");
        assert_eq!(new.keeps(&old), severity != Breaking);
    }
}

#[test]
fn a_changed_definition_needs_a_higher_version() {
    let old = load([type_file("posting", "")]);
    let new = load([type_file("posting", &field("extra", "kind = \"date\""))]);

    let codes: Vec<&str> = new
        .changes_from(&old)
        .iter()
        .map(|change| change.code)
        .collect();

    assert_eq!(codes, ["version_not_raised", "field_added"]);
}

#[test]
fn a_removed_type_is_missed_and_a_new_one_is_not_a_problem() {
    let both = load([type_file("posting", ""), type_file("poster", "")]);
    let one = load([type_file("posting", "")]);

    assert!(!one.keeps(&both));
    assert!(both.keeps(&one));
}

/// The set that comes with the product.
mod embedded {
    use super::*;

    #[test]
    fn every_type_is_labelled_in_two_languages_throughout() {
        let has_chinese = |text: &str| {
            text.chars()
                .any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
        };
        fn check(fields: &[Field], has_chinese: &dyn Fn(&str) -> bool) {
            for field in fields {
                assert!(has_chinese(&field.label.zh), "{}", field.name);
                assert!(
                    field.label.en.is_ascii() || field.label.en.contains('é'),
                    "{}",
                    field.name
                );
                if let FieldKind::Group { fields, .. } = &field.kind {
                    check(fields, has_chinese);
                }
            }
        }
        let registry = TypeRegistry::embedded();
        assert_eq!(registry.iter().len(), EMBEDDED_FILES.len());
        for content_type in registry.iter() {
            assert!(has_chinese(&content_type.label.zh), "{}", content_type.name);
            check(&content_type.fields, &has_chinese);
        }
    }

    #[test]
    fn a_file_is_named_for_its_type_and_every_file_is_compiled_in() {
        for (file, text) in EMBEDDED_FILES {
            let name = file.strip_suffix(".toml").expect("a TOML file");
            assert!(text.contains(&format!("\nname = \"{name}\"\n")), "{file}");
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/types");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of types")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .filter(|file| file.ends_with(".toml"))
            .collect();
        files.sort();
        let embedded: Vec<&str> = EMBEDDED_FILES.iter().map(|(file, _)| *file).collect();
        assert_eq!(files, embedded);
    }

    #[test]
    fn facts_are_shared_by_translations() {
        for content_type in TypeRegistry::embedded().iter() {
            for field in &content_type.fields {
                let fact = matches!(
                    field.kind,
                    FieldKind::Integer { .. }
                        | FieldKind::Decimal { .. }
                        | FieldKind::Boolean
                        | FieldKind::Date { .. }
                        | FieldKind::DateTime
                        | FieldKind::Choice { .. }
                        | FieldKind::RegionCode { .. }
                        | FieldKind::DocumentNumber
                        | FieldKind::Telephone { .. }
                        | FieldKind::Link { .. }
                );
                assert!(
                    !fact || !field.localised,
                    "{}.{}",
                    content_type.name,
                    field.name
                );
            }
        }
    }
}
