//! Characters: which of them a text keeps, and how its white space is written.
//!
//! Control characters say nothing to a reader, and characters that turn the direction of
//! writing can make a text read other than it is stored (“Trojan source”), so both go.

use unicode_normalization::UnicodeNormalization as _;

/// White space that HTML folds. The no-break and the ideographic space are text.
pub(super) const fn is_folded(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

/// Whether `letter` never stands in a cleaned text.
pub(super) const fn is_unwanted(letter: char) -> bool {
    match letter {
        '\t' | '\n' | '\r' | '\x0c' => false,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' => true,
        // Overrides and isolates of direction.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        // Byte order mark, and the code points that are no characters.
        '\u{feff}' | '\u{fdd0}'..='\u{fdef}' => true,
        _ => letter as u32 & 0xfffe == 0xfffe,
    }
}

/// `text` without unwanted characters; the separators of lines become newlines.
pub(crate) fn wanted(text: &str) -> String {
    let line = |letter| {
        if matches!(letter, '\u{2028}' | '\u{2029}') { '\n' } else { letter }
    };
    text.chars().filter(|letter| !is_unwanted(*letter)).map(line).collect()
}

/// `text` in normalisation form C.
pub(super) fn composed(text: &str) -> String {
    if text.is_ascii() || unicode_normalization::is_nfc(text) {
        return text.to_owned();
    }
    text.nfc().collect()
}

/// `text` as one line: no unwanted characters, white space folded and trimmed, composed.
pub(super) fn tidy_line(text: &str) -> String {
    let mut line = Line::default();
    composed(line.fold(&wanted(text)).trim_end_matches(is_folded))
}

/// Folds white space along one line of text that may run through several elements.
#[derive(Debug)]
pub(super) struct Line {
    after_space: bool,
}

impl Default for Line {
    fn default() -> Self {
        Self { after_space: true }
    }
}

impl Line {
    /// What was written ends with something visible, such as a picture.
    pub(super) fn continue_after_object(&mut self) {
        self.after_space = false;
    }

    /// `text` with each run of white space written as one space, and none at the start.
    ///
    /// A line break between two Chinese characters is no space at all (CSS Text 3, “segment
    /// break transformation”): the source was wrapped there, the sentence was not.
    pub(super) fn fold(&mut self, text: &str) -> String {
        let mut folded = String::with_capacity(text.len());
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            if !is_folded(letter) {
                folded.push(letter);
                self.after_space = false;
                continue;
            }
            let mut breaks = letter == '\n';
            while let Some(next) = letters.next_if(|next| is_folded(*next)) {
                breaks |= next == '\n';
            }
            let before = folded.chars().next_back();
            let within_chinese =
                before.is_some_and(is_wide) && letters.peek().copied().is_some_and(is_wide);
            if !(self.after_space || breaks && within_chinese) {
                folded.push(' ');
                self.after_space = true;
            }
        }
        folded
    }
}

/// Whether `letter` is written without spaces between words: Chinese, kana and their marks.
pub(crate) const fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{2e80}'..='\u{303e}' | '\u{3041}'..='\u{30ff}' | '\u{3105}'..='\u{312f}'
        | '\u{31a0}'..='\u{31ef}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff01}'..='\u{ff60}'
        | '\u{20000}'..='\u{3ffff}')
}
