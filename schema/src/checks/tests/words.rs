//! Words that should not be written, in texts.

use serde_json::json;

use super::*;

fn terms(lines: &str) -> Terms {
    let dictionary = Dictionary::parse(&format!(
        "term,class,severity,replacement,exceptions,sites,note\n{lines}"
    ));
    Terms::new(dictionary.expect("a dictionary")).expect("few terms")
}

/// What is found in a title: code, words, what to write instead.
fn told(terms: &Terms, title: &str, sites: &[&str]) -> Vec<(&'static str, String, Option<String>)> {
    let surroundings = Surroundings {
        sites: sites.iter().map(|site| site.parse().expect("a key")).collect(),
        ..Surroundings::default()
    };
    let content = content(json!({ "title": title }));
    let told = |it: Finding| {
        let written = title.chars().skip(it.start).take(it.end - it.start).collect();
        (it.code, written, it.suggestion)
    };
    found_in(terms, &content, &surroundings).into_iter().map(told).collect()
}

fn words(terms: &Terms, title: &str) -> Vec<String> {
    told(terms, title, &[]).into_iter().map(|(_, written, _)| written).collect()
}

#[test]
fn the_words_that_come_along_are_found_in_sentences_and_their_look_alikes_are_not() {
    let terms = Terms::embedded();
    for (title, expected) in [
        ("中华人民共合国公民", vec!["中华人民共合国"]),
        ("深入贯切落实党的二十大精伸", vec!["贯切落实", "二十大精伸"]),
        ("关于布署按装充电桩的通知", vec!["布署", "按装"]),
        ("开立银行帐户，填写帐号", vec!["帐户", "帐号"]),
        ("依法查处循私舞弊", vec!["循私舞弊"]),
        ("按装机容量补贴", vec![]),
        ("电网按装置类别分摊，按装按装机容量计", vec!["按装"]),
        ("关于公布署名文章的通知", vec![]),
        ("资本主义社会主意识形态", vec![]),
        ("以经济建设为中心", vec![]),
        ("中华人民共和国国务院", vec![]),
        ("给予预防接种补助", vec![]),
        ("就读职业学校", vec![]),
        ("校园满意度调查", vec![]),
        ("各部份额由财政部确定", vec![]),
        ("不动产座落", vec!["座落"]),
        ("举办系列讲座落实培训任务", vec![]),
    ] {
        assert_eq!(words(&terms, title), expected, "{title}");
    }
}

#[test]
fn width_and_capitals_make_no_difference_and_places_are_those_of_the_text() {
    let terms = terms("roc,sensitive,,,,,\n５G通迅,wrong,,5G通信,,,\n");
    for (title, expected) in [
        ("ＲＯＣ与roc", vec!["ＲＯＣ", "roc"]),
        ("a rock, processes", vec![]),
        ("𠀀𠀀５g通迅", vec!["５g通迅"]),
        ("İİ5G通迅", vec!["5G通迅"]),
    ] {
        assert_eq!(words(&terms, title), expected, "{title}");
    }
}

#[test]
fn the_longest_word_counts_and_what_is_right_hides_nothing() {
    let terms = terms(
        "甲乙丙,wrong,,一,甲乙丙丁,,\n甲乙,wrong,,二,,,\n乙丙丁,wrong,,三,,,\n丙丁戊,style,,四,,,\n",
    );
    for (title, expected) in [
        ("甲乙丙", vec!["甲乙丙"]),
        ("甲乙丁", vec!["甲乙"]),
        // 甲乙丙 is excepted here; the shorter word that it begins with is not.
        ("甲乙丙丁戊", vec!["甲乙", "丙丁戊"]),
        ("乙丙丁", vec!["乙丙丁"]),
    ] {
        assert_eq!(words(&terms, title), expected, "{title}");
    }
}

#[test]
fn words_of_a_site_are_for_that_site_and_come_before_those_of_all() {
    let terms = terms(
        "市府,style,,市人民政府,,,\n市府,style,error,蓝桥市人民政府,,lanqiao,\n\
         市府大楼,style,,市政务中心,,nanhe|lanqiao-finance,\n市领导,leader,off,,,lanqiao,\n市领导,leader,,,,,请核对\n",
    );
    let replaced = |title: &str, sites: &[&str]| {
        let told = told(&terms, title, sites).into_iter();
        told.map(|(code, _, instead)| (code, instead.unwrap_or_default())).collect::<Vec<_>>()
    };

    assert_eq!(replaced("市府大楼", &[]), [("style_term", "市人民政府".to_owned())]);
    assert_eq!(replaced("市府大楼", &["lanqiao"]), [("style_term", "蓝桥市人民政府".to_owned())]);
    assert_eq!(replaced("市府大楼", &["nanhe"]), [("style_term", "市政务中心".to_owned())]);
    assert_eq!(replaced("市领导", &["nanhe"]), [("leader_term", String::new())]);
    assert_eq!(replaced("市领导", &["lanqiao"]), []);
}

#[test]
fn a_dictionary_of_the_operator_goes_before_the_one_that_comes_along() {
    let own = Dictionary::parse(
        "term,class,severity,replacement\n帐号,style,off,\n贯切,wrong,error,贯彻实施\n",
    );
    let dictionary = Dictionary::embedded().with(own.expect("a dictionary"));
    let terms = Terms::new(dictionary).expect("few terms");

    let told = told(&terms, "贯切落实、贯切帐号和帐户", &[]);

    let instead: Vec<_> =
        told.into_iter().map(|(_, _, instead)| instead.unwrap_or_default()).collect();
    assert_eq!(instead, ["贯彻落实", "贯彻实施", "账户"]);
}

#[test]
fn a_text_of_nothing_but_faults_has_findings_within_bounds() {
    let body = format!("<p>{}</p>", "按装，".repeat(5_000));
    let content = content(json!({ "title": "甲", "body": body }));
    let found = found_in(&Terms::embedded(), &content, &Surroundings::default());

    assert_eq!(found.len(), MOST_OF_ONE_CHECK);
    assert_eq!((found[1].start, found[1].end), (3, 5));
}
