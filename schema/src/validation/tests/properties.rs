//! Laws that hold whatever is handed in.

use proptest::prelude::*;

use super::*;

/// Text that is likely to be trimmed, composed, split or refused.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ 一二三a-z\u{3000}\u{301}\r\n\t\u{feff}<>&/]{0,24}",
        "\\PC{0,24}",
        Just("国办发[2014]57 号".to_owned()),
        Just("（028）86604477 转 801".to_owned()),
        Just("http://例子.gov.cn/路径?a=b#c".to_owned()),
        Just("2026-03-09".to_owned()),
        Just("2026-03-09T10:00:00.5+08:00".to_owned()),
        Just("-0012.50".to_owned()),
        Just("510104".to_owned()),
        Just("azure".to_owned()),
        Just(ID.to_owned()),
        Just("<p>一<b>二</p><img src=x onerror=y><table><tr><td>三".to_owned()),
    ]
}

/// Any JSON, with the members that places, files and rich texts are made of.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-20_i64..20).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    let name = proptest::sample::select(vec![
        "address",
        "longitude",
        "latitude",
        "digest",
        "name",
        "mediaType",
        "size",
        "alt",
        "html",
        "markdown",
        "form",
        "parts",
        "days",
        "x",
    ]);
    leaf.prop_recursive(3, 24, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name.clone(), inner, 0..4).prop_map(|members| {
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<Map<_, _>>()
                    .into()
            }),
        ]
    })
}

/// Input with something in a few of the fields.
fn input() -> impl Strategy<Value = Map<String, Value>> {
    let names: Vec<String> =
        every_kind().fields.iter().map(|field| field.name.to_string()).collect();
    let good_file = json!({"digest": digest(), "name": "表 .pdf", "mediaType": "IMAGE/png", "size": 3, "alt": " "});
    let track = json!({"digest": digest(), "name": "a.vtt", "mediaType": "text/vtt", "size": 3, "language": "en", "kind": "captions", "label": " "});
    let film = json!({"digest": digest(), "name": "a.mp4", "mediaType": "video/mp4", "size": 3, "captions": [track, null]});
    let value = prop_oneof![
        3 => anything(),
        1 => Just(good_file.clone()),
        1 => Just(film),
        1 => Just(json!([good_file])),
        1 => Just(json!({"address": " 路 ", "longitude": "+104.10", "latitude": 30})),
        1 => text().prop_map(|name| json!([{"name": name, "parts": [{"days": 1}, null]}])),
    ];
    proptest::collection::btree_map(proptest::sample::select(names), value, 0..4)
        .prop_map(|members| members.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// A field of each kind is covered: faults elsewhere would hide it, so fields are checked alone.
    #[test]
    fn checking_again_changes_nothing(input in input()) {
        let content_type = every_kind();
        for (name, value) in &input {
            let alone = Map::from_iter([(name.clone(), value.clone())]);
            let Ok(once) = check(&content_type, &alone, Stage::Draft) else { continue };

            let again = check(&content_type, &once.to_input(&content_type), Stage::Draft);

            prop_assert_eq!(again, Ok(once), "{}: {}", name, value);
        }
    }

    #[test]
    fn what_is_canonical_has_canonical_json(input in input()) {
        let content_type = every_kind();
        if let Ok(checked) = check(&content_type, &input, Stage::Draft) {
            prop_assert!(crate::canonical::to_canonical(&checked.fields).is_ok());
        }
    }

    #[test]
    fn a_fault_names_a_place_in_the_input_or_what_is_missing(input in input()) {
        if let Err(faults) = check(&every_kind(), &input, Stage::Publication) {
            for fault in faults {
                let head = fault.path.split(['.', '[']).next().unwrap_or_default();
                let missing = matches!(fault.code, "required");
                prop_assert!(missing || input.contains_key(head), "{}", fault);
                prop_assert!(!fault.message.zh.is_empty() && !fault.message.en.is_empty());
            }
        }
    }
}
