//! Dates as they are written in a text: around each 月, and between dashes.

use std::ops::Range;

use jiff::civil::Date;

/// A date, as far as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) place: Range<usize>,
    year: Option<u32>,
    month: u32,
    day: Option<u32>,
    pub(super) digits: Digits,
    /// By the moon, months have thirty days.
    is_lunar: bool,
}

/// Which digits it is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digits {
    /// 3
    Arabic,
    /// 三
    Chinese,
    /// 三月2日
    Both,
}

/// Why it is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Month,
    Day,
    LeapDay,
}

/// A number in a text.
struct Number {
    place: Range<usize>,
    value: u32,
    digits: Digits,
}

impl Written {
    /// Why it is no date, where it is none.
    pub(super) fn fault(&self) -> Option<Fault> {
        // Without a year 13月 is a length of time.
        if !(1..=12).contains(&self.month) {
            return self.year.is_some().then_some(Fault::Month);
        }
        let day = self.day?;
        // Any leap year will do where none is written.
        let exists = |year: u32| {
            let part = |value: u32| i8::try_from(value).ok();
            i16::try_from(year)
                .ok()
                .zip(part(self.month).zip(part(day)))
                .is_some_and(|(year, (month, day))| Date::new(year, month, day).is_ok())
        };
        if exists(self.year.unwrap_or(2000)) || self.is_lunar && (1..=30).contains(&day) {
            return None;
        }
        Some(if self.month == 2 && day == 29 { Fault::LeapDay } else { Fault::Day })
    }

    /// The same in plain digits.
    pub(super) fn plain(&self) -> String {
        let year = self.year.map(|year| format!("{year}年")).unwrap_or_default();
        let day = self.day.map(|day| format!("{day}日")).unwrap_or_default();
        format!("{year}{}月{day}", self.month)
    }
}

/// The dates of `text`, which is folded.
pub(super) fn dates(text: &[char]) -> Vec<Written> {
    let mut found = Vec::new();
    for (at, letter) in text.iter().enumerate() {
        match letter {
            '月' => found.extend(around_month(text, at)),
            '-' | '/' => found.extend(divided(text, at)),
            _ => {}
        }
    }
    found
}

/// The date of which the 月 at `at` is part: with a year before it or a day behind it.
fn around_month(text: &[char], at: usize) -> Option<Written> {
    let month = before(text, at)?;
    let start = month.place.start;
    let year = before_that(text, start, '年').and_then(|end| before(text, end));
    let year = year.filter(|year| year.place.len() == 4 && (1000..3000).contains(&year.value));
    let day = behind(text, at + 1);
    let first = year.as_ref().map_or(start, |year| year.place.start);
    let is_range = ends_range_of_months(text, first);
    if year.is_none() && (day.is_none() || is_range) || !is_month(&month) {
        return None;
    }
    let parts = [year.as_ref(), Some(&month), day.as_ref()];
    let digits = parts.into_iter().flatten().map(|number| number.digits);
    let digits = digits.reduce(|one, other| if one == other { one } else { Digits::Both })?;
    let around = &text[first.saturating_sub(6)..first];
    Some(Written {
        // With the 日.
        place: first..day.as_ref().map_or(at + 1, |day| day.place.end + 1),
        is_lunar: is_lunar(around),
        year: year.map(|year| year.value),
        month: month.value,
        day: day.map(|day| day.value),
        digits,
    })
}

/// Whether a range of months ends with the month at `at`, and what follows is no day of it: 1-2月30日均.
fn ends_range_of_months(text: &[char], at: usize) -> bool {
    let is_divider = |letter: &char| "-—–~至到、./".contains(*letter);
    let mut before = text[..at].iter().rev().filter(|letter| **letter != ' ').peekable();
    let is_divided = before.peek().is_some_and(|letter| is_divider(letter));
    let first = before.find(|letter| !is_divider(letter));
    is_divided && first.is_some_and(|letter| *letter == '月' || kind(*letter).is_some())
}

/// Whether it can be meant as a month: 五六月 is two of them.
fn is_month(month: &Number) -> bool {
    match month.digits {
        Digits::Chinese => (1..=12).contains(&month.value),
        Digits::Arabic | Digits::Both => month.place.len() <= 2,
    }
}

fn is_lunar(before: &[char]) -> bool {
    let words = ["农历", "阴历", "夏历", "旧历", "古历"];
    let before: String = before.iter().collect();
    words.iter().any(|word| before.contains(word))
}

/// 2026-02-30 and 2026/2/30, of which the divider at `at` is the first.
fn divided(text: &[char], at: usize) -> Option<Written> {
    let year = plain_digits(text, at.checked_sub(4)?..at)?;
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-/._".contains(letter);
    let starts = !previous(text, at - 4).is_some_and(is_part);
    let divider = *text.get(at)?;
    let month_end = (at + 1..).take(3).find(|end| text.get(*end) == Some(&divider))?;
    let month = plain_digits(text, at + 1..month_end)?;
    let digits = text[month_end + 1..].iter().take_while(|letter| letter.is_ascii_digit()).count();
    let end = month_end + 1 + digits;
    let day = plain_digits(text, month_end + 1..end).filter(|_| digits <= 2)?;
    let ends = !text.get(end).copied().is_some_and(is_part);
    let is_year = (1900..2100).contains(&year);
    (starts && ends && is_year).then_some(Written {
        place: at - 4..end,
        year: Some(year),
        month,
        day: Some(day),
        digits: Digits::Arabic,
        is_lunar: false,
    })
}

/// The number at `place`, of at most four digits.
fn plain_digits(text: &[char], place: Range<usize>) -> Option<u32> {
    let digits = text.get(place)?;
    let is_number = (1..=4).contains(&digits.len()) && digits.iter().all(char::is_ascii_digit);
    is_number
        .then(|| digits.iter().fold(0, |sum, digit| sum * 10 + digit.to_digit(10).unwrap_or(0)))
}

/// The character before `at`, where spaces do not count.
fn previous(text: &[char], at: usize) -> Option<char> {
    text[..at].iter().rev().copied().find(|letter| *letter != ' ')
}

/// Where `wanted` stands before `at` with nothing but a space between.
fn before_that(text: &[char], at: usize, wanted: char) -> Option<usize> {
    let at = without_space(text, at);
    at.checked_sub(1).filter(|before| text[*before] == wanted)
}

/// `at`, or where the one space before it begins.
fn without_space(text: &[char], at: usize) -> usize {
    at - usize::from(at > 0 && text[at - 1] == ' ')
}

/// The number that ends before `at`: all digits of one kind, at most four.
fn before(text: &[char], at: usize) -> Option<Number> {
    let end = without_space(text, at);
    let last = text.get(end.checked_sub(1)?)?;
    let kind = kind(*last)?;
    let letters = text[..end].iter().rev();
    let length = letters.take_while(|letter| self::kind(**letter) == Some(kind)).take(5).count();
    number(text, end - length..end, kind)
}

/// The number that begins at `at` and is followed by 日.
fn behind(text: &[char], at: usize) -> Option<Number> {
    let at = at + usize::from(text.get(at) == Some(&' '));
    let kind = kind(*text.get(at)?)?;
    let letters = text[at..].iter();
    let length = letters.take_while(|letter| self::kind(**letter) == Some(kind)).take(4).count();
    let end = at + length;
    let day = end + usize::from(text.get(end) == Some(&' '));
    if text.get(day) != Some(&'日') {
        return None;
    }
    let number = number(text, at..end, kind).filter(|number| number.place.len() <= 3)?;
    Some(Number { place: number.place.start..day, ..number })
}

fn kind(letter: char) -> Option<Digits> {
    match letter {
        '0'..='9' => Some(Digits::Arabic),
        _ if "〇○零一二三四五六七八九十".contains(letter) => Some(Digits::Chinese),
        _ => None,
    }
}

fn number(text: &[char], place: Range<usize>, digits: Digits) -> Option<Number> {
    if place.len() > 4 {
        return None;
    }
    let letters = &text[place.clone()];
    let value = match digits {
        Digits::Arabic => plain_digits(text, place.clone())?,
        _ => chinese(letters)?,
    };
    Some(Number { place, value, digits })
}

/// 三, 十二, 三十一, 二〇二六.
fn chinese(letters: &[char]) -> Option<u32> {
    let digit = |letter: char| match letter {
        '〇' | '○' | '零' => Some(0),
        _ => {
            "一二三四五六七八九".chars().zip(1..).find(|(known, _)| *known == letter).map(|it| it.1)
        }
    };
    match *letters {
        ['十'] => Some(10),
        ['十', one] => Some(10 + digit(one)?),
        [tens, '十'] => Some(digit(tens)? * 10),
        [tens, '十', one] => Some(digit(tens)? * 10 + digit(one)?),
        _ => letters.iter().try_fold(0, |sum, letter| Some(sum * 10 + digit(*letter)?)),
    }
}
