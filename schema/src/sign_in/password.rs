//! What a password must be.
//!
//! The rule that inspections look for (three kinds of characters of four) says little about how
//! soon a password is guessed, so that is estimated beside it, with what is known of its owner
//! taken for the first guesses.

use unicode_normalization::UnicodeNormalization as _;
use zxcvbn::{Score, zxcvbn};

use crate::message::Fault;

/// Characters, at the least.
pub const LEAST: usize = 10;
/// Characters, at the most: what follows adds nothing but work.
pub const MOST: usize = 128;
/// A password of so many characters need not mix their kinds.
const PHRASE: usize = 20;
/// Kinds of characters, of four.
const KINDS: usize = 3;
/// Characters that are looked at when it is estimated how soon it is guessed.
const ESTIMATED: usize = 64;

/// One spelling for what different keyboards send for the same letters (RFC 8265, opaque
/// strings).
pub fn normalized(password: &str) -> String {
    password.nfc().collect()
}

/// What is wrong with a password for somebody of whom `known` is known: account and name.
pub fn faults(path: &str, password: &str, known: &[&str]) -> Vec<Fault> {
    let length = password.chars().count();
    if !(LEAST..=MOST).contains(&length) || password.chars().any(char::is_control) {
        return vec![Fault::new(
            path,
            "length",
            format!("口令应为 {LEAST} 至 {MOST} 个字符，且不含控制字符"),
            format!("a password has {LEAST} to {MOST} characters, none a control character"),
        )];
    }
    let mut faults = Vec::new();
    if length < PHRASE && kinds(password) < KINDS {
        faults.push(Fault::new(
            path,
            "too_plain",
            format!(
                "口令应含大写字母、小写字母、数字、其他字符中的至少 {KINDS} 种，或不少于 {PHRASE} 个字符"
            ),
            format!(
                "mix at least {KINDS} of capitals, small letters, digits and other characters, or use {PHRASE} characters and more"
            ),
        ));
    }
    let mut guesses = vec!["gongbao", "公报"];
    guesses.extend(known);
    let beginning: String = password.chars().take(ESTIMATED).collect();
    if zxcvbn(&beginning, &guesses).score() < Score::Three {
        faults.push(Fault::new(
            path,
            "guessable",
            "口令太容易猜中：请避免常用词、键盘顺序、日期以及账号和姓名",
            "it is too easily guessed: avoid common words, rows of the keyboard, dates, account and name",
        ));
    }
    faults
}

fn kinds(password: &str) -> usize {
    let is_other = |c: char| !c.is_ascii_alphanumeric();
    let kinds: [&dyn Fn(char) -> bool; 4] = [
        &|c| c.is_ascii_uppercase(),
        &|c| c.is_ascii_lowercase(),
        &|c| c.is_ascii_digit(),
        &is_other,
    ];
    kinds.into_iter().filter(|kind| password.chars().any(kind)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(password: &str) -> Vec<&'static str> {
        let faults = faults("password", password, &["zhang.wei", "张伟"]);
        faults.into_iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn what_is_guessed_soon_is_refused() {
        for (password, expected) in [
            ("Kor7-Bamit!qe", &[][..]),
            ("四季流转A山河入画3", &[]),
            ("wharf onion tactile grumble", &[]),
            ("short1!A", &["length"]),
            ("with\u{7}bell-Ab1", &["length"]),
            ("Password123!", &["guessable"]),
            ("Zhang.Wei2026", &["guessable"]),
            ("Qwertyuiop123!", &["guessable"]),
            ("kxqvbnmzpw", &["too_plain"]),
            ("aaaaaaaaaaaaaaaaaaaaaaaa", &["guessable"]),
        ] {
            assert_eq!(codes(password), expected, "{password}");
        }
        assert_eq!(codes(&"xK9!".repeat(32)).first(), Some(&"guessable"));
        assert_eq!(codes(&"x".repeat(MOST + 1)), ["length"]);
    }

    #[test]
    fn one_password_has_one_spelling() {
        assert_eq!(normalized("e\u{301}te\u{301}"), normalized("\u{e9}t\u{e9}"));
        assert_ne!(normalized("ＡＢ"), normalized("AB"), "what differs to the eye stays different");
    }
}
