//! Where in a text a question was answered, as markup that is safe to print: the text is
//! escaped, and `<mark>` is the only tag.

use std::ops::Range;

use super::{fold::fold_with_origins, question::Question};

/// Characters of an excerpt.
const EXCERPT: usize = 120;
/// Characters of it before what was found.
const BEFORE: usize = 30;
/// Bytes of a text that are looked through.
const LOOKED_THROUGH: usize = 400_000;

/// Marks what answers one question.
#[derive(Clone, Debug)]
pub struct Highlighter {
    patterns: Vec<String>,
}

impl Highlighter {
    /// Marks what answers `question`.
    pub fn new(question: &Question) -> Self {
        let phrases = question.terms().iter().flat_map(|term| term.alternatives());
        Self { patterns: phrases.map(|phrase| phrase.pattern().to_owned()).collect() }
    }

    /// Marks what holds one of `patterns`, folded as they are.
    pub(super) const fn of(patterns: Vec<String>) -> Self {
        Self { patterns }
    }

    /// The whole of `text` as HTML to print as it is, with what was found in it marked.
    pub(super) fn shown(&self, text: &str) -> String {
        marked(text, 0..text.len(), &self.find(text))
    }

    /// The whole of `text` with what was found in it marked; `None` when nothing was.
    pub fn mark(&self, text: &str) -> Option<String> {
        let found = self.find(text);
        (!found.is_empty()).then(|| marked(text, 0..text.len(), &found))
    }

    /// A part of `text` around what was found in it first; `None` when nothing was.
    pub fn excerpt(&self, text: &str) -> Option<String> {
        let found = self.find(text);
        let first = found.first()?;
        let before = text[..first.start].char_indices().rev();
        let start = before
            .take(BEFORE)
            .take_while(|(_, letter)| *letter != '\n')
            .last()
            .map_or(first.start, |(at, _)| at);
        let rest = &text[start..];
        let end = rest.char_indices().nth(EXCERPT).map_or(text.len(), |(at, _)| start + at);
        // What was found is never cut, however long.
        let end = found.iter().filter(|it| it.start < end).map(|it| it.end).fold(end, usize::max);
        let mut excerpt = String::new();
        let goes_back = !text[..start].trim_end().is_empty() && !text[..start].ends_with('\n');
        excerpt.push_str(if goes_back { "…" } else { "" });
        excerpt.push_str(&marked(text, start..end, &found));
        excerpt.push_str(if text[end..].trim().is_empty() { "" } else { "…" });
        Some(excerpt)
    }

    /// What was found, in order and apart.
    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut bound = text.len().min(LOOKED_THROUGH);
        while !text.is_char_boundary(bound) {
            bound -= 1;
        }
        let (folded, origins) = fold_with_origins(&text[..bound]);
        let mut found: Vec<Range<usize>> = Vec::new();
        for pattern in &self.patterns {
            for (at, held) in folded.match_indices(pattern.as_str()) {
                let letters = at..at + held.len();
                let first = origins.partition_point(|(place, _)| *place < letters.start);
                let last = origins.partition_point(|(place, _)| *place < letters.end);
                if let Some(within) = origins.get(first..last)
                    && let (Some((_, first)), Some((_, last))) = (within.first(), within.last())
                {
                    found.push(first.start..last.end);
                }
            }
        }
        found.sort_unstable_by_key(|range| (range.start, range.end));
        let mut apart: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for range in found {
            match apart.last_mut().filter(|last| range.start <= last.end) {
                Some(last) => last.end = last.end.max(range.end),
                None => apart.push(range),
            }
        }
        apart
    }
}

fn marked(text: &str, part: Range<usize>, found: &[Range<usize>]) -> String {
    let mut html = String::with_capacity(part.len() + 64);
    let mut done = part.start;
    for range in found.iter().filter(|it| it.start >= part.start && it.end <= part.end) {
        escape(&text[done..range.start], &mut html);
        html.push_str("<mark>");
        escape(&text[range.clone()], &mut html);
        html.push_str("</mark>");
        done = range.end;
    }
    escape(&text[done..part.end], &mut html);
    html
}

/// Adds `text` so that a browser shows it as it is, in an element or an attribute. Line ends
/// become spaces.
fn escape(text: &str, html: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' | '\r' | '\t' => html.push(' '),
            _ => html.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::Synonyms, *};

    fn of(question: &str) -> Highlighter {
        let question = Question::parse(question, &Synonyms::embedded()).expect("a question");
        Highlighter::new(&question)
    }

    #[test]
    fn what_was_found_is_marked_as_it_is_written() {
        for (question, text, expected) in [
            ("市政府", "蓝桥市人民政府的通知", "蓝桥<mark>市人民政府</mark>的通知"),
            ("辦公廳", "国务院办公厅", "国务院<mark>办公厅</mark>"),
            (
                "elan",
                "<b>Élan</b> & 'co'",
                "&lt;b&gt;<mark>Élan</mark>&lt;/b&gt; &amp; &#39;co&#39;",
            ),
            ("国办发[2014]57号", "（国办发〔2014〕57号）", "（<mark>国办发〔2014〕57号</mark>）"),
            ("电梯 梯子", "电梯子", "<mark>电梯子</mark>"),
        ] {
            assert_eq!(of(question).mark(text).as_deref(), Some(expected), "{question}");
        }
        assert_eq!(of("电梯").mark("楼梯"), None);
        assert_eq!(of("cat").mark("concatenate"), None, "words of letters are whole");
    }

    #[test]
    fn an_excerpt_stands_around_what_was_found_first() {
        let long = format!("{}电梯{}", "前".repeat(200), "后".repeat(200));
        let excerpt = of("电梯").excerpt(&long).expect("an excerpt");
        assert!(excerpt.starts_with("…前") && excerpt.ends_with("后…"), "{excerpt}");
        assert!(excerpt.contains("前<mark>电梯</mark>后"), "{excerpt}");
        assert!(excerpt.chars().count() < EXCERPT + 20, "{excerpt}");
        assert_eq!(of("电梯").excerpt("一\n装电梯").as_deref(), Some("装<mark>电梯</mark>"));
        assert_eq!(of("电梯").excerpt("楼梯"), None);
    }

    proptest! {
        #[test]
        fn nothing_but_mark_is_ever_a_tag(text in "[电梯<>&\"'a \n/script]{0,60}") {
            let highlighter = of("电梯 a");
            for html in [highlighter.mark(&text), highlighter.excerpt(&text)].into_iter().flatten() {
                let rest = html.replace("<mark>", "").replace("</mark>", "");
                prop_assert!(!rest.contains(['<', '>', '"', '\'']), "{html}");
                prop_assert_eq!(html.matches("<mark>").count(), html.matches("</mark>").count());
            }
        }
    }
}
