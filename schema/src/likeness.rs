//! How much two texts are alike: whether nearly the same is public already.
//!
//! A text is taken as the set of its runs of [`RUN`] letters; two texts are as alike as the part of
//! all their runs that both have (Jaccard). [`Likeness`] is a sketch of that set of a few numbers
//! (MinHash, in bands: Broder 1997, Indyk and Motwani 1998): texts that are nine tenths alike share
//! one of them with a probability of 99.5 %, half as much alike with 17 %, so what shares one is
//! [compared](alike) whole.

use std::collections::HashSet;

/// Letters of a run.
pub const RUN: usize = 4;
/// Letters of a text below which nothing can be told: a form says as much as another.
pub const SHORTEST: usize = 120;
/// Numbers of a sketch.
pub const BANDS: usize = 6;
/// Smallest hashes that make one number.
const ROWS: usize = 5;
/// Letters that are looked at of a text.
const LONGEST: usize = 100_000;

/// A sketch of one text. Changing how it is made calls for `gongbao reindex`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likeness(pub [i64; BANDS]);

impl Likeness {
    /// The sketch of `text`; `None` of one that is too short.
    pub fn of(text: &str) -> Option<Self> {
        let letters = letters(text);
        if letters.len() < SHORTEST {
            return None;
        }
        let mut least = [u64::MAX; BANDS * ROWS];
        for run in letters.windows(RUN).map(hash) {
            for (row, least) in (1_u64..).zip(&mut least) {
                *least = mixed(run ^ row.wrapping_mul(GOLDEN)).min(*least);
            }
        }
        let mut bands = [0; BANDS];
        for (number, (band, rows)) in (0_u64..).zip(bands.iter_mut().zip(least.chunks(ROWS))) {
            let whole = rows.iter().fold(number, |whole, least| mixed(whole ^ *least));
            *band = whole.cast_signed();
        }
        Some(Self(bands))
    }
}

/// What part of all runs of two texts both have, in hundredths.
pub fn alike(one: &str, other: &str) -> u32 {
    let runs = |text| letters(text).windows(RUN).map(hash).collect::<HashSet<u64>>();
    let (one, other): (HashSet<u64>, HashSet<u64>) = (runs(one), runs(other));
    let both = one.intersection(&other).count();
    let all = one.len() + other.len() - both;
    u32::try_from(both * 100 / all.max(1)).unwrap_or(100)
}

/// The letters of a text, without white space and punctuation.
fn letters(text: &str) -> Vec<char> {
    text.chars().filter(|letter| letter.is_alphanumeric()).take(LONGEST).collect()
}

/// 2^64 divided by the golden ratio, the step of SplitMix64.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input moves every bit.
const fn mixed(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn hash(run: &[char]) -> u64 {
    run.iter().fold(GOLDEN, |hash, letter| mixed(hash ^ u64::from(u32::from(*letter))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of `words` words that no other number makes.
    fn text(seed: u32, words: u32) -> String {
        let letter = |place: u32| {
            let bits = mixed(u64::from(seed) << 32 | u64::from(place)) % 3_000;
            char::from_u32(0x4e00 + u32::try_from(bits).expect("it is small")).expect("a letter")
        };
        (0..words * 2).map(letter).collect()
    }

    fn shares(one: &str, other: &str) -> bool {
        let (one, other) = (Likeness::of(one), Likeness::of(other));
        let (one, other) = (one.expect("long enough").0, other.expect("long enough").0);
        one.iter().zip(&other).any(|(one, other)| one == other)
    }

    #[test]
    fn a_text_with_a_few_other_words_shares_a_number_with_what_it_was_made_of() {
        let mut found = 0;
        for seed in 0..100 {
            let before = text(seed, 400);
            let after = before.replacen(&before[300..330], "另一段十个字的新内容", 1);
            assert!((90..100).contains(&alike(&before, &after)), "{}", alike(&before, &after));
            found += u32::from(shares(&before, &after));
        }
        assert!(found >= 98, "{found} of 100");
    }

    #[test]
    fn texts_that_have_nothing_in_common_share_nothing() {
        for seed in 0..100 {
            let (one, other) = (text(seed, 300), text(seed + 1_000, 300));
            assert!(!shares(&one, &other));
            assert_eq!(alike(&one, &other), 0);
        }
    }

    #[test]
    fn punctuation_and_lines_say_nothing() {
        let plain = text(7, 200);
        let spaced: String = plain.chars().flat_map(|letter| [letter, '\n', '，']).collect();
        assert_eq!(Likeness::of(&plain), Likeness::of(&spaced));
        assert_eq!(alike(&plain, &spaced), 100);
    }

    #[test]
    fn of_a_short_text_nothing_is_told() {
        assert_eq!(Likeness::of("关于放假的通知"), None);
        assert_eq!(alike("", ""), 0);
    }
}
