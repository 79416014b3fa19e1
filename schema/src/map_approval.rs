//! The number under which a map was approved (审图号).
//!
//! 《地图审核管理规定》 (自然资源部令第5号, 2019) art. 23: it is made of the code of the authority that
//! approved the map, the year, and a number in turn: `GS(2026)0001号`, `GS京(2026)0001号`,
//! `京S(2026)001号`, `浙杭S(2026)1号`. Which codes there are is not fixed there.

use std::{fmt, str::FromStr};

/// What people put before it.
const LABEL: &str = "审图号";
/// Letters of a code.
const CODE: std::ops::RangeInclusive<usize> = 1..=8;
/// Digits of a number in turn.
const NUMBER: std::ops::RangeInclusive<usize> = 1..=7;

/// An approval number in its one spelling: plain brackets, capitals, no label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapApprovalNumber(String);

/// A text is no approval number.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the approval number of a map")]
pub struct NotMapApproval;

impl FromStr for MapApprovalNumber {
    type Err = NotMapApproval;

    fn from_str(text: &str) -> Result<Self, NotMapApproval> {
        let plain: String = text.chars().filter(|it| !it.is_whitespace()).map(plain).collect();
        let number = plain.strip_prefix(LABEL).unwrap_or(&plain);
        let number = number.strip_prefix(':').unwrap_or(number);
        parts(number)
            .filter(|(code, year, number)| is_code(code) && is_year(year) && is_number(number))
            .map(|_| Self(number.to_owned()))
            .ok_or(NotMapApproval)
    }
}

impl fmt::Display for MapApprovalNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Code, year and number of `GS(2026)0001号`.
fn parts(number: &str) -> Option<(&str, &str, &str)> {
    let (code, rest) = number.split_once('(')?;
    let (year, rest) = rest.split_once(')')?;
    Some((code, year, rest.strip_suffix('号')?))
}

fn is_code(code: &str) -> bool {
    let is_letter = |it: char| it.is_ascii_uppercase() || ('\u{4e00}'..='\u{9fff}').contains(&it);
    CODE.contains(&code.chars().count())
        && code.chars().all(is_letter)
        // 国审字, the code of the State before 2010 or so, has no S.
        && code.contains(['S', '审'])
}

fn is_year(year: &str) -> bool {
    year.len() == 4
        && year.bytes().all(|it| it.is_ascii_digit())
        && (year.starts_with("19") || year.starts_with("20"))
}

fn is_number(number: &str) -> bool {
    let number = number.strip_prefix('第').unwrap_or(number);
    NUMBER.contains(&number.len()) && number.bytes().all(|it| it.is_ascii_digit())
}

/// Full width as half width, small letters as capitals.
fn plain(letter: char) -> char {
    let half = match letter {
        '〔' | '［' | '【' | '[' | '（' => '(',
        '〕' | '］' | '】' | ']' | '）' => ')',
        '：' => ':',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        other => other,
    };
    half.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_spelling() {
        for (given, expected) in [
            ("GS(2026)0001号", "GS(2026)0001号"),
            ("审图号：ＧＳ（２０２６）０００１号", "GS(2026)0001号"),
            ("GS京（2022）1234号", "GS京(2022)1234号"),
            (" 京s 〔2023〕 001 号 ", "京S(2023)001号"),
            ("浙杭S(2019)1号", "浙杭S(2019)1号"),
            ("粤S(2020)第088号", "粤S(2020)第088号"),
            ("国审字（2008）第12号", "国审字(2008)第12号"),
        ] {
            let number: MapApprovalNumber = given.parse().expect(given);
            assert_eq!(number.to_string(), expected);
            assert_eq!(expected.parse(), Ok(number), "its spelling is its own");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for given in [
            "",
            "审图号",
            "2026",
            "GS2026-0001",
            "GS(26)0001号",
            "GS(2026)号",
            "GS(2026)0001",
            "(2026)0001号",
            "国办发〔2017〕47号",
            "GS(2026)12345678号",
            "GS(2026)0001号。",
            "GS(1826)1号",
        ] {
            assert_eq!(given.parse::<MapApprovalNumber>(), Err(NotMapApproval), "{given}");
        }
    }
}
