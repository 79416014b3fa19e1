//! The numbering of official documents, which tells where a passage starts and of what rank
//! it is: 一、 above （一） above 1. above （1） (GB/T 9704—2012, 7.3.3), and 编, 章, 节, 条 in
//! laws.

use std::sync::LazyLock;

use regex::Regex;

/// What a numbered passage is numbered as, the higher rank first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// 第一编
    Part,
    /// 第一章
    Chapter,
    /// 第一节
    Section,
    /// 一、
    First,
    /// （一）
    Second,
    /// 1. or 1、
    Third,
    /// （1）
    Fourth,
    /// 第一条: a paragraph, never a heading.
    Article,
}

static MARKERS: LazyLock<Vec<(Rank, Regex)>> = LazyLock::new(|| {
    const CHINESE: &str = "[一二三四五六七八九十百千零〇]{1,7}";
    let with = |rank, pattern: &str| {
        let pattern = pattern.replace('N', CHINESE);
        (rank, Regex::new(&format!("^(?:{pattern})")).expect("the patterns below are well-formed"))
    };
    vec![
        with(Rank::Part, r"第N编(?:\s|$)"),
        with(Rank::Chapter, r"第N章(?:\s|$)"),
        with(Rank::Section, r"第N节(?:\s|$)"),
        with(Rank::Article, r"第N条(?:之N)?(?:\s|$)"),
        with(Rank::First, r"N、"),
        with(Rank::Second, r"[（(]N[）)]"),
        // `3.5` and `2014.` are numbers of the text.
        with(Rank::Third, r"[0-9０-９]{1,2}(?:[.．][^0-9０-９]|、)"),
        with(Rank::Fourth, r"[（(][0-9０-９]{1,2}[）)]"),
    ]
});

/// The rank of a passage by the number it starts with.
pub(super) fn rank(text: &str) -> Option<Rank> {
    MARKERS.iter().find(|(_, marker)| marker.is_match(text)).map(|(rank, _)| *rank)
}

/// Whether a passage starts as a new one does: numbered, or with the dash of a list.
pub(super) fn starts_passage(text: &str) -> bool {
    text.starts_with("——") || rank(text).is_some()
}

/// The length in bytes of `第一条` at the start of an article.
pub(super) fn article_number(text: &str) -> Option<usize> {
    let (_, marker) = MARKERS.iter().find(|(rank, _)| *rank == Rank::Article)?;
    marker.find(text).map(|found| found.as_str().trim_end().len())
}

/// Whether `text` ends as a sentence or an introduction of one does.
pub(super) fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(['”', '’', '」', '』', '）', ')', '》', '"']);
    text.ends_with(['。', '！', '？', '；', '：', '…', '.', '!', '?', ';', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbering_is_ranked() {
        assert_eq!(rank("第一章 总则"), Some(Rank::Chapter));
        assert_eq!(rank("第二十一条　国家建立"), Some(Rank::Article));
        assert_eq!(rank("一、总体要求"), Some(Rank::First));
        assert_eq!(rank("（十一）健全"), Some(Rank::Second));
        assert_eq!(rank("(八)建立"), Some(Rank::Second));
        assert_eq!(rank("1.定位提升"), Some(Rank::Third));
        assert_eq!(rank("(3)加强"), Some(Rank::Fourth));
        assert!(Rank::First < Rank::Second);
    }

    #[test]
    fn numbers_of_the_text_are_no_markers() {
        for text in [
            "3.5万人",
            "2014年以来",
            "第一时间发布",
            "一方面，四川",
            "第三条规定的",
            "（区）、各部门",
        ] {
            assert_eq!(rank(text), None, "{text}");
        }
    }
}
