//! Regions by the digits of their code that say something.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use crate::message::Bilingual;

/// Digits of a code by level: province, city, county (GB/T 2260), township (GB/T 10114), village.
const LEVELS: [usize; 5] = [2, 4, 6, 9, 12];

/// A region: a province, a city, and so on down to a village.
///
/// Codes are padded with zeros, `542600` is the prefecture `5426`: only what stands before them
/// is kept, so that a code begins with those of the regions it lies in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Box<str>);

/// A text that is no region code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct BadRegion {
    /// What was given.
    pub text: String,
}

impl BadRegion {
    /// What is wrong and what to do.
    pub fn message(&self) -> Bilingual {
        let text = &self.text;
        Bilingual::new(
            format!("{text:?} 不是行政区划代码：应为 2、4、6、9 或 12 位数字，如 65、542600"),
            format!(
                "{text:?} is no region code, which has 2, 4, 6, 9 or 12 digits, such as 65 or 542600"
            ),
        )
    }
}

impl Region {
    /// The code without the zeros behind it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `other` is this region or lies in it.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.starts_with(&*self.0)
    }
}

impl FromStr for Region {
    type Err = BadRegion;

    fn from_str(text: &str) -> Result<Self, BadRegion> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let Some(level) = LEVELS.iter().position(|length| *length == text.len()).filter(|_| digits)
        else {
            return Err(BadRegion { text: text.chars().take(40).collect() });
        };
        let said = |level: &usize| {
            let above = level.checked_sub(1).map_or(0, |above| LEVELS[above]);
            text[above..LEVELS[*level]].bytes().any(|digit| digit != b'0')
        };
        let last = (0..=level).rev().find(said).unwrap_or(0);
        Ok(Self(text[..LEVELS[last]].into()))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str) -> Region {
        text.parse().expect("a region")
    }

    #[test]
    fn a_region_covers_what_lies_in_it_however_its_code_is_padded() {
        let (xinjiang, nyingchi) = (region("650000"), region("542600"));

        assert_eq!((xinjiang.as_str(), nyingchi.as_str()), ("65", "5426"));
        assert_eq!(region("65"), xinjiang);
        for inside in ["65", "6501", "650102", "650102004", "650102004001"] {
            assert!(xinjiang.covers(&region(inside)), "{inside}");
        }
        assert!(nyingchi.covers(&region("542621")));
        assert!(!nyingchi.covers(&region("540000")) && !nyingchi.covers(&region("542500")));
        assert_eq!(region("510104001000"), region("510104001"));
        assert_eq!(region("429004").as_str(), "429004", "a county directly below its province");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for wrong in ["", "6", "650", "65010", "65010a", "６５", "6501020041"] {
            let refused = wrong.parse::<Region>().expect_err(wrong).message();
            assert!(refused.zh.contains("542600") && refused.en.contains("542600"), "{wrong}");
        }
    }
}
