//! What full-text search looks at: texts folded to what is compared, the two streams of tokens
//! they are found by, and the question that a reader's words make.
//!
//! Pure functions: the databases only match what is made here, so both find the same.
//!
//! | stream | made of | serves |
//! | --- | --- | --- |
//! | overlapping pairs of characters | everything searched | finding: a run of pairs is an exact substring, whatever a dictionary knows |
//! | the same of titles, apart ([`Typed`]) | titles, document numbers | suggestions while typing |
//! | words of a dictionary | titles | ranking: 京剧 in a title is that word, 江南京剧 holds no 南京 |
//!
//! Readers' words are cut by the same dictionary, so that 加装电梯补贴 finds texts that hold 加装, 电梯
//! and 补贴 apart. Writing without spaces is cut into pairs; words of scripts with spaces are
//! tokens as they are.

mod entry;
mod fold;
mod highlight;
mod phrase;
mod question;
mod synonyms;
mod typed;
mod words;

pub use entry::{Entry, TEXT_BYTES};
pub use fold::fold;
pub use highlight::Highlighter;
pub use phrase::{Phrase, tokens};
pub use question::{BadQuestion, QUESTION_CHARACTERS, QUESTION_TERMS, Question, Term};
pub use synonyms::{BadSynonyms, Synonyms};
pub use typed::{Typed, number_begins, title_tokens};
pub use words::word_tokens;

/// What stands before the key of a document number among the tokens. Folding turns it into
/// letters, so no text can hold it.
const REFERENCE_MARK: char = '№';
