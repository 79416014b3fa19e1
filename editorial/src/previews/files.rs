//! Tickets for files: a browser that shows a picture of a draft sends no header with its request,
//! so what admits it stands in the address.
//!
//! An address is seen by more eyes than a header: by logs, histories, pages that are linked. So it
//! carries neither the link nor the token, but a ticket made of them: it admits to one file, until
//! a moment, and only while that from which it was made is good. Nothing is written for it.

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::hmac;
use schema::{
    digest::Digest,
    ids::{PreviewLinkId, TokenId},
    viewer::Viewer,
};
use store::access::{
    previews::{self, Shown},
    tokens,
};
use uuid::Uuid;

use super::open::{all, viewer};
use crate::{
    Desk, Error,
    access::{self, is_good},
};

/// Kind, id, moment.
const HEAD: usize = 1 + 16 + 8;
const MAC: usize = 32;
/// What the key signs nothing else under.
const CONTEXT: &[u8] = b"gongbao file ticket 1\0";

/// Makes the tickets of one preview. Cheap to clone; printing it for debugging prints no key.
#[derive(Clone)]
pub struct FileTickets(Arc<Made>);

struct Made {
    head: [u8; HEAD],
    key: hmac::Key,
}

/// From what a ticket was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MadeOf {
    Link(PreviewLinkId),
    Token(TokenId),
}

impl FileTickets {
    pub(super) fn of_link(shown: &Shown) -> Self {
        Self::of(MadeOf::Link(shown.link.id), shown.hash, shown.link.terms.expires_at)
    }

    pub(super) fn of_token(id: TokenId, hash: Digest, until: Timestamp) -> Self {
        Self::of(MadeOf::Token(id), hash, until)
    }

    fn of(made_of: MadeOf, hash: Digest, until: Timestamp) -> Self {
        Self(Arc::new(Made {
            head: head(made_of, until.as_second()),
            key: hmac::Key::new(hmac::HMAC_SHA256, hash.as_bytes()),
        }))
    }

    /// What admits to the file, as it stands in the parameter `preview` of its address.
    pub fn ticket(&self, file: &Digest) -> String {
        let Made { head, key } = &*self.0;
        let mac = hmac::sign(key, &signed(head, file));
        URL_SAFE_NO_PAD.encode([&head[..], mac.as_ref()].concat())
    }
}

impl fmt::Debug for FileTickets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FileTickets(…)")
    }
}

fn head(made_of: MadeOf, until: i64) -> [u8; HEAD] {
    let (kind, id) = match made_of {
        MadeOf::Link(id) => (1, id.uuid()),
        MadeOf::Token(id) => (2, id.uuid()),
    };
    let mut head = [kind; HEAD];
    head[1..17].copy_from_slice(id.as_bytes());
    head[17..].copy_from_slice(&until.to_be_bytes());
    head
}

fn signed(head: &[u8; HEAD], file: &Digest) -> Vec<u8> {
    [CONTEXT, head, file.as_bytes()].concat()
}

/// A ticket as it was read.
struct Ticket {
    made_of: MadeOf,
    until: i64,
    head: [u8; HEAD],
    mac: [u8; MAC],
}

fn read(text: &str) -> Option<Ticket> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (head, mac) = bytes.split_at_checked(HEAD)?;
    let (head, mac): ([u8; HEAD], [u8; MAC]) = (head.try_into().ok()?, mac.try_into().ok()?);
    let id = Uuid::from_bytes(head[1..17].try_into().ok()?);
    let made_of = match head[0] {
        1 => MadeOf::Link(id.into()),
        2 => MadeOf::Token(id.into()),
        _ => return None,
    };
    let until = i64::from_be_bytes(head[17..].try_into().ok()?);
    Some(Ticket { made_of, until, head, mac })
}

impl Ticket {
    /// Whether it was made for `file` with the key of which `hash` is kept.
    fn is_for(&self, file: &Digest, hash: Digest) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, hash.as_bytes());
        hmac::verify(&key, &signed(&self.head, file), &self.mac).is_ok()
    }
}

/// Who asks for `file` with this ticket; `None` for one that admits nobody to it now.
///
/// # Errors
/// [`Error::Store`].
pub async fn admit_to_file(
    desk: &Desk,
    ticket: &str,
    file: &Digest,
) -> Result<Option<Viewer>, Error> {
    let now = desk.clock.now();
    let Some(ticket) = read(ticket).filter(|ticket| now.as_second() < ticket.until) else {
        return Ok(None);
    };
    let mut session = desk.store.reader().await?;
    match ticket.made_of {
        MadeOf::Link(id) => match previews::by_id(&mut session, id).await? {
            Some(shown) if ticket.is_for(file, shown.hash) => {
                viewer(&mut session, &shown, now).await
            }
            _ => Ok(None),
        },
        MadeOf::Token(id) => {
            let shown = tokens::by_id(&mut session, id).await?;
            let shown =
                shown.filter(|(shown, hash)| ticket.is_for(file, *hash) && is_good(shown, now));
            Ok(shown.and_then(|(shown, _)| all(access::actor(&shown))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tickets(key: &[u8], until: i64) -> FileTickets {
        let until = Timestamp::from_second(until).expect("a moment");
        FileTickets::of_token(Uuid::from_u128(7).into(), Digest::of(key), until)
    }

    #[test]
    fn a_ticket_is_for_one_file_and_of_one_key() {
        let (file, other) = (Digest::of(b"a"), Digest::of(b"b"));
        let ticket = read(&tickets(b"key", 50).ticket(&file)).expect("a ticket");

        assert_eq!(ticket.made_of, MadeOf::Token(Uuid::from_u128(7).into()));
        assert_eq!(ticket.until, 50);
        assert!(ticket.is_for(&file, Digest::of(b"key")));
        assert!(!ticket.is_for(&other, Digest::of(b"key")));
        assert!(!ticket.is_for(&file, Digest::of(b"another")));
    }

    #[test]
    fn a_ticket_cannot_be_made_to_last_longer_or_to_come_from_elsewhere() {
        let file = Digest::of(b"a");
        let text = tickets(b"key", 50).ticket(&file);
        let bytes = URL_SAFE_NO_PAD.decode(&text).expect("base64");
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let read = read(&URL_SAFE_NO_PAD.encode(changed));
            assert!(read.is_none_or(|it| !it.is_for(&file, Digest::of(b"key"))), "byte {place}");
        }
        for wrong in
            ["", "a", "AAAA", &text[1..], "gbp_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"]
        {
            assert!(read(wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{:?}", tickets(b"key", 50)), "FileTickets(…)");
    }
}
