//! What a new definition means for content checked under the old one.

use super::*;

#[test]
fn a_definition_survives_being_kept_as_json() {
    for content_type in TypeRegistry::embedded().iter() {
        let json = content_type.to_canonical_json().expect("a definition has canonical JSON");

        let read = ContentType::from_json(&json).expect("what was written can be read");

        assert_eq!(&read, content_type);
        assert_eq!(read.to_canonical_json().expect("canonical"), json);
    }
}

#[test]
fn a_file_that_is_loaded_again_has_not_changed() {
    assert_eq!(TypeRegistry::embedded().changes_from(&TypeRegistry::embedded()), []);
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
    let related = "kind = \"link\"\nto = [\"posting\"]\nreverse = \"postings\"\n\
                   reverse_label = { zh = \"相关\", en = \"Related\" }";
    let cases: [(String, String, &str, Severity); 14] = [
        (field("extra", "kind = \"date\""), String::new(), "field_removed", Breaking),
        (String::new(), field("extra", "kind = \"date\""), "field_added", Harmless),
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
        (field("extra", &choice(&both)), field("extra", &choice(one)), "choice_removed", Breaking),
        (field("extra", &choice(one)), field("extra", &choice(&both)), "choices", Harmless),
        (
            field("extra", &inner("date")),
            field("extra", &inner("boolean")),
            "kind_changed",
            Breaking,
        ),
        (
            field("extra", related),
            field("extra", &format!("{related}\nreverse_expected = true")),
            "reverse_expectation_changed",
            Harmless,
        ),
        (
            field("extra", related),
            field("extra", &format!("{related}\nreverse_together = true")),
            "reverse_together_changed",
            Harmless,
        ),
    ];
    for (before, after, code, severity) in cases {
        let old = load([type_file("posting", &before)]);
        let (file, text) = type_file("posting", &after);
        let new = load([(file, text.replace("version = 1", "version = 2"))]);

        let changes = new.changes_from(&old);

        let found: Vec<_> = changes.iter().map(|change| (change.code, change.severity)).collect();
        assert_eq!(found, [(code, severity)], "{before} → {after}");
        assert_eq!(new.keeps(&old), severity != Breaking);
    }
}

#[test]
fn a_changed_definition_needs_a_higher_version() {
    let old = load([type_file("posting", "")]);
    let new = load([type_file("posting", &field("extra", "kind = \"date\""))]);

    let codes: Vec<&str> = new.changes_from(&old).iter().map(|change| change.code).collect();

    assert_eq!(codes, ["version_not_raised", "field_added"]);
}

#[test]
fn a_removed_type_is_missed_and_a_new_one_is_not_a_problem() {
    let both = load([type_file("posting", ""), type_file("poster", "")]);
    let one = load([type_file("posting", "")]);

    assert!(!one.keeps(&both));
    assert!(both.keeps(&one));
}
