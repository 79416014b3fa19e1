//! Personal data that should not be public: resident identity numbers, mobile numbers, bank cards.
//!
//! 《个人信息保护法》 art. 28 counts identity and finance among sensitive personal data, and notices
//! about persons (lists of subsidies, of examinations) are where they slip through. A number is told
//! by its structure and its check digit, not by the words around it, and only where it stands
//! alone: digits of a longer code, of an address or of an amount are none.

mod numbers;

use super::{Check, Findings, Severity, Subject, SubjectText, Surroundings};
use crate::message::Bilingual;
use numbers::{Kind, Number};

/// See the module.
pub(super) struct PersonalData;

impl Check for PersonalData {
    fn key(&self) -> &'static str {
        "personal_data"
    }

    fn look(&self, subject: &Subject<'_>, _: &Surroundings, findings: &mut Findings<'_>) {
        for text in &subject.texts {
            for number in numbers::numbers(text.folded()) {
                if findings.is_full() {
                    return;
                }
                tell(text, &number, findings);
            }
        }
    }
}

fn tell(text: &SubjectText<'_>, number: &Number, findings: &mut Findings<'_>) {
    use Severity::{Error, Warning};
    let (code, severity, zh, en) = match number.kind {
        Kind::Identity => (
            "identity_number",
            Error,
            "出现公民身份号码，公开前须隐去",
            "the identity number of a person: mask it before it is public",
        ),
        Kind::OldIdentity => (
            "old_identity_number",
            Warning,
            "可能是 15 位的旧身份证号码，公开前须隐去",
            "this may be an identity number of the old form of 15 digits: mask it before it is public",
        ),
        Kind::Mobile => (
            "mobile_number",
            Warning,
            "出现手机号码，如属个人，公开前须隐去",
            "a mobile number: mask it before it is public, if it is a person's",
        ),
        Kind::BankCard => (
            "bank_card_number",
            Error,
            "出现银行卡号，公开前须隐去",
            "the number of a bank card: mask it before it is public",
        ),
    };
    let (first, last) = number.kind.kept();
    let written = text.at(number.place.clone());
    let message = Bilingual::new(zh, en);
    let finding = text.finding(number.place.clone(), code, severity, message);
    findings.push(finding.suggesting(masked(&written, first, last)));
}

/// `number` with its first and last digits; what stands between is masked, spaces and dashes stay.
fn masked(number: &str, first: usize, last: usize) -> String {
    let is_digit = |letter: &char| letter.is_alphanumeric();
    let digits = number.chars().filter(is_digit).count();
    let mut seen = 0;
    let mask = |letter: char| {
        if !is_digit(&letter) {
            return letter;
        }
        seen += 1;
        if seen <= first || seen + last > digits { letter } else { '*' }
    };
    number.chars().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_number_keeps_its_form() {
        for (number, kept, expected) in [
            ("11010519491231002X", (3, 4), "110***********002X"),
            ("138-1234-5678", (3, 4), "138-****-5678"),
            ("６２２２ ０２", (4, 1), "６２２２ *２"),
        ] {
            assert_eq!(masked(number, kept.0, kept.1), expected);
        }
    }
}
