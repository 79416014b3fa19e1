//! Document numbers (发文字号): `国办发〔2014〕57号`, `中华人民共和国国务院令第656号`.
//!
//! The printed form puts the year in 〔 〕 (GB/T 9704—2012, 7.2.5: year in full, hexagonal
//! brackets, no 第 and no leading zeros). Keyboards rarely offer these brackets, so one number
//! arrives in many spellings. [`normalise`] mends what is only typing; [`lookup_key`] goes
//! further, so that people find a number whichever way they write it.

use unicode_normalization::UnicodeNormalization as _;

const OPENING: &str = "[(【〔［（{｛〖〈《<＜";
const CLOSING: &str = "])】〕］）}｝〗〉》>＞";

/// The number as it is printed: Chinese brackets round the year, plain digits, no stray spaces.
///
/// Words are kept as they are: `第`, leading zeros and the name of the state belong to what the
/// issuer printed. Applying it twice changes nothing.
pub fn normalise(text: &str) -> String {
    let plain: Vec<char> = text.nfc().map(plain_letter).collect();
    let bracketed = with_year_brackets(&plain);
    without_stray_spaces(&bracketed)
}

/// One key for all spellings of a number, for comparing and for index rows; not for people.
///
/// Beyond [`normalise`]: no 第 before digits, no leading zeros, Chinese numerals between 第 and
/// 号 as digits, no leading 中华人民共和国, 国令 spelled out as 国务院令, small letters.
pub fn lookup_key(text: &str) -> String {
    let normal: String = normalise(text).to_lowercase().split_whitespace().collect();
    let short = normal.strip_prefix("中华人民共和国").unwrap_or(&normal);
    let spelled = match short.strip_prefix("国令") {
        Some(rest) => format!("国务院令{rest}"),
        None => short.to_owned(),
    };
    without_leading_zeros(&without_ordinal_mark(&spelled))
}

/// Full-width digits, Latin letters and the ideographic space in their plain form.
fn plain_letter(letter: char) -> char {
    match letter {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(letter as u32 - 0xFEE0).unwrap_or(letter)
        }
        _ if letter.is_whitespace() => ' ',
        _ => letter,
    }
}

/// Turns any pair of brackets that holds a year of four digits into 〔 〕.
fn with_year_brackets(letters: &[char]) -> Vec<char> {
    let mut result = letters.to_vec();
    for start in 0..letters.len() {
        if !OPENING.contains(letters[start]) {
            continue;
        }
        let inside = letters[start + 1..].iter().take(12);
        let Some(length) = inside.clone().position(|letter| CLOSING.contains(*letter)) else {
            continue;
        };
        let year: String = inside.take(length).filter(|letter| **letter != ' ').collect();
        let year = year.strip_suffix('年').unwrap_or(&year);
        if year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) {
            let end = start + 1 + length;
            result[start] = '〔';
            result[end] = '〕';
            for inner in &mut result[start + 1..end] {
                if !inner.is_ascii_digit() {
                    *inner = ' ';
                }
            }
        }
    }
    result
}

/// Drops spaces that touch a letter which needs none (anything but ASCII); keeps single spaces
/// between Latin words.
fn without_stray_spaces(letters: &[char]) -> String {
    let mut result = String::with_capacity(letters.len() * 3);
    let mut pending = false;
    for letter in letters {
        if *letter == ' ' {
            pending = !result.is_empty();
            continue;
        }
        let wide_before = result.chars().next_back().is_some_and(|last| !last.is_ascii());
        if pending && !wide_before && letter.is_ascii() {
            result.push(' ');
        }
        pending = false;
        result.push(*letter);
    }
    result
}

/// `第656号`, `第六百五十六号` → `656号`.
fn without_ordinal_mark(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('第') {
        result.push_str(before);
        let numeral: String = after.chars().take_while(|letter| is_numeral(*letter)).collect();
        match chinese_number(&numeral) {
            Some(number) if after[numeral.len()..].starts_with('号') => {
                result.push_str(&number.to_string());
                rest = &after[numeral.len()..];
            }
            _ if after.starts_with(|next: char| next.is_ascii_digit()) => rest = after,
            _ => {
                result.push('第');
                rest = after;
            }
        }
    }
    result.push_str(rest);
    result
}

fn is_numeral(letter: char) -> bool {
    "〇零一二三四五六七八九十百千".contains(letter)
}

/// A Chinese numeral below ten thousand, `六百五十六` or digit by digit `二〇一四`.
fn chinese_number(numeral: &str) -> Option<u32> {
    let digit = |letter: char| match letter {
        '〇' | '零' => Some(0),
        _ => "一二三四五六七八九".chars().position(|other| other == letter).map(|at| at as u32 + 1),
    };
    if numeral.is_empty() || numeral.chars().count() > 8 {
        return None;
    }
    if numeral.chars().all(|letter| digit(letter).is_some()) {
        return Some(numeral.chars().filter_map(digit).fold(0, |sum, next| sum * 10 + next));
    }
    let mut sum = 0;
    let mut waiting = None;
    for letter in numeral.chars() {
        let unit = match letter {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            _ => {
                waiting = digit(letter);
                continue;
            }
        };
        sum += waiting.take().unwrap_or(1) * unit;
    }
    Some(sum + waiting.unwrap_or(0))
}

fn without_leading_zeros(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut inside_number = false;
    while let Some(letter) = letters.next() {
        let more = letters.peek().is_some_and(char::is_ascii_digit);
        if letter == '0' && !inside_number && more {
            continue;
        }
        inside_number = letter.is_ascii_digit();
        result.push(letter);
    }
    result
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn typed_brackets_spaces_and_wide_digits_become_the_printed_form() {
        for typed in [
            "国办发〔2014〕57号",
            "国办发[2014]57号",
            "国办发（2014）57 号",
            "国办发【2014】57号",
            "国办发 ［２０１４］ ５７号",
            " 国办发(2014年)57号 ",
            "国办发〔 2014 〕57号",
        ] {
            assert_eq!(normalise(typed), "国办发〔2014〕57号", "{typed}");
        }
    }

    #[test]
    fn free_forms_are_kept() {
        for kept in [
            "中华人民共和国国务院令第656号",
            "海关总署公告2014年第05号",
            "川府发(试行)3号",
            "Decree No. 656",
        ] {
            assert_eq!(normalise(kept), kept);
        }
        assert_eq!(normalise("Decree  No. 656"), "Decree No. 656");
    }

    #[test]
    fn all_spellings_of_one_number_have_one_key() {
        for same in [
            "国办发[2014]57号",
            "国办发（2014）第57号",
            "国办发〔2014〕057号",
            "国办发 〔2014〕 第 57 号",
        ] {
            assert_eq!(lookup_key(same), "国办发〔2014〕57号", "{same}");
        }
        for same in ["国务院令第656号", "国令第656号", "中华人民共和国国务院令第六百五十六号"]
        {
            assert_eq!(lookup_key(same), "国务院令656号", "{same}");
        }
        assert_eq!(lookup_key("财政部令第二十号"), lookup_key("财政部令第20号"));
    }

    #[test]
    fn different_numbers_keep_different_keys() {
        let numbers = [
            "国办发〔2014〕57号",
            "国发〔2014〕57号",
            "国办发〔2015〕57号",
            "国办发〔2014〕5号",
            "国办函〔2014〕57号",
        ];
        for (at, left) in numbers.iter().enumerate() {
            for right in &numbers[at + 1..] {
                assert_ne!(lookup_key(left), lookup_key(right));
            }
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "[国办发令第号年〔〕\\[\\]（）【】 0-9a-c零六百十　０-９]{0,24}") {
            let once = normalise(&text);
            prop_assert_eq!(lookup_key(&once), lookup_key(&text));
            prop_assert_eq!(normalise(&once), once);
        }
    }
}
