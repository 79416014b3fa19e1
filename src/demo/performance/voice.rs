//! How the demo speaks on a terminal: chapters, lines that are broken where the window ends,
//! colour where there is somebody to see it. With `--json` it says nothing on the way.

use std::{
    io::{self, Write as _},
    time::Duration,
};

use console::{Style, Term, measure_text_width};
use indicatif::ProgressBar;
use schema::message::Bilingual;

use crate::language::Language;

/// Where nobody says how wide a line may be.
const WIDTH: u16 = 100;
/// Beyond this a line is hard to read.
const WIDEST: u16 = 110;

/// How often what turns is seen to turn.
const TURN: Duration = Duration::from_millis(120);

/// A narrator.
#[derive(Clone, Copy)]
pub(super) struct Voice {
    pub(super) language: Language,
    silent: bool,
    width: usize,
}

impl Voice {
    pub(super) fn new(language: Language, silent: bool) -> Self {
        let width = Term::stdout().size_checked().map_or(WIDTH, |(_, columns)| columns);
        Self { language, silent, width: width.clamp(60, WIDEST).into() }
    }

    /// One whose window is `width` wide.
    #[cfg(test)]
    pub(super) fn narrow(language: Language, width: usize) -> Self {
        Self { language, silent: true, width }
    }

    /// One of two texts.
    pub(super) fn of<'t>(&self, text: &'t Bilingual) -> &'t str {
        text.for_locale(self.language.locale())
    }

    /// How wide a line may be.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// A line as it is.
    pub(super) fn print(&self, line: &str) {
        if !self.silent {
            // Whoever closed our output still gets the exit code.
            let _ = writeln!(io::stdout(), "{line}");
        }
    }

    /// The head of a chapter.
    pub(super) fn chapter(&self, title: &Bilingual) {
        self.print("");
        self.print(
            &Style::new().bold().cyan().apply_to(format!("▌{}", self.of(title))).to_string(),
        );
    }

    /// Something that was done.
    pub(super) fn done(&self, text: &str) {
        self.marked(&Style::new().green().apply_to("✓").to_string(), text);
    }

    /// Something that broke, on purpose.
    pub(super) fn broken(&self, text: &str) {
        self.marked(&Style::new().red().apply_to("✕").to_string(), text);
    }

    /// A step of the story.
    pub(super) fn step(&self, number: usize, narration: &str) {
        self.print("");
        self.marked(&Style::new().bold().apply_to(number).to_string(), narration);
    }

    /// What is to be seen of a step: `label` is at most 8 wide.
    pub(super) fn seen(&self, label: &Bilingual, text: &str) {
        let label = padded(self.of(label), 10);
        let shown = Style::new().dim().apply_to(&label).to_string();
        self.hanging(&format!("    {shown}"), 14, text);
    }

    /// Something beside it.
    pub(super) fn aside(&self, text: &str) {
        let quiet = Style::new().dim();
        for line in broken(text, self.width.saturating_sub(2)) {
            self.print(&format!("  {}", quiet.apply_to(line)));
        }
    }

    /// Something that turns, on a terminal's standard error, until it is cleared.
    pub(super) fn waiting(&self, zh: &'static str, en: &'static str) -> ProgressBar {
        let bar = ProgressBar::new_spinner().with_message(self.language.say(zh, en));
        bar.enable_steady_tick(TURN);
        bar
    }

    fn marked(&self, mark: &str, text: &str) {
        self.hanging(&format!("  {mark} "), 4, text);
    }

    /// Text after `lead`, which is `indent` wide; further lines stand under its beginning.
    fn hanging(&self, lead: &str, indent: usize, text: &str) {
        let mut lead = lead.to_owned();
        for line in broken(text, self.width.saturating_sub(indent)) {
            self.print(&format!("{lead}{line}"));
            lead = " ".repeat(indent);
        }
    }
}

/// `text` with spaces after it up to `width`, wide characters counted as two.
pub(super) fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(measure_text_width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// The beginning of `text` that is not wider than `width`, with an ellipsis where it was cut.
pub(super) fn cut(text: &str, width: usize) -> String {
    if measure_text_width(text) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += wide(character);
        if used > width {
            break;
        }
        short.push(character);
    }
    short.push('…');
    short
}

/// What stands there, as a link where a terminal can follow one.
pub(super) fn linked(text: &str, address: &str) -> String {
    if console::colors_enabled() {
        format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
    } else {
        text.to_owned()
    }
}

/// Lines of at most `width`, broken at spaces, or between Chinese characters. A word that is
/// wider stands alone.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(text) {
        if measure_text_width(&line) + measure_text_width(word.trim_end()) > width
            && !line.is_empty()
        {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(word);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// `text` in pieces that are not broken: words with the spaces after them, single Chinese
/// characters with the punctuation that may not begin a line.
fn words(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, character) in text.char_indices() {
        let breaks = before.is_some_and(|before| {
            let opens = matches!(before, '“' | '《' | '（' | '〔');
            let closes = "，。、；：！？”》）〕…".contains(character);
            let is_wide = wide(before) == 2 || wide(character) == 2;
            !opens && !closes && character != ' ' && (before == ' ' || is_wide)
        });
        if breaks {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(character);
    }
    pieces.push(&text[start..]);
    pieces
}

fn wide(character: char) -> usize {
    measure_text_width(character.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_counts_as_two_wide() {
        assert_eq!(padded("县门户", 8), "县门户  ");
        assert_eq!(cut("蓝桥市概况", 10), "蓝桥市概况");
        assert_eq!(cut("蓝桥市概况介绍", 10), "蓝桥市概…");
    }

    #[test]
    fn lines_are_broken_where_a_reader_would() {
        let chinese = broken("新闻稿中的统计日期有误，作小幅更正。", 12);
        let english = broken("A date in a news item was wrong", 12);

        assert_eq!(chinese, ["新闻稿中的统", "计日期有误，", "作小幅更正。"]);
        assert_eq!(english, ["A date in a", "news item", "was wrong"]);
        assert_eq!(broken("https://www.lanqiao.example/x", 12), ["https://www.lanqiao.example/x"]);
    }
}
