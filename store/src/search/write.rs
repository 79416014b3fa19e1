//! Writing the entry of a document.

use std::{borrow::Cow, collections::BTreeSet};

use jiff::Timestamp;
use schema::{digest::Digest, ids::DocumentId, search::Entry};

use super::{attached::text_of, matching};
use crate::{Engine, Error, UnitOfWork, documents::Document, newborn::Rows};

/// Where the numbers of entries begin: the first of January 1700, in Unix seconds.
const FIRST_SECOND: i64 = -8_520_336_000;
/// Bits of a number that tell apart the documents of one second.
const TIE_BITS: u32 = 29;
/// Numbers tried for one document: that the second of them is taken too is already unheard of.
const TRIES: i64 = 64;

/// SQLite: tokens of deleted rows stay in the index until it is merged into one.
pub(crate) const OVERWRITE: &str = "INSERT INTO search_text (search_text) VALUES ('optimize')";

/// Writes `entry` for the live `document`, over the one it had, with what was read off its `files`.
///
/// # Errors
/// [`Error::Database`].
pub async fn write(
    work: &mut UnitOfWork,
    document: &Document,
    entry: &Entry,
    files: &BTreeSet<Digest>,
) -> Result<(), Error> {
    clear(work, document.id).await?;
    let entry = &attached(work, entry, files).await?;
    work.newborn().gets(document.id, Rows::SearchEntry);
    let time = document.originally_published_at.or(document.first_published_at);
    let first = number(time.unwrap_or_else(|| work.now()), document.id);
    for number in first..first + TRIES {
        if insert(work, number, document.id, entry).await? {
            return Ok(());
        }
    }
    Err(Error::Again)
}

/// The entry with the texts of these files.
async fn attached<'entry>(
    work: &mut UnitOfWork,
    entry: &'entry Entry,
    files: &BTreeSet<Digest>,
) -> Result<Cow<'entry, Entry>, Error> {
    let mut entry = Cow::Borrowed(entry);
    for file in files {
        if entry.is_full() {
            break;
        }
        let text = text_of(work.session(), file).await?.filter(|text| !text.is_empty());
        if let Some(text) = text {
            entry.to_mut().attach(&text);
        }
    }
    Ok(entry)
}

/// Takes the entry of a document away.
///
/// # Errors
/// [`Error::Database`].
pub async fn clear(work: &mut UnitOfWork, document: DocumentId) -> Result<(), Error> {
    if work.newborn().can_have(document, Rows::SearchEntry) {
        let session = work.session();
        execute!(session, "DELETE FROM search_entry WHERE document_id = $1", document.uuid())?;
    }
    Ok(())
}

/// The number of an entry: seconds of its time, then a part of its id.
fn number(time: Timestamp, document: DocumentId) -> i64 {
    let seconds = (time.as_second() - FIRST_SECOND).clamp(0, (1 << (63 - TIE_BITS)) - 1);
    let (_, low) = document.uuid().as_u64_pair();
    let tie = low & ((1 << TIE_BITS) - 1);
    seconds << TIE_BITS | i64::try_from(tie).unwrap_or(0)
}

/// Writes a new entry; `false` when the number is taken.
async fn insert(
    work: &mut UnitOfWork,
    number: i64,
    document: DocumentId,
    entry: &Entry,
) -> Result<bool, Error> {
    let session = work.session();
    if session.engine() == Engine::Postgres {
        let tokens = matching::tsvector(entry.tokens());
        let new = execute!(
            session,
            "INSERT INTO search_entry (number, document_id, title, words, text, tokens) \
             VALUES ($1, $2, $3, $4, $5, CAST($6 AS TSVECTOR)) ON CONFLICT (number) DO NOTHING",
            number,
            document.uuid(),
            entry.title.as_str(),
            entry.words.as_str(),
            entry.text.as_str(),
            tokens,
        )?;
        return Ok(new == 1);
    }
    let new = execute!(
        session,
        "INSERT INTO search_entry (number, document_id, title, words) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (number) DO NOTHING",
        number,
        document.uuid(),
        entry.title.as_str(),
        entry.words.as_str(),
    )?;
    if new == 0 {
        return Ok(false);
    }
    let words: Vec<String> = entry.word_tokens().collect();
    let tokens: Vec<&str> = entry.tokens().chain(words.iter().map(String::as_str)).collect();
    execute!(
        session,
        "INSERT INTO search_text (rowid, tokens) VALUES ($1, $2)",
        number,
        tokens.join(" "),
    )?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn numbers_run_with_the_time() {
        let at = |second: i64, id: u128| {
            let time = Timestamp::from_second(second).expect("a moment");
            number(time, Uuid::from_u128(id).into())
        };
        let last = u128::MAX;
        assert!(at(-8_520_336_000, 0) >= 0);
        assert!(at(-1, last) < at(0, 0));
        assert!(at(1_700_000_000, last) < at(1_700_000_001, 0));
        assert!(at(253_402_207_200, last) > 0);
        assert_ne!(at(0, 1), at(0, 2));
    }
}
