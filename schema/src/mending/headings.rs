//! Headings by their numbers.
//!
//! 一、总体要求 is a heading of its own. （一）指导思想。深入贯彻… runs into its paragraph: the
//! first sentence is set off and stays where it is. （一）身份证明； is an item of a list.

use super::{
    marker::{Rank, article_number, rank},
    passage::{Passage, Role},
};

/// The most letters of a heading that stands alone, and of one that runs in.
const LONGEST: usize = 60;
const LONGEST_RUN_IN: usize = 40;

/// What a numbered passage turns out to be.
enum Found {
    Heading(Rank),
    RunIn(usize),
}

/// Gives headings their role. Levels follow from the ranks the text uses: its highest is `h2`.
pub(super) fn recognise(passages: &mut [Passage]) {
    let mut found = Vec::new();
    let mut before = "";
    let texts = passages.iter().enumerate().filter(|(_, passage)| !passage.text.is_empty());
    for (index, passage) in texts {
        if passage.role == Role::Body
            && let Some(what) = look(&passage.text, before)
        {
            found.push((index, what));
        }
        before = &passage.text;
    }
    let mut ranks: Vec<Rank> = found
        .iter()
        .filter_map(|(_, what)| match what {
            Found::Heading(rank) => Some(*rank),
            Found::RunIn(_) => None,
        })
        .map(same_level)
        .collect();
    ranks.sort_unstable();
    ranks.dedup();
    for (index, what) in found {
        passages[index].role = match what {
            Found::Heading(rank) => {
                let above = ranks.iter().take_while(|other| **other < same_level(rank)).count();
                Role::Heading((above as u8 + 2).min(6))
            }
            Found::RunIn(length) => Role::RunIn(length),
        };
    }
}

/// （1） where （一） is meant is what careless reposts make of it; both head the same things.
fn same_level(rank: Rank) -> Rank {
    if rank == Rank::Fourth { Rank::Second } else { rank }
}

fn look(text: &str, before: &str) -> Option<Found> {
    let rank = rank(text)?;
    if rank == Rank::Article {
        return article_number(text).filter(|length| *length < text.len()).map(Found::RunIn);
    }
    // After a colon or within a series stand items, except at the highest numbering, which an
    // introduction such as 现提出以下意见： leads to.
    let is_item = rank > Rank::First && before.ends_with(['：', ':', '；', ';'])
        || text.ends_with(['；', ';', '，', ',']);
    if is_item {
        return None;
    }
    let sentence = first_sentence(text);
    let letters = sentence.chars().count();
    if sentence.len() == text.len() {
        // 1.甲。 2.乙。 are items; 1.甲 without a full stop is a heading.
        let is_heading = letters <= LONGEST
            && !text.ends_with(['：', ':'])
            && (rank < Rank::Third || rank == Rank::Fourth || !text.ends_with(['。', '.']));
        return is_heading.then_some(Found::Heading(rank));
    }
    // Laws number items by （一） too, but those are not followed by further sentences.
    (letters <= LONGEST_RUN_IN && sentence.ends_with('。') && rank >= Rank::First)
        .then_some(Found::RunIn(sentence.len()))
}

fn first_sentence(text: &str) -> &str {
    let end = text.char_indices().find(|(_, letter)| matches!(letter, '。' | '！' | '？' | '；'));
    end.map_or(text, |(index, letter)| &text[..index + letter.len_utf8()])
}
