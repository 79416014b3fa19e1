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
    let filled: Vec<usize> =
        (0..passages.len()).filter(|index| !passages[*index].text.is_empty()).collect();
    let text = |position: usize| filled.get(position).map_or("", |index| &passages[*index].text);
    let mut found = Vec::new();
    for (position, index) in filled.iter().enumerate() {
        let before = position.checked_sub(1).map_or("", text);
        if passages[*index].role == Role::Body
            && let Some(what) = look(text(position), before, text(position + 1))
        {
            found.push((*index, what));
        }
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

fn look(text: &str, before: &str, after: &str) -> Option<Found> {
    let own = rank(text)?;
    if own == Rank::Article {
        return article_number(text).filter(|length| *length < text.len()).map(Found::RunIn);
    }
    let sentence = first_sentence(text);
    let letters = sentence.chars().count();
    if sentence.len() < text.len() {
        let runs_in = own >= Rank::First && letters <= LONGEST_RUN_IN && sentence.ends_with('。');
        return runs_in.then_some(Found::RunIn(sentence.len()));
    }
    let is_heading = letters <= LONGEST
        && !text.ends_with(['：', ':', '；', ';', '，', ','])
        && (own <= Rank::First || !is_item(own, text, before, after));
    is_heading.then_some(Found::Heading(own))
}

/// Whether one numbered sentence is an item of a list: it follows an introduction or stands in
/// a row with others of its rank, while below a heading there is text.
fn is_item(own: Rank, text: &str, before: &str, after: &str) -> bool {
    let has_stop = text.ends_with(['。', '.']);
    let in_a_row = [before, after]
        .into_iter()
        .any(|other| rank(other) == Some(own) && first_sentence(other).len() == other.len());
    let is_introduced = before.ends_with(['：', ':', '；', ';']);
    let heads_text = rank(after).is_none() && !after.is_empty();
    in_a_row || own == Rank::Third && has_stop || is_introduced && (has_stop || !heads_text)
}

fn first_sentence(text: &str) -> &str {
    let end = text.char_indices().find(|(_, letter)| matches!(letter, '。' | '！' | '？' | '；'));
    end.map_or(text, |(index, letter)| &text[..index + letter.len_utf8()])
}
