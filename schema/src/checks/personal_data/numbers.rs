//! Which digits of a text are the number of a person.

use std::ops::Range;

use jiff::civil::Date;

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// 公民身份号码, 18 characters with a check digit (GB 11643-1999).
    Identity,
    /// The form before 1999: 15 digits, the year in two, no check digit.
    OldIdentity,
    /// 11 digits of a mobile telephone.
    Mobile,
    /// 16 to 19 digits with a check digit (ISO/IEC 7812-1).
    BankCard,
}

impl Kind {
    /// How many digits stay readable at the beginning and at the end: enough for the person
    /// concerned to know it.
    pub(super) const fn kept(self) -> (usize, usize) {
        match self {
            Self::Identity | Self::OldIdentity | Self::Mobile => (3, 4),
            Self::BankCard => (4, 4),
        }
    }
}

/// A number and where it stands, in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) kind: Kind,
    pub(super) place: Range<usize>,
}

/// First two digits of the codes of provinces (GB/T 2260), and of those that residence permits of
/// Taiwan, Hong Kong and Macao begin with (81 to 83).
const PROVINCES: [u32; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83,
];
/// What follows an amount and never a number that somebody is called by.
const UNITS: &str = "元万亿千百人户吨米公亩平立方%‰倍件个台辆套次页字册";
/// The longest number that is looked at, with what divides it.
const LONGEST: usize = 24;

/// The numbers of persons in `text`, which is folded.
pub(super) fn numbers(text: &[char]) -> Vec<Number> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let run = run(text, at);
        if stands_alone(text, &run.place) {
            found.extend(run.number(text));
        }
        at = run.place.end.max(at + 1);
    }
    found
}

/// Digits that belong together.
struct Run {
    place: Range<usize>,
    /// With `x` for ten at the end of an identity number.
    digits: Vec<char>,
    /// How many digits stand between dividers.
    groups: Vec<usize>,
}

/// The digits from `start` on: divided by single spaces or dashes, where the parts are like those of
/// a number that is written in groups.
fn run(text: &[char], start: usize) -> Run {
    let (mut digits, mut groups, mut in_group) = (Vec::new(), Vec::new(), 0);
    let mut end = start;
    let mut divider = None;
    for (at, &letter) in text.iter().enumerate().skip(start) {
        let next_is_digit = text.get(at + 1).is_some_and(char::is_ascii_digit);
        match letter {
            '0'..='9' => {
                digits.push(letter);
                in_group += 1;
                end = at + 1;
            }
            'x' if digits.len() == 17 && in_group == 17 => {
                digits.push(letter);
                in_group += 1;
                end = at + 1;
                break;
            }
            ' ' | '-'
                if next_is_digit && in_group >= 3 && divider.is_none_or(|it| it == letter) =>
            {
                divider = Some(letter);
                groups.push(std::mem::take(&mut in_group));
                // Longer than any number: what follows is another one.
                if groups.len() > LONGEST / 4 {
                    break;
                }
            }
            _ => break,
        }
    }
    groups.push(in_group);
    Run { place: start..end, digits, groups }
}

/// Whether the digits at `place` are no part of something longer: a word, an address, a decimal
/// number, a code with dashes or slashes.
fn stands_alone(text: &[char], place: &Range<usize>) -> bool {
    let joins = |letter: char| letter.is_ascii_alphanumeric() || "_/=@#&\\*".contains(letter);
    let before = place.start.checked_sub(1).and_then(|at| text.get(at)).copied();
    let before_that = place.start.checked_sub(2).and_then(|at| text.get(at)).copied();
    let after = text.get(place.end).copied();
    let after_that = text.get(place.end + 1).copied();
    let divides = |letter: Option<char>, beyond: Option<char>| {
        matches!(letter, Some('-' | '.' | ',' | ':'))
            && beyond.is_some_and(|beyond| beyond.is_ascii_alphanumeric())
    };
    !before.is_some_and(joins)
        && !after.is_some_and(joins)
        && !divides(before, before_that)
        && !divides(after, after_that)
        && !after.is_some_and(|after| UNITS.contains(after))
        && !matches!(before, Some('¥' | '$' | '€' | '£'))
}

impl Run {
    fn number(&self, text: &[char]) -> Option<Number> {
        // An office writes its country code: +86 138 1234 5678.
        let skipped = match self.digits.as_slice() {
            ['8', '6', rest @ ..] if rest.len() == 11 => 2,
            ['0', '0', '8', '6', rest @ ..] if rest.len() == 11 => 4,
            _ => 0,
        };
        let digits = &self.digits[skipped..];
        let kind = if is_identity(digits) && self.groups.len() == 1 {
            Kind::Identity
        } else if is_mobile(digits) && self.is_grouped_as_mobile(skipped) {
            Kind::Mobile
        } else if is_bank_card(digits) && self.is_grouped_as_card() {
            Kind::BankCard
        } else if is_old_identity(digits) && self.groups.len() == 1 {
            Kind::OldIdentity
        } else {
            return None;
        };
        let mut start = self.place.start;
        let mut left = skipped;
        while left > 0 || !text.get(start).is_some_and(char::is_ascii_digit) {
            left -= usize::from(text.get(start)?.is_ascii_digit());
            start += 1;
        }
        Some(Number { kind, place: start..self.place.end })
    }

    /// 13812345678, 138 1234 5678.
    fn is_grouped_as_mobile(&self, skipped: usize) -> bool {
        matches!(
            (self.groups.as_slice(), skipped),
            ([_] | [3, 4, 4], 0) | ([_], _) | ([_, 11] | [_, 3, 4, 4], 2 | 4)
        )
    }

    /// 6222021234567890123, 6222 0212 3456 7890 123.
    fn is_grouped_as_card(&self) -> bool {
        let (last, before) = self.groups.split_last().unwrap_or((&0, &[]));
        before.is_empty() || before.iter().all(|group| *group == 4) && *last <= 4
    }
}

/// The value of `digits` as a decimal number.
fn value(digits: &[char]) -> Option<u32> {
    digits
        .iter()
        .try_fold(0_u32, |sum, digit| sum.checked_mul(10)?.checked_add(digit.to_digit(10)?))
}

fn is_day(year: Option<u32>, month: &[char], day: &[char]) -> bool {
    let day = || {
        let part = |digits| i8::try_from(value(digits)?).ok();
        Date::new(i16::try_from(year?).ok()?, part(month)?, part(day)?).ok()
    };
    day().is_some()
}

fn is_of_a_province(digits: &[char]) -> bool {
    value(&digits[..2]).is_some_and(|province| PROVINCES.contains(&province))
}

/// Foreigners with permanent residence: 9, then the province.
fn is_of_a_foreigner(digits: &[char]) -> bool {
    digits[0] == '9' && is_of_a_province(&digits[1..])
}

/// GB 11643-1999: region, day of birth, serial, and a check digit by ISO 7064 MOD 11-2.
fn is_identity(digits: &[char]) -> bool {
    if digits.len() != 18 || !(is_of_a_province(digits) || is_of_a_foreigner(digits)) {
        return false;
    }
    let year = value(&digits[6..10]).filter(|year| (1880..2100).contains(year));
    if !is_day(year, &digits[10..12], &digits[12..14]) {
        return false;
    }
    let sum = digits.iter().rev().zip(0_u32..).try_fold(0, |sum, (digit, power)| {
        let digit = if *digit == 'x' { Some(10) } else { digit.to_digit(10) }?;
        Some((sum + digit * 2_u32.pow(power)) % 11)
    });
    sum == Some(1)
}

fn is_old_identity(digits: &[char]) -> bool {
    digits.len() == 15
        && is_of_a_province(digits)
        && is_day(value(&digits[6..8]).map(|year| 1900 + year), &digits[8..10], &digits[10..12])
        // A serial of nothing is none: round numbers are amounts.
        && value(&digits[12..]).is_some_and(|serial| serial > 0)
}

fn is_mobile(digits: &[char]) -> bool {
    let ends_round = digits.ends_with(&['0'; 6]);
    matches!(digits, ['1', '3'..='9', ..]) && digits.len() == 11 && !ends_round
}

/// UnionPay begins with 62, and is what is issued here; the check digit is that of Luhn.
fn is_bank_card(digits: &[char]) -> bool {
    let is_issued = matches!(digits, ['6', '2', ..]) && (16..=19).contains(&digits.len());
    let is_foreign = matches!(digits, ['4', ..] | ['5', '1'..='5', ..]) && digits.len() == 16;
    let is_old = digits.starts_with(&['9', '5', '5', '8']) && digits.len() == 19;
    (is_issued || is_foreign || is_old) && luhn(digits)
}

fn luhn(digits: &[char]) -> bool {
    let sum = digits.iter().rev().enumerate().try_fold(0, |sum, (place, digit)| {
        let digit = digit.to_digit(10)?;
        let weighed = if place % 2 == 1 { digit * 2 } else { digit };
        Some(sum + weighed / 10 + weighed % 10)
    });
    sum.is_some_and(|sum| sum % 10 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Kind, String)> {
        let letters: Vec<char> = text.chars().collect();
        let told = |number: Number| (number.kind, letters[number.place].iter().collect());
        numbers(&letters).into_iter().map(told).collect()
    }

    #[test]
    fn numbers_of_persons_are_found() {
        use Kind::{BankCard, Identity, Mobile, OldIdentity};
        for (text, kind, number) in [
            ("身份证号11010519491231002x。", Identity, "11010519491231002x"),
            ("(440524188001010014)", Identity, "440524188001010014"),
            ("张三,110105194912310021", OldIdentity, ""),
            ("号码：110105491231002，", OldIdentity, "110105491231002"),
            ("联系人张三 13812345678", Mobile, "13812345678"),
            ("手机138-1234-5678转", Mobile, "138-1234-5678"),
            ("手机 +86 138 1234 5678", Mobile, "138 1234 5678"),
            ("电话008613812345678", Mobile, "13812345678"),
            ("卡号6222021234567890128", BankCard, "6222021234567890128"),
            ("卡号 6222 0212 3456 7890 128", BankCard, "6222 0212 3456 7890 128"),
            ("visa 4111111111111111", BankCard, "4111111111111111"),
        ] {
            let expected = if number.is_empty() { vec![] } else { vec![(kind, number.to_owned())] };
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn other_numbers_are_not() {
        for text in [
            // Wrong check digit, no such day, no such province.
            "110105194912310020",
            "110105194913310022",
            "990105194912310021",
            // A unified social credit code and index numbers.
            "91110105MA01ABCD2X",
            "11441700007280420y/2021-00050",
            "000014349/2017-00110",
            "国办发〔2014〕57号",
            // Offices.
            "010-12345678",
            "0571-87654321",
            "12345",
            "400-810-1234",
            "95588",
            // Amounts and tables.
            "13812345678元",
            "13800000000",
            "1381234567.85",
            "0.13812345678",
            "2024 2025 2026",
            "13812345678901",
            "110105491332002",
            "110105491231000",
            // Addresses and codes.
            "https://a.gov.cn/20240101/13812345678.html",
            "a13812345678",
            "id=13812345678",
            "1101**********1234",
            "6222021234567890127",
            "1234567890123456",
            "6222 02",
            "2026-03-02 13:00",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
