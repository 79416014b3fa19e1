//! The rules in force, with what each is taken from and how sure that is.

use schema::calendar::{DeadlineRule, DeadlineRules};

use super::{Answer, Language, table};

pub(super) fn run(rules: &DeadlineRules, language: Language) -> Answer {
    let header = match language {
        Language::Zh => ["规则", "事项", "起算", "时限", "适用", "可靠程度", "依据"],
        Language::En => ["rule", "what", "from", "within", "whose", "sureness", "source"],
    };
    let locale = language.locale();
    let rows = rules.iter().map(|rule| {
        let preset = rule.preset.as_ref().map(|preset| preset.for_locale(locale));
        [
            rule.key.to_string(),
            rule.name.for_locale(locale).to_owned(),
            rule.from.label().for_locale(locale).to_owned(),
            rule.within.label().for_locale(locale).to_owned(),
            preset.unwrap_or(language.say("全国", "national")).to_owned(),
            rule.sureness.label().for_locale(locale).to_owned(),
            rule.source.clone(),
        ]
    });
    let all: Vec<&DeadlineRule> = rules.iter().collect();
    Answer::new(table(header, rows), &all)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_rule_is_listed_with_its_source_and_how_sure_that_is() {
        let rules = DeadlineRules::embedded();
        for (language, whose, sureness) in
            [(Language::Zh, "全国", "未核实"), (Language::En, "national", "unverified")]
        {
            let text = run(&rules, language).text;
            assert_eq!(text.lines().count(), 1 + rules.iter().count(), "{text}");
            let repost = text.lines().find(|line| line.contains(" repost ")).expect("the rule");
            for word in [whose, sureness, "《政府网站发展指引》", "12"] {
                assert!(repost.contains(word), "{repost}");
            }
        }
        let json: Value = serde_json::from_str(&run(&rules, Language::En).json()).expect("JSON");
        let first = &json[0];
        assert_eq!(
            [&first["key"], &first["within"], &first["from"], &first["sureness"]],
            ["disclosure", "20wd", "formed", "text"]
        );
    }
}
