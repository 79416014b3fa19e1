//! Attributes: what of an author's attributes survives, and in which spelling.

use ammonia::Url;

use super::{
    allow_list::{CLASSES, GENERAL, RELATION, Rule, Value},
    characters,
};
use crate::digest::Digest;

/// Names and values in the order they are written.
pub(super) type Attributes = Vec<(&'static str, String)>;

/// An author's attributes: names in small letters, values decoded.
pub(super) struct Given<'a>(pub &'a [html5ever::Attribute]);

/// The longest address that is kept, in bytes; browsers and platforms cut beyond it.
const LONGEST_ADDRESS: usize = 2_000;

impl Given<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|attribute| &*attribute.name.local == name)
            .map(|attribute| &*attribute.value)
    }

    /// The alignment the author asked for by class, `align` or style.
    pub(super) fn alignment(&self, tag: &str) -> Option<&'static str> {
        let by_class = || {
            let words = self.get("class")?.split_ascii_whitespace();
            words.filter_map(class).find(|class| class.starts_with("align-"))
        };
        let by_style = || style(self.get("style")?, "text-align").and_then(alignment);
        by_class()
            .or_else(by_style)
            .or_else(|| self.get("align").and_then(alignment))
            .or_else(|| (tag == "center").then_some("align-center"))
    }

    fn is_indented(&self) -> bool {
        let by_class = || {
            let mut words = self.get("class")?.split_ascii_whitespace();
            Some(words.any(|word| word == "indent-2"))
        };
        let by_style = || Some(is_two_letters_wide(style(self.get("style")?, "text-indent")?));
        by_class() == Some(true) || by_style() == Some(true)
    }
}

/// The attributes of `rule` that survive, with the alignment of the surrounding block.
pub(super) fn kept(rule: &Rule, given: &Given<'_>, inherited: Option<&'static str>) -> Attributes {
    let mut kept = Attributes::new();
    for (name, value) in rule.attributes.iter().chain(GENERAL) {
        let text = match value {
            Value::Class => classes(given, rule.name, inherited),
            Value::Always(text) => Some((*text).to_owned()),
            Value::Relation => leaves_the_site(&kept).then(|| RELATION.to_owned()),
            _ => given.get(name).and_then(|text| accepted(*value, text)),
        };
        kept.extend(text.map(|text| (*name, text)));
    }
    kept
}

fn accepted(value: Value, text: &str) -> Option<String> {
    match value {
        Value::Link => address(text, &["http", "https", "mailto", "tel", "asset"]),
        Value::Source => address(text, &["http", "https", "asset"]),
        Value::Text(most) => {
            let text = characters::tidy_line(text);
            (!text.is_empty()).then(|| text.chars().take(most).collect::<String>())
        }
        Value::Number(least, most) => {
            let digits = text.trim().trim_end_matches("px");
            let number: i64 = digits.parse().ok()?;
            (least..=most).contains(&number).then(|| number.to_string())
        }
        Value::Word(words) => {
            // The kinds of numbering differ by case only, hence no folding for them.
            let found = words.iter().find(|word| **word == text.trim());
            let folded = || words.iter().find(|word| word.eq_ignore_ascii_case(text.trim()));
            found.or_else(folded).map(|word| (*word).to_owned())
        }
        Value::Language => {
            let well_formed = (2..=35).contains(&text.len())
                && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
            well_formed.then(|| text.to_owned())
        }
        // Anchors are settled once the whole text is known; here only oversized ones go.
        Value::Anchor => (!text.is_empty() && text.len() <= 400).then(|| text.to_owned()),
        Value::Flag => Some(String::new()),
        Value::Class | Value::Always(_) | Value::Relation => None,
    }
}

fn classes(given: &Given<'_>, tag: &str, inherited: Option<&'static str>) -> Option<String> {
    let alignment = given.alignment(tag).or(inherited);
    let indent = given.is_indented().then_some("indent-2");
    let words: Vec<&str> = alignment.into_iter().chain(indent).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn class(word: &str) -> Option<&'static str> {
    CLASSES.iter().copied().find(|class| *class == word)
}

fn alignment(word: &str) -> Option<&'static str> {
    match word.trim().to_ascii_lowercase().as_str() {
        "center" | "middle" => Some("align-center"),
        "right" | "end" => Some("align-right"),
        "justify" => Some("align-justify"),
        _ => None,
    }
}

/// The value of one property of a style; only compared with known words, so no parser is due.
fn style<'a>(text: &'a str, property: &str) -> Option<&'a str> {
    text.split(';').rev().find_map(|declaration| {
        let (name, value) = declaration.split_once(':')?;
        let value = value.trim().trim_end_matches("!important").trim_end();
        name.trim().eq_ignore_ascii_case(property).then_some(value)
    })
}

fn is_two_letters_wide(length: &str) -> bool {
    let length = length.to_ascii_lowercase();
    // What word processors write for two letters at the usual sizes of 14 to 16 points.
    let units = [("em", 1.9, 2.3), ("pt", 21.0, 45.0), ("px", 28.0, 60.0)];
    units.iter().any(|(unit, least, most)| {
        let number = length.strip_suffix(unit).and_then(|number| number.trim().parse::<f32>().ok());
        number.is_some_and(|number| (*least..=*most).contains(&number))
    })
}

fn address(text: &str, schemes: &[&str]) -> Option<String> {
    // As browsers do, so that `java&#10;script:` is seen for what it is.
    let text: String = text
        .trim_matches(|letter: char| letter <= ' ')
        .chars()
        .filter(|letter| !matches!(letter, '\t' | '\n' | '\r'))
        .collect();
    if text.is_empty()
        || text.len() > LONGEST_ADDRESS
        || text.chars().any(characters::is_unwanted)
        || text.contains(|letter: char| letter.is_control())
    {
        return None;
    }
    if let Some(digest) = text.strip_prefix("asset:") {
        return digest.parse::<Digest>().is_ok().then_some(text);
    }
    match Url::parse(&text) {
        Ok(url) => schemes.contains(&url.scheme()).then_some(text),
        // No base is known here; whatever has no scheme is relative to the page.
        Err(error) => (error == ammonia::url::ParseError::RelativeUrlWithoutBase).then_some(text),
    }
}

/// Whether the link among `kept` names a host. Backslashes count, since browsers read them so.
fn leaves_the_site(kept: &Attributes) -> bool {
    let Some((_, href)) = kept.iter().find(|(name, _)| *name == "href") else {
        return false;
    };
    let mut first = href.chars();
    let is_slash = |letter: Option<char>| matches!(letter, Some('/' | '\\'));
    let starts = |scheme: &str| {
        href.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    (is_slash(first.next()) && is_slash(first.next())) || starts("http:") || starts("https:")
}
