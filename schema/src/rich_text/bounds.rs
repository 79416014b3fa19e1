//! Bounds a text before it is tokenised.
//!
//! The tokeniser compares each attribute of a tag with all those before it, so one tag of a
//! hundred thousand attributes would keep a core busy for minutes. Nobody writes more than a
//! handful: the rest of such a tag is left out.

use std::borrow::Cow;

/// The most attributes of one tag that are looked at.
const MOST_ATTRIBUTES: usize = 64;

/// `html` without what follows the 64th attribute of any tag.
///
/// Tags are found as the tokeniser finds them, but without regard to comments and scripts:
/// what goes there was never shown.
pub(super) fn bound_attributes(html: &str) -> Cow<'_, str> {
    let bytes = html.as_bytes();
    let mut bounded = String::new();
    let mut copied = 0;
    let mut position = 0;
    while position < bytes.len() {
        if bytes[position] != b'<' || !starts_a_name(bytes, position + 1) {
            position += 1;
            continue;
        }
        let tag = scan_tag(bytes, position + 1);
        if let Some(cut) = tag.cut {
            bounded.push_str(&html[copied..cut]);
            copied = tag.end;
        }
        position = tag.end;
    }
    if copied == 0 {
        return Cow::Borrowed(html);
    }
    bounded.push_str(&html[copied..]);
    Cow::Owned(bounded)
}

fn starts_a_name(bytes: &[u8], position: usize) -> bool {
    match bytes.get(position) {
        Some(b'/') => bytes.get(position + 1).is_some_and(u8::is_ascii_alphabetic),
        Some(letter) => letter.is_ascii_alphabetic(),
        None => false,
    }
}

struct Tag {
    /// Where the 65th attribute starts.
    cut: Option<usize>,
    /// At the `>`, or at the end of the text.
    end: usize,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// Walks one tag by the states of the HTML standard (13.2.5.32 to 13.2.5.40).
fn scan_tag(bytes: &[u8], start: usize) -> Tag {
    let mut position = start;
    let skip_while = |position: &mut usize, wanted: &dyn Fn(u8) -> bool| {
        while bytes.get(*position).is_some_and(|byte| wanted(*byte)) {
            *position += 1;
        }
    };
    if bytes.get(position) == Some(&b'/') {
        position += 1;
    }
    skip_while(&mut position, &|byte| !is_space(byte) && byte != b'/' && byte != b'>');
    let mut cut = None;
    let mut attributes = 0;
    loop {
        skip_while(&mut position, &|byte| is_space(byte) || byte == b'/');
        match bytes.get(position) {
            None | Some(b'>') => return Tag { cut, end: position },
            Some(_) => {}
        }
        attributes += 1;
        if attributes == MOST_ATTRIBUTES + 1 {
            cut = Some(position);
        }
        // A name may start with `=`.
        position += 1;
        skip_while(&mut position, &|byte| {
            !is_space(byte) && byte != b'/' && byte != b'>' && byte != b'='
        });
        skip_while(&mut position, &is_space);
        if bytes.get(position) != Some(&b'=') {
            continue;
        }
        position += 1;
        skip_while(&mut position, &is_space);
        match bytes.get(position) {
            Some(quote @ (b'"' | b'\'')) => {
                position += 1;
                skip_while(&mut position, &|byte| byte != *quote);
                position = (position + 1).min(bytes.len());
            }
            _ => skip_while(&mut position, &|byte| !is_space(byte) && byte != b'>'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_tags_pass_untouched() {
        let html = r#"<p class="a > b" title='x'>1 < 2<br/><a href=/x>公报</a></p>"#;

        assert!(matches!(bound_attributes(html), Cow::Borrowed(same) if same == html));
    }

    #[test]
    fn attributes_beyond_the_bound_are_left_out_and_the_text_after_stays() {
        let many: String = (0..200).map(|number| format!(" a{number}='>'")).collect();

        let bounded = bound_attributes(&format!("<p{many}>公报</p>")).into_owned();

        assert_eq!(bounded.matches("='>'").count(), MOST_ATTRIBUTES);
        assert!(bounded.ends_with(">公报</p>"));
    }

    #[test]
    fn a_tag_that_never_ends_is_cut_once() {
        let html = format!("<p {}", "<a x='".repeat(10_000));

        assert!(bound_attributes(&html).len() < 1_000);
    }
}
