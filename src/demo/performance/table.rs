//! Where each document is: a row per document, a cell per receiver, readable on 80 columns.

use console::Style;
use schema::message::Bilingual;

use super::{
    report::{At, Holds, ItemFacts},
    voice::{Voice, cut, linked, padded},
};
use crate::language::Language;

/// What a cell takes: the edition, tries, time.
const CELL: usize = 16;
/// What the number of a row takes, with the space after it.
const NUMBER: usize = 3;

/// A column: the receiver's short name and its page.
pub(super) struct Head<'h> {
    pub(super) name: &'h Bilingual,
    pub(super) page: &'h str,
}

/// The lines of the table.
pub(super) fn lines(voice: &Voice, heads: &[Head<'_>], items: &[ItemFacts]) -> Vec<String> {
    let gap = if voice.width() < 90 { " " } else { "  " };
    let cells = heads.len() * (CELL + gap.len());
    let title = voice.width().saturating_sub(NUMBER + cells + 1).max(12);
    let mut lines = Vec::with_capacity(items.len() + 4);
    let bold = Style::new().bold();
    let mut head =
        format!("{}{}", " ".repeat(NUMBER), padded(voice.language.say("信息", "document"), title));
    for receiver in heads {
        let name = padded(&cut(voice.of(receiver.name), CELL), CELL);
        head.push_str(gap);
        head.push_str(&linked(&bold.apply_to(name).to_string(), receiver.page));
    }
    lines.push(head.trim_end().to_owned());
    let rule = Style::new().dim().apply_to("─".repeat(NUMBER + title + cells)).to_string();
    lines.push(rule.clone());
    for (number, item) in (1..).zip(items) {
        let text = padded(&cut(&item.title, title), title);
        let text = if matches!(item.visibility.as_str(), "LIVE" | "WITHDRAWN") {
            text
        } else {
            Style::new().dim().strikethrough().apply_to(text).to_string()
        };
        let mut line = format!("{number:>2} {text}");
        for at in &item.targets {
            line.push_str(gap);
            line.push_str(&cell(voice, at));
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.push(rule);
    let mut totals =
        format!("{}{}", " ".repeat(NUMBER), padded(voice.language.say("合计", "total"), title));
    for index in 0..heads.len() {
        let column = || items.iter().filter_map(move |item| item.targets.get(index));
        let held = column().filter(|at| at.state == "edition").count();
        let absent = column().filter(|at| at.state == "absent").count();
        let total = match voice.language {
            Language::Zh => format!("持有{held} 撤除{absent}"),
            Language::En => format!("{held} held {absent} out"),
        };
        totals.push_str(gap);
        totals.push_str(&padded(&total, CELL));
    }
    lines.push(totals.trim_end().to_owned());
    lines
}

fn cell(voice: &Voice, at: &At) -> String {
    let Some(holds) = at.standing.holds else {
        return Style::new().dim().apply_to(padded("–", CELL)).to_string();
    };
    let state = state(voice, holds);
    let tries = match voice.language {
        Language::Zh => format!("{}次", at.standing.tries),
        Language::En => format!("{}×", at.standing.tries),
    };
    let text =
        format!("{}{} {:>5}", padded(&state, 7), padded(&tries, 3), time(holds.milliseconds));
    let style = match holds.edition {
        None => Style::new().red(),
        Some(_) if at.standing.tries > 1 => Style::new().yellow(),
        Some(_) => Style::new(),
    };
    let shown = style.apply_to(padded(&text, CELL)).to_string();
    at.copy.as_deref().map_or(shown.clone(), |copy| linked(&shown, copy))
}

/// The edition that is held, or that nothing is.
pub(super) fn state(voice: &Voice, holds: Holds) -> String {
    match (holds.edition, voice.language) {
        (Some(number), Language::Zh) => format!("第{number}版"),
        (Some(number), Language::En) => format!("ed. {number}"),
        (None, Language::Zh) => "已撤".to_owned(),
        (None, Language::En) => "absent".to_owned(),
    }
}

/// A time that is read at a glance.
pub(super) fn time(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds}ms"),
        1_000..10_000 => format!("{}.{}s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!("{}s", milliseconds / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use console::measure_text_width;

    use super::*;
    use crate::demo::performance::report::Standing;

    fn at(edition: Option<u64>, tries: u64, milliseconds: u64) -> At {
        let holds = Some(Holds { edition, sequence: 45, milliseconds });
        let standing = Standing { target: "app".into(), holds, waits: false, tries };
        At { state: standing.state(), standing, copy: None }
    }

    fn never() -> At {
        let standing = Standing { target: "app".into(), holds: None, waits: false, tries: 0 };
        At { state: standing.state(), standing, copy: None }
    }

    fn item(title: &str, targets: Vec<At>) -> ItemFacts {
        ItemFacts {
            key: "k".into(),
            content_id: "c".into(),
            locale: "zh-CN".into(),
            title: title.into(),
            visibility: "LIVE".into(),
            targets,
        }
    }

    fn drawn(language: Language, width: usize) -> Vec<String> {
        console::set_colors_enabled(false);
        let names =
            [("全市移动客户端", "city application"), ("省检索", "search"), ("县", "county")]
                .map(|(zh, en)| Bilingual::new(zh, en));
        let heads: Vec<_> = names.iter().map(|name| Head { name, page: "http://x/" }).collect();
        let long = "2026年前三季度蓝桥市一般公共预算执行情况及下一步工作安排的有关说明";
        let items = [
            item(long, vec![at(Some(12), 1, 999), at(None, 13, 61_000), never()]),
            item("Lifts", vec![at(Some(1), 1, 7), at(None, 2, 1_250), never()]),
        ];
        lines(&Voice::narrow(language, width), &heads, &items)
    }

    #[test]
    fn it_fits_into_80_and_100_columns_in_both_languages() {
        for language in [Language::Zh, Language::En] {
            for width in [80, 100] {
                let lines = drawn(language, width);
                for line in &lines {
                    assert!(measure_text_width(line) <= width, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn a_row_says_edition_tries_and_time_and_the_last_line_counts() {
        let lines = drawn(Language::Zh, 100);

        assert!(lines[2].contains("第12版 1次 999ms"), "{}", lines[2]);
        assert!(lines[2].contains("已撤   13次   61s"), "{}", lines[2]);
        assert!(lines[3].trim_end().ends_with('–'), "{}", lines[3]);
        let totals = lines.last().expect("a last line");
        assert!(totals.contains("持有2 撤除0"), "{totals}");
        assert!(totals.contains("持有0 撤除2"), "{totals}");
    }
}
