//! Type files: what they mean, and what is said of mistakes in them.

mod changes;
mod embedded;
mod together;

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
    let registry = load([type_file("posting", &field("places", "kind = \"url\"\nmany = true"))]);

    let posting = registry.get(&name("posting")).expect("the type was loaded");

    assert_eq!(posting.plural.as_str(), "postings");
    assert_eq!(posting.graphql_name(), "Posting");
    assert_eq!(posting.schema_org, "Article");
    assert_eq!(posting.old_texts, OldTexts::Error);
    assert_eq!(posting.path, PathTemplate::default());
    let many = posting.field("places").and_then(|field| field.kind.many());
    assert_eq!(many, Some(Many { min_items: 0, max_items: LIST_ITEMS }));
    assert!(posting.field("title").is_some_and(|field| field.localised && !field.filterable));
}

#[test]
fn every_nonsense_combination_is_named_with_its_line() {
    // Each entry: the keys of a field whose table starts at line 12 and whose kind stands at 15,
    // and what is said of it.
    let cases = [
        ("kind = \"rich_text\"\nsortable = true", "16 a rich_text field cannot be sortable"),
        ("kind = \"json\"\nfilterable = true", "16 a json field cannot be filterable"),
        ("kind = \"file\"\nfilterable = true", "16 a file field cannot be filterable"),
        ("kind = \"url\"\nfilterable = true", "16 a url field cannot be filterable"),
        ("kind = \"boolean\"\nsearchable = true", "16 a boolean field cannot be searchable"),
        (
            "kind = \"short_text\"\nmany = true\nsortable = true",
            "17 a short_text list field cannot be sortable",
        ),
        ("kind = \"choice\"\nchoices = []", "16 choices needs at least one entry"),
        ("kind = \"choice\"", "12 choices is missing"),
        ("kind = \"short_text\"\npattern = \"(\"", "16 pattern is not a regular expression"),
        (
            "kind = \"short_text\"\nmin_length = 9\nmax_length = 3",
            "16 min_length is above max_length (3)",
        ),
        ("kind = \"short_text\"\nmax_length = 501", "16 max_length must be from 1 to 500"),
        ("kind = \"integer\"\nminimum = 2\nmaximum = 1", "16 minimum is above maximum"),
        ("kind = \"date\"\nminimum = \"2020-02-30\"", "16 minimum: \"2020-02-30\" is not right"),
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
        ("kind = \"url\"\nmax_items = 5", "16 max_items is for lists: add many = true"),
        (
            "kind = \"boolean\"\nrequired = true\ndeprecated = { zh = \"停\", en = \"gone\" }",
            "17 a deprecated field cannot be required",
        ),
        ("kind = \"integer\"\nunique = \"site\"", "16 a unique field needs localised = false"),
        ("kind = \"date\"\nlocalised = false\nunique = \"site\"", "17 unique is for single"),
        (
            "kind = \"integer\"\nlocalised = false\nunique = \"world\"",
            "17 unique must be site or authority",
        ),
        ("kind = \"file\"\nmedia = [\"pictures\"]", "16 media: \"pictures\" is not a media type"),
        ("kind = \"link\"\nreverse = \"others\"", "16 reverse and reverse_label go together"),
        ("kind = \"link\"\nreverse_expected = true", "16 reverse_expected goes with reverse"),
        ("kind = \"link\"\nreverse_together = true", "16 reverse_together goes with reverse"),
        ("kind = \"prose\"", "15 unknown kind"),
        (
            "kind = \"boolean\"\nfilterabel = true",
            "16 unknown key filterabel; did you mean filterable?",
        ),
        ("kind = \"boolean\"\nrequired = \"yes\"", "16 required must be true or false"),
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
        (
            "kind = \"boolean\"\nschema_org = \"isFree now\"",
            "16 schema_org must be a property of schema.org",
        ),
        ("kind = \"json\"\nschema_org = \"text\"", "16 a json field fills no property"),
        (
            "kind = \"short_text\"\nschema_org = \"provider.Organization\"",
            "16 a short_text is no thing: schema_org must end in a property, such as provider.Organization.name",
        ),
        (
            "kind = \"group\"\nschema_org = \"text\"\nfields = [{ name = \"on\", kind = \"date\", label = { zh = \"日\", en = \"Day\" } }]",
            "16 schema_org of a group must end in the type of its items",
        ),
        (
            "kind = \"group\"\nfields = [{ name = \"on\", kind = \"date\", schema_org = \"startDate\", label = { zh = \"日\", en = \"Day\" } }]",
            "12 fields of the group have schema_org",
        ),
        (
            "kind = \"choice\"\nchoices = [{ value = \"good\", label = { zh = \"好\", en = \"Good\" }, schema_org = \"inForce\" }]",
            "16 schema_org of a choice must be a member",
        ),
    ];
    for (keys, said) in cases {
        let found = mistakes([type_file("posting", &field("extra", keys))]);

        let expected = format!("posting.toml:{said}");
        assert!(found.iter().any(|mistake| mistake.starts_with(&expected)), "{keys}\n{found:?}");
    }
}

#[test]
fn all_mistakes_of_all_files_are_reported_at_once() {
    let first = type_file("posting", "colour = 1\nsortable = 3\n");
    let second = type_file("poster", &field("title", "kind = \"date\""));
    let third = ("broken.toml".to_owned(), "name = \n".to_owned());

    let found = mistakes([first, second, third]);

    let at: Vec<&str> = found.iter().filter_map(|mistake| mistake.split(' ').next()).collect();
    assert_eq!(at, ["broken.toml:1", "poster.toml:12", "posting.toml:11", "posting.toml:12"]);
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
        type_file("posting", &field("outer", &format!("kind = \"group\"\nfields = [{inner}]")))
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
    for core in ["publishedAt", "contentId", "source", "attachments", "summary", "validity"] {
        let found = mistakes([type_file("posting", &field(core, "kind = \"date\""))]);
        assert_eq!(found.len(), 1, "{core}: {found:?}");
        assert!(found[0].starts_with("posting.toml:12"), "{found:?}");
    }
    for taken in ["document", "site", "edition"] {
        assert!(TypeRegistry::load([type_file(taken, "")]).is_err(), "{taken}");
    }
}
