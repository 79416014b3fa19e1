//! Decimal numbers as texts: exact, one spelling per value, ordered.
//!
//! Money, rates and coordinates never pass through binary floats; editions hold them as
//! strings. `1.50`, `+1.5` and `01.5` are one value and are kept as `1.5`.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most digits on either side of the point.
pub const MAX_DIGITS: usize = 30;

/// A decimal number without exponent, in its only spelling.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    /// Without leading zeros; empty for a value below one.
    whole: Box<str>,
    /// Without trailing zeros.
    fraction: Box<str>,
}

/// A text was not a decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a decimal is digits with at most one point and a sign, at most 30 digits on either side, no exponent"
)]
pub struct NotADecimal;

impl Decimal {
    /// The number of digits after the point.
    pub fn scale(&self) -> usize {
        self.fraction.len()
    }

    /// Bytes that compare (as unsigned bytes, shorter before longer) as the numbers do.
    ///
    /// One sign byte, the power of ten of the first digit, the digits, an end mark; all but
    /// the sign byte are complemented for negative numbers.
    pub fn ordered_bytes(&self) -> Vec<u8> {
        if self.is_zero() {
            return vec![1];
        }
        let leading_zeros = self.fraction.bytes().take_while(|digit| *digit == b'0').count();
        let (power, digits) = if self.whole.is_empty() {
            (-(leading_zeros as i16), self.fraction[leading_zeros..].to_owned())
        } else {
            let digits = format!("{}{}", self.whole, self.fraction);
            (self.whole.len() as i16, digits.trim_end_matches('0').to_owned())
        };
        let mut magnitude = Vec::with_capacity(digits.len() + 3);
        magnitude.extend_from_slice(&(power as u16 ^ 0x8000).to_be_bytes());
        magnitude.extend_from_slice(digits.as_bytes());
        magnitude.push(0);
        let mut bytes = vec![if self.negative { 0 } else { 2 }];
        bytes.extend(magnitude.iter().map(|byte| if self.negative { !byte } else { *byte }));
        bytes
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = |of: &Self, than: &Self| {
            of.whole
                .len()
                .cmp(&than.whole.len())
                .then_with(|| of.whole.cmp(&than.whole))
                .then_with(|| of.fraction.cmp(&than.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => magnitude(self, other),
            (true, true) => magnitude(other, self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Decimal {
    fn from(integer: i64) -> Self {
        let digits = integer.unsigned_abs().to_string();
        let whole = digits.trim_start_matches('0');
        Self { negative: integer < 0, whole: whole.into(), fraction: "".into() }
    }
}

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(NotADecimal),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(NotADecimal);
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        if whole.len() > MAX_DIGITS || fraction.len() > MAX_DIGITS {
            return Err(NotADecimal);
        }
        let negative = negative && !(whole.is_empty() && fraction.is_empty());
        Ok(Self { negative, whole: whole.into(), fraction: fraction.into() })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() { "0" } else { &self.whole };
        let point = if self.fraction.is_empty() { "" } else { "." };
        write!(formatter, "{sign}{whole}{point}{}", self.fraction)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn one_value_has_one_spelling() {
        for (given, kept) in [
            ("1.50", "1.5"),
            ("+01.5", "1.5"),
            ("-0.00", "0"),
            ("000", "0"),
            ("-12.0", "-12"),
            ("0.05", "0.05"),
        ] {
            assert_eq!(decimal(given).to_string(), kept);
        }
        assert_eq!(Decimal::from(-120), decimal("-120"));
        assert_eq!(Decimal::from(0), decimal("0"));
    }

    #[test]
    fn what_is_not_a_plain_decimal_is_refused() {
        let long = "1".repeat(MAX_DIGITS + 1);
        for wrong in ["", "-", ".", ".5", "5.", "1e3", "1,000", "１", "--1", "1.2.3", " 1", &long]
        {
            assert_eq!(wrong.parse::<Decimal>(), Err(NotADecimal), "{wrong:?}");
        }
    }

    #[test]
    fn order_is_that_of_the_numbers() {
        let rising = [
            "-100", "-99.9", "-1", "-0.05", "-0.001", "0", "0.001", "0.05", "0.5", "1", "1.05",
            "9", "10", "100",
        ];
        for pair in rising.windows(2) {
            assert!(decimal(pair[0]) < decimal(pair[1]), "{pair:?}");
            assert!(
                decimal(pair[0]).ordered_bytes() < decimal(pair[1]).ordered_bytes(),
                "{pair:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn bytes_order_as_numbers_do(left in any::<(i32, u8)>(), right in any::<(i32, u8)>()) {
            // An integer over ten to a power of 0 to 4: small enough to compare exactly as i64.
            let spell = |(number, power): (i32, u8)| {
                let power = u32::from(power % 5);
                let unit = 10_i64.pow(power);
                let number = i64::from(number);
                let sign = if number < 0 { "-" } else { "" };
                let (whole, rest) = (number.abs() / unit, number.abs() % unit);
                let text = if power == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest:0width$}", width = power as usize) };
                (decimal(&text), number * 10_i64.pow(4 - power))
            };
            let ((left, exact_left), (right, exact_right)) = (spell(left), spell(right));

            prop_assert_eq!(left.cmp(&right), exact_left.cmp(&exact_right));
            prop_assert_eq!(left.ordered_bytes().cmp(&right.ordered_bytes()), exact_left.cmp(&exact_right));
            prop_assert_eq!(decimal(&left.to_string()), left);
        }
    }
}
