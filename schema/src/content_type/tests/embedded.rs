//! The set of types that comes with the product.

use super::*;
use crate::content_type::{
    field_file::COMMON as FIELD_KEYS, kind_file::LIMITS, type_file::KEYS as TYPE_KEYS,
};

#[test]
fn every_type_is_labelled_in_two_languages_throughout() {
    let has_chinese =
        |text: &str| text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
    fn check(fields: &[Field], has_chinese: &dyn Fn(&str) -> bool) {
        for field in fields {
            assert!(has_chinese(&field.label.zh), "{}", field.name);
            assert!(field.label.en.is_ascii() || field.label.en.contains('é'), "{}", field.name);
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
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
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
            assert!(!fact || !field.localised, "{}.{}", content_type.name, field.name);
        }
    }
}

/// The example that both guides show.
fn example(guide: &str) -> &str {
    let (_, rest) = guide.split_once("```toml\n").expect("a guide shows a type file");
    rest.split_once("```").expect("the example ends").0
}

#[test]
fn the_example_of_the_guides_loads_beside_the_set_and_uses_every_key() {
    let text = example(include_str!("../../../../docs/content-types.md"));
    assert_eq!(example(include_str!("../../../../docs/content-types.zh-CN.md")), text);

    let set = EMBEDDED_FILES.iter().map(|(file, text)| (file.to_string(), text.to_string()));
    let registry = load(set.chain([("example.toml".to_owned(), text.to_owned())]));

    assert_eq!(registry.iter().len(), EMBEDDED_FILES.len() + 1);
    for key in TYPE_KEYS.iter().chain(&FIELD_KEYS).chain(&LIMITS) {
        assert!(
            text.contains(&format!("{key} = ")) || text.contains(&format!("[[{key}]]")),
            "{key}"
        );
    }
}
