//! `gongbao site notice`.

use serde_json::{Value, json};

use crate::{
    house::{House, house},
    program::Program,
};

test_harness::on_both_databases! {
    with house;

    async fn an_officer_on_duty_puts_a_notice_up_and_takes_it_down(house: House) {
        let program = Program::new(house.folder(), house.database.url());
        let said = |arguments: &[&str]| -> Value {
            let words = [&["--json", "site", "notice"], arguments].concat();
            serde_json::from_str(&program.done(&words)).expect("JSON")
        };

        let created = said(&[
            "create", "lanqiao", "--kind", "emergency", "--severity", "red",
            "--zh", "南河二桥封闭", "--en", "Nanhe Bridge 2 is closed", "--link", "/traffic/bridge",
        ]);
        let id = created["id"].as_str().expect("an id");
        let listed = said(&["list", "lanqiao"]);
        let shown = program.done(&["site", "notice", "list", "lanqiao"]);

        assert_eq!((&created["phase"], &created["endsAt"]), (&json!("inForce"), &json!(null)));
        assert_eq!(listed, json!([created]));
        assert!(shown.contains("南河二桥封闭") && shown.contains("emergency"), "{shown}");
        let ended = said(&["end", id]);
        assert_eq!(ended["phase"], "over");
        assert_eq!(said(&["list", "lanqiao"]), json!([]));
        assert_eq!(said(&["list", "lanqiao", "--all"]).as_array().map(Vec::len), Some(1));

        let (code, error) = program.failed(&[
            "--lang", "en", "site", "notice", "create", "lanqiao", "--kind", "weather", "--zh", " ",
            "--link", "ftp://x",
        ]);
        assert_eq!(code, Some(1));
        assert!(error.contains("text.zh") && error.contains("link"), "{error}");
        let (code, _) =
            program.failed(&["site", "notice", "create", "lanqiao", "--kind", "rain", "--zh", "雨"]);
        assert_eq!(code, Some(2), "no such kind");
        house.findings().await;
    }
}
