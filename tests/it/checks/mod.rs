//! What checks find: in a draft for those who write it, and in everything public on the command line.

mod drafts;
mod published;

use serde_json::Value;

/// Code, field, first and last character, and what to write instead.
pub fn told(findings: &Value) -> Vec<(&str, &str, i64, i64, Option<&str>)> {
    let findings = findings.as_array().expect("a list").iter();
    findings
        .map(|finding| {
            let message = &finding["message"];
            assert!(message["zh"] != "" && message["en"] != "", "{finding}");
            let text = |name: &str| finding[name].as_str();
            (
                text("code").expect("a code"),
                text("field").or(text("path")).expect("a place"),
                finding["start"].as_i64().expect("a number"),
                finding["end"].as_i64().expect("a number"),
                text("suggestion"),
            )
        })
        .collect()
}

pub fn codes(findings: &Value) -> Vec<&str> {
    told(findings).into_iter().map(|(code, ..)| code).collect()
}
