//! Rows to values and back: every stored text, digest and number is read through one of
//! these, so that a damaged row is named instead of misread.

use std::str::FromStr;

use schema::{digest::Digest, visibility::Visibility};

use crate::Error;

pub(crate) fn digest(what: &'static str, bytes: &[u8]) -> Result<Digest, Error> {
    Digest::try_from(bytes).map_err(|error| Error::corrupt(what, error))
}

pub(crate) fn text<T: FromStr<Err: std::fmt::Display>>(
    what: &'static str,
    text: &str,
) -> Result<T, Error> {
    text.parse().map_err(|error| Error::corrupt(what, error))
}

pub(crate) fn visibility(word: &str) -> Result<Visibility, Error> {
    Visibility::parse(word).ok_or_else(|| Error::corrupt("visibility", word))
}

pub(crate) fn number(what: &'static str, number: i64) -> Result<u32, Error> {
    u32::try_from(number).map_err(|error| Error::corrupt(what, error))
}

pub(crate) fn bytes(digest: &Digest) -> &[u8] {
    digest.as_bytes()
}

/// Bytes as `unhex` and `decode` of the databases take them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
