//! The arguments that every paged list takes, and the question they make.

use std::sync::Arc;

use async_graphql::dynamic::TypeRef;
use schema::{
    content_type::ContentType,
    ids::SiteId,
    names::{FieldName, Locale, TypeName},
};
use store::reading::{Cursor, Filter, ListQuery, ListScope, Order};

use super::{
    as_of,
    connection::names,
    document::DOCUMENT_TYPE,
    filter,
    member::{Argument, argument},
    order,
};
use crate::content::{
    limits::cost::{LARGEST_PAGE, USUAL_PAGE},
    reading::{Arguments, Model, PageOf},
    refusal::{Fault, Refusal},
};

/// Arguments with which a list is asked for by itself, not of every item of another list.
pub(super) const ALONE: &[&str] = &["filter", "orderBy", "after", "last", "before", "asOf"];

/// Where a list is asked.
pub(super) struct Listing<'types> {
    /// `Document`, or the GraphQL name of the one type listed.
    pub(super) of: &'types str,
    /// That type.
    pub(super) content_type: Option<&'types ContentType>,
    /// The hub, a site or a column.
    pub(super) scope: ListScope,
    /// The site its documents are looked at from.
    pub(super) on: Option<SiteId>,
    /// The language where none is given.
    pub(super) locale: Option<Locale>,
}

/// `locale`.
pub(super) fn locale() -> Argument {
    argument(
        "locale",
        TypeRef::named(TypeRef::STRING),
        "语言，如 zh-CN；不给则为该网站的主语言，未指定网站的为全部语言",
        "The language, such as zh-CN; else the site's main one, and without a site all of them",
    )
}

/// `type`.
pub(super) fn of_type() -> Argument {
    argument("type", TypeRef::named(DOCUMENT_TYPE), "只列此内容类型", "Documents of this type only")
}

/// The arguments of a paged list of `of`.
pub(super) fn arguments(of: &str) -> Vec<Argument> {
    let integer = || TypeRef::named(TypeRef::INT);
    let string = || TypeRef::named(TypeRef::STRING);
    let most = format!("1 至 {LARGEST_PAGE}，默认 {USUAL_PAGE}");
    vec![
        argument("filter", TypeRef::named(format!("{of}Filter")), "筛选条件", "Which of them"),
        argument(
            "orderBy",
            TypeRef::named_nn_list(format!("{of}OrderBy")),
            "次序，最多 3 项：前一项相同的按后一项排；默认最新的在前",
            "In which order, at most 3 terms: each decides among the equals of the one before; the newest first where \
             none is given",
        ),
        argument(
            "first",
            integer(),
            &format!("取前若干条，{most}"),
            &format!("The first so many, 1 to {LARGEST_PAGE}; {USUAL_PAGE} where nothing is given"),
        ),
        argument("after", string(), "此游标之后", "Behind this cursor"),
        argument("last", integer(), "取后若干条", "The last so many"),
        argument("before", string(), "此游标之前", "Before this cursor"),
        as_of::as_of(
            "按本系统时间，当时公开的文本；只限如今仍列出的信息；不能按字段筛选或排序",
            "The texts that were public at this moment, by the hub's time, of what is listed today; takes no filter and no \
             order by fields",
        ),
    ]
}

/// A question for a page, and the fields it is narrowed and ordered by, with the types that have
/// them.
pub(super) struct Asked {
    pub(super) page: PageOf,
    pub(super) fields: Vec<(TypeName, FieldName)>,
}

/// The question that `arguments` make of a list.
///
/// # Errors
/// What is wrong with an argument.
pub(super) fn question(
    model: &Model,
    listing: Listing<'_>,
    arguments: &Arguments,
) -> Result<Asked, Fault> {
    let found = filter::read(arguments.get("filter"), &model.types, listing.content_type)?;
    let order = order::read(arguments.get("orderBy"), listing.content_type, &found.filter)?;
    let mut fields = found.fields;
    if let Some(content_type) = listing.content_type {
        fields.extend(order.fields().map(|field| (content_type.name.clone(), field.clone())));
    }
    let (first, last) = (arguments.count("first")?, arguments.count("last")?);
    if first.is_some() && last.is_some() {
        return Err(Refusal::argument(
            "first 与 last 只能给一个",
            "give either first or last, not both",
        )
        .into());
    }
    let r#type = match listing.content_type {
        Some(content_type) => Some(content_type.name.clone()),
        None => arguments.parsed::<TypeName>("type")?,
    };
    if let Some(name) = r#type.as_ref().filter(|name| model.types.get(name).is_none()) {
        return Err(Refusal::argument(
            format!("没有内容类型 {name}"),
            format!("there is no content type {name}"),
        )
        .into());
    }
    let locale: Option<Locale> = arguments.parsed("locale")?;
    let as_of = as_of::read_as_of(model, arguments)?;
    let mut filter = found.filter;
    if let Some(at) = as_of {
        if !fields.is_empty() || !found.linked.is_empty() {
            return Err(only_today().into());
        }
        filter = Filter::All(vec![filter, Filter::PublicAt { at, site: listing.on }]);
    }
    let query = ListQuery {
        scope: listing.scope,
        r#type,
        locale: locale.or(listing.locale),
        filter,
        after: cursor(arguments, "after", &order)?,
        before: cursor(arguments, "before", &order)?,
        order,
        limit: last.or(first).unwrap_or(USUAL_PAGE),
        from_end: last.is_some(),
    };
    let (own, edge) = names(listing.of);
    let graphql = (Arc::clone(&own), Arc::clone(&edge));
    // Who stands in another column, or is linked, changes without a change of the list itself.
    let elsewhere = found.by_column.then(|| query.r#type.clone());
    let beside = found.linked.into_iter().map(Some).chain(elsewhere).collect();
    Ok(Asked { page: PageOf { query, on: listing.on, graphql, beside, as_of }, fields })
}

fn only_today() -> Refusal {
    Refusal::argument(
        "带 asOf 的列表不能按字段筛选或排序：只有如今的值建有索引",
        "a list with asOf takes no filter and no order by fields: only today's values are indexed",
    )
}

fn cursor(arguments: &Arguments, name: &str, order: &Order) -> Result<Option<Cursor>, Refusal> {
    let Some(text) = arguments.text(name) else { return Ok(None) };
    Cursor::parse(text, order).map(Some).map_err(|_| {
        Refusal::new(
            "BAD_CURSOR",
            format!("{name} 不是此次序下列表给出的游标，请从第一页重新开始"),
            format!(
                "{name} is not a cursor of a list in this order: start again at the first page"
            ),
        )
    })
}
