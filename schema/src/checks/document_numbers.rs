//! Document numbers as official papers write them: `国办发〔2014〕57号` (GB/T 9704—2012, 7.2.5: the
//! year in full between 〔 and 〕, no 第, no leading zeros).
//!
//! Numbers inside texts are people's typing, and only the form with a year in brackets can be told
//! from prose. A field for the number is normalised where it enters; what it can still lack is the
//! number itself.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{Check, Findings, Severity, Subject, SubjectText, Surroundings};
use crate::{document_number, message::Bilingual};

/// A number as it is typed: the code of the issuer, the year in some brackets, the serial. Courts
/// write round brackets and the code behind them, and are not meant: there, no digit follows.
static TYPED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"[\p{Han}]{2,12} ?[\[(【〔［（{〖〈《<] ?(?:19|20)\d{2}年? ?[\])】〕］）}〗〉》>] ?第? ?\d{1,5} ?号",
    )
    .expect("the expression is constant and tested")
});

/// The other forms that are printed: by order, by announcement, by letter without a year.
static PRINTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^[\p{Han}A-Za-z（）()、·]{1,60}(?:〔(?:19|20)\d{2}〕[1-9]\d{0,4}号|(?:(?:19|20)\d{2}年)?(?:令)?第?[0-9〇零一二三四五六七八九十百千]{1,7}号)$",
    )
    .expect("the expression is constant and tested")
});

/// See the module.
pub(super) struct DocumentNumbers;

impl Check for DocumentNumbers {
    fn key(&self) -> &'static str {
        "document_numbers"
    }

    fn look(&self, subject: &Subject<'_>, _: &Surroundings, findings: &mut Findings<'_>) {
        for text in &subject.texts {
            if findings.is_full() {
                return;
            }
            if text.is_document_number {
                look_at_field(text, findings);
            } else {
                look_into(text, findings);
            }
        }
    }
}

fn look_at_field(text: &SubjectText<'_>, findings: &mut Findings<'_>) {
    if !PRINTED.is_match(&text.plain) {
        let corrected = TYPED
            .find(&text.plain)
            .filter(|typed| typed.len() == text.plain.len())
            .map(|typed| printed(typed.as_str()));
        let finding = text.finding(
            ..,
            "document_number_form",
            Severity::Warning,
            Bilingual::new(
                "文号不合格式，应如“国办发〔2014〕57号”",
                "not the form of a document number, which is like 国办发〔2014〕57号",
            ),
        );
        findings.push(finding.suggesting(corrected));
    }
}

fn look_into(text: &SubjectText<'_>, findings: &mut Findings<'_>) {
    let (mut at, mut characters) = (0, 0);
    for typed in TYPED.find_iter(&text.plain) {
        characters += text.plain[at..typed.start()].chars().count();
        at = typed.start();
        let Range { start, end } = from_code(typed.as_str());
        let (number, skipped) =
            (&typed.as_str()[start..end], typed.as_str()[..start].chars().count());
        let printed = printed(number);
        if printed != number {
            let place = characters + skipped..characters + skipped + number.chars().count();
            let finding = text.finding(
                place,
                "document_number_written",
                Severity::Notice,
                Bilingual::new(
                    format!("文号的规范写法为“{printed}”"),
                    format!("a document number is written {printed}"),
                ),
            );
            findings.push(finding.suggesting(printed));
        }
    }
}

/// The number from its year on, with the code before it as far as that can be told from the words
/// of a sentence: it ends a run of Chinese, and nobody knows where it begins. What is corrected lies
/// behind it.
fn from_code(typed: &str) -> Range<usize> {
    let bracket = typed.char_indices().find(|(_, letter)| !is_han(*letter)).map_or(0, |(at, _)| at);
    let last = typed[..bracket].char_indices().next_back().map_or(0, |(at, _)| at);
    last..typed.len()
}

const fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}')
}

/// As it is printed.
fn printed(number: &str) -> String {
    let normal = document_number::normalise(number);
    let Some((before, serial)) = normal.rsplit_once('〕') else { return normal };
    let serial = serial.trim_start_matches('第').trim_start_matches('0');
    format!("{before}〕{serial}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::tests::found_by;

    #[test]
    fn numbers_in_texts_are_told_how_they_are_printed() {
        for (text, written, printed) in [
            ("根据国办发[2014]57号文件", "发[2014]57号", "发〔2014〕57号"),
            ("根据《通知》(国办发（2014）57 号)", "发（2014）57 号", "发〔2014〕57号"),
            ("财税〔2019〕第08号", "税〔2019〕第08号", "税〔2019〕8号"),
            ("蓝政发【2026】3号", "发【2026】3号", "发〔2026〕3号"),
        ] {
            let body = format!("<p>{text}。</p>");
            let found = found_by(&DocumentNumbers, json!({ "title": "甲", "body": body }));

            let [finding] = &found[..] else { panic!("{text}: {found:?}") };
            assert_eq!(finding.code, "document_number_written");
            assert_eq!(finding.suggestion.as_deref(), Some(printed), "{text}");
            let concerned: String =
                text.chars().skip(finding.start).take(finding.end - finding.start).collect();
            assert_eq!(concerned, written);
        }
    }

    #[test]
    fn what_is_right_or_something_else_is_left_alone() {
        for text in [
            "国办发〔2014〕57号",
            "国务院令第656号",
            "（2020）京01民终123号民事判决书",
            "最高人民法院（2019）最高法民申12号",
            "《条例》（2019）第三条",
            "海关总署公告2014年第5号",
            "会议于2014年召开，57号楼",
            "增长（2014）57%",
        ] {
            let body = format!("<p>{text}</p>");
            assert_eq!(
                found_by(&DocumentNumbers, json!({ "title": "甲", "body": body })),
                [],
                "{text}"
            );
        }
    }

    #[test]
    fn the_field_for_the_number_holds_one() {
        for (number, is_right) in [
            ("国办发〔2014〕57号", true),
            ("中华人民共和国国务院令第656号", true),
            ("中华人民共和国国务院令第六百五十六号", true),
            ("海关总署公告2014年第5号", true),
            ("财政部令第20号", true),
            ("国函〔2014〕5号", true),
            ("国办发57", false),
            ("无", false),
            ("见附件", false),
            ("国办发〔2014〕057号", false),
        ] {
            let found =
                found_by(&DocumentNumbers, json!({ "title": "甲", "documentNumber": number }));
            let codes: Vec<_> = found.iter().map(|it| it.code).collect();
            let expected = if is_right { vec![] } else { vec!["document_number_form"] };
            assert_eq!(codes, expected, "{number}");
        }
        let found = found_by(
            &DocumentNumbers,
            json!({ "title": "甲", "documentNumber": "国办发〔2014〕057号" }),
        );
        assert_eq!(found[0].suggestion.as_deref(), Some("国办发〔2014〕57号"));
    }
}
