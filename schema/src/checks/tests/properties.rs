//! What holds for every text.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::rich_text::escape;

/// Texts made of what checks look for, cut anywhere.
fn any_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "按装",
        "贯切落实",
        "中华人民共合国",
        "帐号",
        "２０２６年",
        "2月30日",
        "二〇二六年",
        "十三月",
        "月",
        "日",
        "年",
        "11010519491231002X",
        "13812345678",
        "138-1234-5678",
        "+86 ",
        "6222021234567890128",
        "110105491231002",
        "国办发[2014]57号",
        "（2014）第",
        "号",
        " ",
        "　",
        "\n",
        "-",
        "/",
        "2026-02-30",
        "0",
        "9",
        "x",
        "Ｘ",
        "e\u{301}",
        "𠀀",
        "İ",
        "审图号",
        "地图",
        "。",
        "<",
        "&",
        "\u{200b}",
    ]);
    prop_oneof![
        4 => prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

fn any_body() -> impl Strategy<Value = String> {
    let wrapped = (0..7_u8, any_text()).prop_map(|(around, text)| {
        let mut words = String::new();
        escape(&text, &mut words);
        match around {
            0 => format!("<p><a href=\"https://www.example.com/\">{words}</a></p>"),
            1 => format!(
                "<table><tr><td>甲</td><td>{words}<a href=\"/1\">{words}</a></td></tr></table>"
            ),
            2 => format!("<ol><li>{words}</li><li><img src=\"/地图.png\">{words}</li></ol>"),
            3 => format!("<figure><img src=\"/1.png\"><figcaption>{words}</figcaption></figure>"),
            4 => format!("<h2>{words}</h2>"),
            5 => format!("<p>{words}<br>{words} <a href=\"http://10.0.0.1/\">{words} </a></p>"),
            _ => format!("<p>{words}</p>"),
        }
    });
    prop::collection::vec(wrapped, 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn every_finding_lies_in_its_text_and_shows_what_it_is_about(
        title in any_text(), number in any_text(), body in any_body(), tag in any_text(),
    ) {
        // What a type would refuse never reaches a check.
        let clean = |text: &str, most: usize| -> String {
            text.chars().filter(|letter| !letter.is_control()).take(most).collect()
        };
        let fields = json!({
            "title": clean(&title, 200), "documentNumber": clean(&number, 60),
            "body": body, "keywords": [clean(&tag, 40)],
        });
        let content_type = TYPES.get(&"policyDocument".parse().expect("a name")).expect("a type");
        let Value::Object(fields) = fields else { unreachable!("it was written as one") };
        prop_assume!(check(content_type, &fields, Stage::Draft).is_ok());
        let content = content(Value::Object(fields));
        let subject = Subject::new(&TYPES, content_type, &content);

        let found = Checks::embedded().look(&subject, &Surroundings::default());

        for finding in &found {
            prop_assert!(!finding.message.zh.is_empty() && !finding.message.en.is_empty());
            let Some(text) = subject.text(&finding.path) else {
                prop_assert_eq!((finding.start, finding.end), (0, 0), "{:?}", finding);
                continue;
            };
            prop_assert!(finding.start <= finding.end, "{:?}", finding);
            prop_assert!(finding.end <= text.plain.chars().count(), "{:?}", finding);
            let concerned: String =
                text.plain.chars().skip(finding.start).take((finding.end - finding.start).min(60)).collect();
            let one_line: String = concerned
                .chars()
                .map(|it| if it.is_whitespace() || it.is_control() { ' ' } else { it })
                .collect();
            prop_assert!(finding.excerpt.contains(&one_line), "{:?}", finding);
        }
        let order: Vec<_> =
            found.iter().map(|it| (subject.rank(&it.path), it.start, it.end)).collect();
        prop_assert!(order.is_sorted());
    }

    /// What is suggested is not found again.
    #[test]
    fn a_suggestion_mends_what_it_is_about(text in any_text()) {
        let clean: String = text.chars().filter(|it| !it.is_control()).take(300).collect();
        let mendable = ["wrong_term", "identity_number", "mobile_number", "bank_card_number", "mixed_date"];
        let mut words = String::new();
        escape(&clean, &mut words);
        let content = content(json!({ "title": "甲", "body": format!("<p>{words}</p>") }));
        let content_type = TYPES.get(&content.r#type).expect("a type");
        let subject = Subject::new(&TYPES, content_type, &content);
        for finding in Checks::embedded().look(&subject, &Surroundings::default()) {
            let Some(suggestion) = finding.suggestion.filter(|_| mendable.contains(&finding.code))
            else {
                continue;
            };
            let again = json!({ "title": "甲", "body": format!("<p>{suggestion}</p>") });
            let again = super::content(again);
            let subject = Subject::new(&TYPES, content_type, &again);
            let found = Checks::embedded().look(&subject, &Surroundings::default());
            prop_assert!(found.iter().all(|it| it.code != finding.code), "{suggestion}: {found:?}");
        }
    }
}
