//! Rules between types.

use super::*;

#[test]
fn types_must_not_take_each_others_names() {
    let again = |name: &str, file: &str| (file.to_owned(), type_file(name, "").1);

    let found = mistakes([again("posting", "a.toml"), again("posting", "b.toml")]);
    assert_eq!(found, ["b.toml:1 the type posting is already defined in a.toml"]);

    let found = mistakes([again("posting", "a.toml"), again("postingFilter", "b.toml")]);
    assert!(found[0].contains("PostingFilter is taken (posting)"), "{found:?}");

    let (_, text) = type_file("poster", "");
    let found = mistakes([
        again("posting", "a.toml"),
        ("b.toml".into(), text.replace("version", "plural = \"postings\"\nversion")),
    ]);
    assert_eq!(
        found,
        ["b.toml:1 the list name postings is taken (posting): choose another with plural"]
    );

    let found = mistakes([again("posting", "a.toml"), again("postings", "b.toml")]);
    assert_eq!(found, ["b.toml:1 the type name postings is taken (posting): choose another name"]);
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
        (links[0].name.as_str(), links[0].source.as_str(), links[0].field.as_str()),
        ("comments", "comment", "about")
    );
    assert!(registry.reverse_links(&name("comment")).is_empty());
    assert!(!links[0].expected);
    let wanted = link("ruling", "comments") + "reverse_expected = true\n";
    let registry = load([target(), type_file("comment", &wanted)]);
    assert!(registry.reverse_links(&name("ruling"))[0].expected);

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
fn types_may_share_choices_that_are_the_same() {
    let stage = |name: &str, of: &str, value: &str| {
        let choices = format!(
            "kind = \"choice\"\nchoices_name = \"{name}\"\nchoices = [{{ value = \"{value}\", label = {{ zh = \"开\", en = \"Open\" }} }}]"
        );
        type_file(of, &field("stage", &choices))
    };

    let registry = load([stage("Stage", "posting", "open"), stage("Stage", "tender", "open")]);
    let names = |of: &str| reserved::graphql_type_names(registry.get(&name(of)).expect("a type"));
    assert!(names("posting").contains(&"Stage".to_owned()));
    assert!(names("tender").contains(&"StageFilter".to_owned()));

    let found = mistakes([stage("Stage", "posting", "open"), stage("Stage", "tender", "closed")]);
    assert_eq!(
        found,
        [
            "tender.toml:1 the choices Stage are not those of posting: under one name they must be the same"
        ]
    );
    let found = mistakes([stage("Place", "posting", "open")]);
    assert!(found[1].contains("the GraphQL type name Place is taken (core)"), "{found:?}");
    let found =
        mistakes([stage("TenderEdge", "posting", "open"), stage("Stage", "tender", "open")]);
    assert!(found[0].contains("TenderEdge is taken"), "{found:?}");
    let found = mistakes([stage("stage", "posting", "open")]);
    assert!(found[0].contains("choices_name"), "{found:?}");
}

#[test]
fn names_of_the_interface_belong_to_their_roles() {
    for (field_name, kind, expected) in [
        ("body", "rich_text", "a field named body must be the body"),
        ("cover", "file", "a field named cover must be the cover"),
        ("keywords", "short_text", "a field named keywords must be a list of short texts"),
    ] {
        let text = type_file("posting", &field(field_name, &format!("kind = \"{kind}\"")));
        let found = mistakes([text]);
        assert!(found[0].contains(expected), "{found:?}");
    }
}
