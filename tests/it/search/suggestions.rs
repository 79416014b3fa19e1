//! What is suggested while a reader types: titles that hold it, document numbers that begin with
//! it, and nothing that is not public.

use serde_json::{Value, json};

use super::{library, papers};
use crate::{
    content_api::Front,
    house::{House, told},
};

impl Front {
    async fn suggested(&self, typed: &str, arguments: &str) -> Vec<String> {
        let query = format!(
            "query ($typed: String!) {{ suggestions(query: $typed{arguments}) {{ text highlight document {{ title }} }} }}"
        );
        let data = self.ask_with(&query, json!({ "typed": typed })).await;
        let text = |one: &Value| one["text"].as_str().expect("a text").to_owned();
        data["suggestions"].as_array().expect("a list").iter().map(text).collect()
    }
}

test_harness::on_both_databases! {
    with library;

    async fn what_is_typed_finds_titles_that_hold_it(house: House) {
        let front = house.front();
        for (typed, expected) in [
            ("加装", vec!["关于发放加装电梯财政补贴的通知", "蓝桥市既有住宅加装电梯实施办法"]),
            // Those that begin with it come before newer ones that hold it.
            ("蓝桥", vec!["蓝桥市既有住宅加装电梯实施办法"]),
            ("關於發放", vec!["关于发放加装电梯财政补贴的通知"]),
            ("京", vec!["赴南京学习考察情况", "江南京剧周日程"]),
            ("５g", vec!["5G网络建设行动计划"]),
            ("住房 公积", vec!["住房公积金提取指南"]),
            // A text that holds it is no title that does.
            ("缴存人", vec![]),
            ("大剧院", vec![]),
            ("《", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(front.suggested(typed, "").await, expected, "{typed}");
        }
    }

    async fn a_document_number_is_suggested_by_its_beginning(house: House) {
        let front = house.front();
        for typed in ["蓝政", "蓝政办发[20", "蓝政办发（2025）1", "蓝政办发〔2025〕18号"] {
            assert_eq!(front.suggested(typed, ", first: 1").await, ["蓝政办发〔2025〕18号"], "{typed}");
        }
        assert_eq!(front.suggested("政办发", "").await, [""; 0], "not from its middle");
    }

    async fn what_was_typed_is_marked(house: House) {
        let query = "{ suggestions(query: \"补贴\") { highlight document { title url } } \
                     number: suggestions(query: \"蓝财\") { highlight document { title } } \
                     markup: suggestions(query: \"测试\") { highlight } }";
        let data = house.front().ask(query).await;

        assert_eq!(data["suggestions"][0]["highlight"], "关于发放加装电梯财政<mark>补贴</mark>的通知");
        assert_eq!(data["number"][0]["highlight"], "<mark>蓝财</mark>〔2025〕7号");
        assert_eq!(data["number"][0]["document"]["title"], "关于发放加装电梯财政补贴的通知");
        assert_eq!(
            data["markup"][0]["highlight"],
            "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;引号&quot; <mark>测试</mark>"
        );
    }

    async fn suggestions_are_narrowed_and_counted(house: House) {
        let front = house.front();
        let all = front.suggested("的", "").await;
        assert!(all.len() > 1, "{all:?}");
        assert_eq!(front.suggested("的", ", first: 1").await, all[..1]);
        assert_eq!(front.suggested("的", ", site: \"lanqiao\", column: \"policy\"").await, all);
        assert_eq!(front.suggested("的", ", site: \"lanqiao\", column: \"news\"").await, [""; 0]);
        assert_eq!(front.suggested("的", ", site: \"nanhe\"").await, [""; 0]);
        assert_eq!(front.suggested("的", ", type: paper, locale: \"zh-CN\"").await, all);
        assert_eq!(front.suggested("的", ", locale: \"en\"").await, [""; 0]);
        for arguments in ["query: \"的\", first: 21", "query: \"的\", first: 0", "query: \"的\", column: \"policy\"", "query: \"的\", site: \"none\""] {
            let query = format!("{{ suggestions({arguments}) {{ text }} }}");
            assert_eq!(front.refusal(&query).await, "BAD_ARGUMENT", "{arguments}");
        }
        let long = format!("{{ suggestions(query: \"{}\") {{ text }} }}", "长".repeat(101));
        assert_eq!(front.refusal(&long).await, "BAD_ARGUMENT");
    }

    async fn what_is_not_public_is_not_suggested(house: House) {
        let front = house.keeping_front(&house.desk.store);
        let paper = house.publish_paper(json!({ "title": "独一无二的标题", "drafter": "x" }), "zh-CN").await;
        assert_eq!(front.suggested("独一无二", "").await, ["独一无二的标题"]);

        // A correction that is still a draft, then the correction, then nothing.
        let draft = house.save(crate::house::now(&paper), super::paper(json!({ "title": "另一个标题" }))).await.expect("it is saved");
        assert_eq!(front.suggested("另一个", "").await, [""; 0]);
        let corrected = house.make_public(&draft).await.document;
        assert_eq!(front.suggested("独一无二", "").await, [""; 0]);
        assert_eq!(front.suggested("另一个", "").await, ["另一个标题"]);
        house.withdraw(&corrected, told("说明", "Told")).await.expect("it is withdrawn");
        assert_eq!(front.suggested("另一个", "").await, [""; 0]);
    }

    async fn a_key_costs_two_statements_and_the_same_key_none(house: House) {
        let query = "{ suggestions(query: \"电梯\") { text } }";
        let front = house.front();
        let first = front.statements(query).await;
        let nothing = front.statements("{ suggestions(query: \"没有\") { text } }").await;
        assert_eq!(first, nothing + 2, "the first one looks whether the index is complete");
        let found = front.statements("{ suggestions(query: \"电\") { text } }").await;
        assert_eq!(found, nothing + 1, "the documents together");
        let keeping = house.keeping_front(&house.desk.store);
        assert!(keeping.statements(query).await > 0);
        assert_eq!(keeping.statements(query).await, 0, "an answer that is kept");
    }
}

test_harness::on_both_databases! {
    with papers;

    async fn a_title_that_many_have_is_suggested_once_by_the_newest(house: House) {
        for count in 0..3 {
            house.publish_paper(json!({ "title": "公告", "drafter": count.to_string() }), "zh-CN").await;
        }
        let newest = house.publish_paper(json!({ "title": "公告", "drafter": "3" }), "zh-CN").await;
        let front = house.front();

        let data = front.ask("{ suggestions(query: \"公\") { document { contentId } } }").await;

        assert_eq!(data["suggestions"], json!([{ "document": { "contentId": newest.content.to_string() } }]));
    }

    async fn nothing_is_suggested_before_everything_can_be(house: House) {
        let paper = house.publish_paper(json!({ "title": "公告", "drafter": "0" }), "zh-CN").await;
        house.tamper("INSERT INTO search_pending (document_id) SELECT id FROM document").await;

        assert_eq!(house.front().refusal("{ suggestions(query: \"公\") { text } }").await, "NOT_INDEXED");
        assert!(house.seen(paper.id).await.is_some());
    }
}
