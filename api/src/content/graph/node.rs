//! Global ids: what Relay's `node` takes. One opaque text per document, site, column and
//! authority of this hub.

use async_graphql::dynamic::{Interface, InterfaceField, TypeRef};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use schema::{
    ids::{AuthorityId, ColumnId, DocumentId, SiteId},
    message::Bilingual,
};
use uuid::Uuid;

use super::{
    Builder,
    member::{Member, description},
};
use crate::content::reading::{Answer, Thing};

pub(super) const NODE: &str = "Node";

const WORDS: (&str, &str) = (
    "全局编号，供 node 查询；不要拆解，也不要跨系统使用",
    "Global id, for node; opaque, and of this hub only",
);

/// What a global id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeId {
    Document(DocumentId),
    Site(SiteId),
    Column(ColumnId),
    Authority(AuthorityId),
}

impl NodeId {
    /// Reads a global id; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (kind, uuid) = bytes.split_first()?;
        let uuid = Uuid::from_bytes(uuid.try_into().ok()?);
        Some(match kind {
            1 => Self::Document(uuid.into()),
            2 => Self::Site(uuid.into()),
            3 => Self::Column(uuid.into()),
            4 => Self::Authority(uuid.into()),
            _ => return None,
        })
    }
}

impl std::fmt::Display for NodeId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, uuid) = match self {
            Self::Document(id) => (1, id.uuid()),
            Self::Site(id) => (2, id.uuid()),
            Self::Column(id) => (3, id.uuid()),
            Self::Authority(id) => (4, id.uuid()),
        };
        let mut bytes = [kind; 17];
        bytes[1..].copy_from_slice(uuid.as_bytes());
        formatter.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// The field `id`.
pub(super) fn id() -> Member {
    Member::ready("id", TypeRef::named_nn(TypeRef::ID), WORDS, |thing| {
        let id = match thing {
            Thing::Document(shown) => NodeId::Document(shown.facts.id),
            Thing::Site(site) => NodeId::Site(site.id),
            Thing::Column(column) => NodeId::Column(column.id),
            Thing::Authority(authority) => NodeId::Authority(authority.id),
            _ => return Answer::Nothing,
        };
        Answer::Value(id.to_string().into())
    })
}

pub(super) fn add(builder: &mut Builder) {
    let (zh, en) = ("有全局编号的对象。", "Whatever has a global id.");
    builder.types.push(
        Interface::new(NODE)
            .description(description(&Bilingual::new(zh, en)))
            .field(
                InterfaceField::new("id", TypeRef::named_nn(TypeRef::ID))
                    .description(description(&Bilingual::new(WORDS.0, WORDS.1))),
            )
            .into(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_and_nothing_else_is() {
        let uuid = Uuid::from_u128(7);
        for id in [
            NodeId::Document(uuid.into()),
            NodeId::Site(uuid.into()),
            NodeId::Column(uuid.into()),
            NodeId::Authority(uuid.into()),
        ] {
            let text = id.to_string();
            assert_eq!(NodeId::parse(&text), Some(id));
            assert_eq!(NodeId::parse(&text[1..]), None);
            assert_eq!(NodeId::parse(&format!("{text}A")), None);
        }
        for wrong in ["", "!", "公报", "AAAA", "CQAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(NodeId::parse(wrong), None, "{wrong}");
        }
    }
}
