//! Texts and what is spelled as text: telephone numbers, addresses of pages, region codes.

use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use url::Url;

use super::problem::{Problem, too_long};

/// Bytes of a web address, the most that browsers and proxies agree on.
const URL_BYTES: usize = 2_000;

/// First two digits of the region codes of provinces, regions and municipalities (GB/T 2260).
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82",
];

/// Whether a text is one line or several.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    One,
    Several,
}

/// The text in Unicode's composed form, trimmed, line ends as `\n`; refused with characters that
/// do not show or that turn the reading direction of what follows.
pub(super) fn clean(text: &str, lines: Lines) -> Result<String, Problem> {
    let unix: String = text.replace("\r\n", "\n").replace('\r', "\n").replace('\u{feff}', "");
    let composed = if is_nfc(&unix) { unix } else { unix.nfc().collect() };
    let trimmed = composed.trim();
    if lines == Lines::One && trimmed.contains('\n') {
        return Err(Problem::new(
            "line_break",
            "此处只能有一行，请去掉换行",
            "this is a single line: remove the line breaks",
        ));
    }
    let allowed = |letter: char| lines == Lines::Several && matches!(letter, '\n' | '\t');
    let hidden = trimmed.chars().find(|letter| is_hidden(*letter) && !allowed(*letter));
    if let Some(letter) = hidden {
        let code = letter as u32;
        return Err(Problem::new(
            "control_character",
            format!("含有不可见的控制字符 U+{code:04X}，请删除"),
            format!("holds the invisible control character U+{code:04X}: remove it"),
        ));
    }
    Ok(trimmed.to_owned())
}

/// Control characters, line separators, and overrides of the reading direction. The plain marks
/// that right-to-left scripts need (U+200E, U+200F, U+061C) are not among them.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Refuses a text longer than `most` characters.
pub(super) fn within(text: &str, most: usize) -> Result<(), Problem> {
    let length = text.chars().count();
    if length > most {
        return Err(too_long(length, most, "字", "characters"));
    }
    Ok(())
}

/// A telephone number: `028-86604477`, `+86 28 86604477`, `028-86604477 ext. 801`.
///
/// Full-width digits, brackets round the area code and 转 or 分机 are rewritten.
pub(super) fn telephone(text: &str) -> Result<String, Problem> {
    let wrong = || {
        Problem::new(
            "not_a_telephone",
            "应为电话号码：数字、+、- 和空格，分机写作“转 801”或“ext. 801”",
            "must be a telephone number: digits, +, - and spaces, an extension as “ext. 801”",
        )
    };
    let plain: String = text
        .nfkc()
        .map(|letter| if matches!(letter, '‐' | '‑' | '–' | '—' | '－') { '-' } else { letter })
        .collect::<String>()
        .to_lowercase()
        .replace("分机", "转");
    let (number, extension) = match plain.split_once('转').or_else(|| plain.split_once("ext")) {
        Some((number, rest)) => {
            let digits = rest.trim_start_matches(['.', ':', '号', ' ']).trim();
            (number, Some(digits.to_owned()))
        }
        None => (plain.as_str(), None),
    };
    let number = number.replace('(', " ").replace(')', "-");
    let number = number.split_whitespace().collect::<Vec<_>>().join(" ").replace("- ", "-");
    let (plus, rest) = match number.strip_prefix('+') {
        Some(rest) => ("+", rest),
        None => ("", number.as_str()),
    };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let well_formed = rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'-'))
        && rest.starts_with(|first: char| first.is_ascii_digit())
        && rest.ends_with(|last: char| last.is_ascii_digit())
        && (3..=20).contains(&digits);
    if !well_formed || rest.len() > 40 {
        return Err(wrong());
    }
    match extension {
        None => Ok(format!("{plus}{rest}")),
        Some(digits)
            if (1..=8).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Ok(format!("{plus}{rest} ext. {digits}"))
        }
        Some(_) => Err(wrong()),
    }
}

/// An absolute http or https address without user name, as browsers spell it.
pub(super) fn url(text: &str) -> Result<String, Problem> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
    });
    let Some(url) = url else {
        return Err(Problem::new(
            "not_a_url",
            "应为以 http:// 或 https:// 开头的完整网址，且不含用户名和密码",
            "must be a whole address that starts with http:// or https://, without user name or password",
        ));
    };
    let spelled = String::from(url);
    if spelled.len() > URL_BYTES {
        return Err(too_long(spelled.len(), URL_BYTES, "字节", "bytes"));
    }
    Ok(spelled)
}

/// A region code of 6 (county), 9 (township) or 12 (village) digits.
pub(super) fn region_code(text: &str) -> Result<String, Problem> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && matches!(text.len(), 6 | 9 | 12) && PROVINCES.contains(&&text[..2]) {
        return Ok(text.to_owned());
    }
    Err(Problem::new(
        "not_a_region_code",
        "应为 6、9 或 12 位行政区划代码，前两位为省级代码，如 510100",
        "must be a region code of 6, 9 or 12 digits that starts with a province, such as 510100",
    ))
}
