//! The types that come with the product accept the content they were made for.

use super::*;

/// A value that fits the field, made from its definition alone.
fn sample(field: &Field) -> Value {
    let one = match &field.kind {
        FieldKind::ShortText { pattern, .. } => match pattern {
            None => json!("兰桥市"),
            Some(pattern) => ["兰桥市", "a@example.gov.cn", "610000", "11510000MB12345678"]
                .into_iter()
                .find(|text| pattern.matches(text))
                .unwrap_or_else(|| panic!("no sample for {} of {}", pattern.as_str(), field.name))
                .into(),
        },
        FieldKind::LongText { .. } => json!("第一行\n第二行"),
        FieldKind::RichText { .. } => json!({"markdown": "各区县人民政府：\n\n请遵照执行。"}),
        FieldKind::Integer { minimum, .. } => json!(minimum.unwrap_or(7)),
        FieldKind::Decimal { .. } => json!("12.5"),
        FieldKind::Boolean => json!(true),
        FieldKind::Date { .. } => json!("2026-03-09"),
        FieldKind::DateTime => json!("2026-03-09T10:00:00+08:00"),
        FieldKind::Choice { choices, .. } => json!(choices[0].value),
        FieldKind::RegionCode { .. } => json!("510100"),
        FieldKind::DocumentNumber => json!("兰府办发[2026]3号"),
        FieldKind::Place => {
            json!({"address": "兰桥市人民路1号", "longitude": "103.5", "latitude": "30.25"})
        }
        FieldKind::Telephone { .. } => json!("12345"),
        FieldKind::Url { .. } => json!("https://www.lanqiao.example/"),
        FieldKind::Link { .. } => json!(ID),
        FieldKind::File { media, .. } => {
            let media_type =
                media.first().map_or("application/pdf", String::as_str).replace('*', "png");
            json!({"digest": digest(), "name": "文件", "mediaType": media_type, "size": 1024})
        }
        FieldKind::Group { fields, .. } => return json!([samples(fields, |_| true)]),
        FieldKind::Json { .. } => json!({"series": [1, 2]}),
    };
    if field.kind.is_list() { json!([one]) } else { one }
}

fn samples(fields: &[Field], wanted: impl Fn(&Field) -> bool) -> Map<String, Value> {
    let wanted = fields.iter().filter(|field| wanted(field));
    wanted.map(|field| (field.name.to_string(), sample(field))).collect()
}

#[test]
fn what_is_required_is_enough_to_publish() {
    for content_type in TypeRegistry::embedded().iter() {
        let minimal = samples(&content_type.fields, |field| field.required);

        let checked = check(content_type, &minimal, Stage::Publication);

        let checked = checked.unwrap_or_else(|faults| panic!("{}: {faults:?}", content_type.name));
        assert!(content_type.title_of(&checked.fields).is_some(), "{}", content_type.name);
    }
}

#[test]
fn a_type_filled_to_the_last_field_can_be_published_and_indexed() {
    for content_type in TypeRegistry::embedded().iter() {
        let full = samples(&content_type.fields, |_| true);

        let checked = check(content_type, &full, Stage::Publication);

        let checked = checked.unwrap_or_else(|faults| panic!("{}: {faults:?}", content_type.name));
        let kept = checked.fields.len() + checked.links.len();
        assert_eq!(kept, content_type.fields.len(), "{}", content_type.name);
        let indexed = index_values(content_type, &checked.fields, &checked.links);
        let promised =
            content_type.fields.iter().filter(|field| field.filterable || field.sortable);
        assert_eq!(indexed.len(), promised.count(), "{}", content_type.name);
    }
}

#[test]
fn nothing_can_be_published_without_a_title() {
    for content_type in TypeRegistry::embedded().iter() {
        let mut content = samples(&content_type.fields, |_| true);
        content.remove(content_type.title.as_str());

        let found = faults(check(content_type, &content, Stage::Publication));

        assert_eq!(found, [format!("{} required", content_type.title)], "{}", content_type.name);
    }
}
