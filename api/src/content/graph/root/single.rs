//! One document of a known type: what pages ask that show one kind of thing, a topic or a service,
//! and then need no fragment for the fields of its own.

use async_graphql::dynamic::TypeRef;
use futures_util::FutureExt as _;
use schema::content_type::ContentType;

use super::{
    super::member::{Member, STATEMENT, start},
    as_of, draft, find, one_document,
};
use crate::content::reading::{Answer, Thing};

/// The field of the root that gives one document of a type.
pub(super) fn single(content_type: &ContentType) -> Member {
    let (zh, en) = (
        format!(
            "一条{}，按 id、site+path 或 contentId+locale；是其他类型的为空",
            content_type.label.zh
        ),
        format!(
            "{}: one, by id, by site and path, or by contentId and locale; null where it is of another type",
            content_type.label.en
        ),
    );
    let own = content_type.name.clone();
    let find = start(move |reader, arguments| {
        let own = own.clone();
        async move {
            let found = find::wanted(reader, arguments).await?;
            let found = find::document(reader, found, arguments).await?;
            Ok(Answer::one(found.filter(|shown| shown.facts.r#type == own).map(Thing::Document)))
        }
        .boxed()
    });
    let ty = TypeRef::named(content_type.graphql_name());
    one_document(Member::root(content_type.name.as_str(), ty, (&zh, &en), find))
        .with(as_of())
        .with(draft())
        .costs(2 * STATEMENT)
}
