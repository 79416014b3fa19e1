//! Authorities, sites and columns, with what a home page needs as data.

mod authority;
mod column;
mod home;
mod notice;
mod site;

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::{names::Locale, tree::Site};
use store::reading::ListScope;

use super::{
    Builder,
    document::DOCUMENT,
    lists::{self, Listing},
    member::{Member, STATEMENT, warm},
    values::list_nn,
};
use crate::content::{
    answering::Warm,
    limits::cost::Times,
    reading::{Answer, Arguments, PageOf, Reader, Shown, Thing},
    refusal::{Fault, Refusal},
};

/// Adds the trees.
pub(super) fn add(builder: &mut Builder) {
    authority::add(builder);
    site::add(builder);
    home::add(builder);
    notice::add(builder);
    column::add(builder);
}

fn texts(texts: &[String]) -> Value {
    Value::List(texts.iter().map(|text| text.as_str().into()).collect())
}
/// The contents that a site names for one place of its pages.
type Named = fn(&Thing) -> Option<(&Arc<Site>, &[schema::ids::ContentId])>;
/// Which list a thing stands for, and on which site.
type PlaceOf = fn(&Reader, &Thing) -> Option<(ListScope, Arc<Site>)>;

/// Documents that a site names by their content ids.
fn documents_of(name: &'static str, help: (&str, &str), named: Named) -> Member {
    let warm = warm(move |reader, things, arguments| {
        Box::pin(async move {
            let mut wanted = Vec::new();
            for (site, contents) in things.iter().filter_map(named) {
                let locale = language(site, arguments)?;
                wanted.extend(contents.iter().map(|content| (*content, locale.clone())));
            }
            reader.read_linked(wanted).await
        })
    });
    Member::read(name, list_nn(DOCUMENT), help, Some(warm), move |reader, thing, arguments| {
        let Some((site, contents)) = named(thing) else { return Ok(Answer::Nothing) };
        let locale = language(site, arguments)?;
        let found = contents.iter().filter_map(|content| reader.linked(*content, &locale));
        let shown = |facts| Thing::Document(Shown { facts, on: Some(site.id) });
        Ok(Answer::Many(found.map(shown).collect()))
    })
    .with(lists::locale())
    .costs(STATEMENT / 10)
    .times(Times::About(10))
}

pub(super) use notice::NOTICE;

pub(super) fn language(site: &Site, arguments: &Arguments) -> Result<Locale, Refusal> {
    let asked: Option<Locale> = arguments.parsed("locale")?;
    let main = || site.particulars.locales.first().cloned();
    match asked.or_else(main) {
        Some(locale) => Ok(locale),
        None => Err(Refusal::argument("请给出 locale", "give a locale")),
    }
}

/// The field `documents` of sites and columns. `place` says what is listed and looked at from
/// which site, once `ready` has read that site.
fn documents(zh: &str, en: &str, place: PlaceOf, ready: Option<Warm>) -> Member {
    let pages = warm(move |reader, things, arguments| {
        let ready = ready.clone();
        Box::pin(async move {
            if let Some(ready) = &ready {
                ready(reader, things, arguments).await?;
            }
            let mut pages: Vec<PageOf> = Vec::new();
            for thing in things {
                pages.extend(page(reader, thing, arguments, place)?);
            }
            reader.read_pages(&pages).await
        })
    });
    let member = Member::read(
        "documents",
        TypeRef::named_nn("DocumentConnection"),
        (zh, en),
        Some(pages),
        move |reader, thing, arguments| {
            let page = page(reader, thing, arguments, place)?;
            let found = page.and_then(|page| reader.page(&page.key()));
            Ok(Answer::one(found.map(Thing::Connection)))
        },
    )
    .with(lists::of_type())
    .with(lists::locale())
    .costs(STATEMENT / 5)
    .times(Times::Paged)
    .alone(lists::ALONE);
    lists::arguments(DOCUMENT).into_iter().fold(member, Member::with)
}

fn page(
    reader: &Reader,
    thing: &Thing,
    arguments: &Arguments,
    place: PlaceOf,
) -> Result<Option<PageOf>, Fault> {
    let Some((scope, site)) = place(reader, thing) else { return Ok(None) };
    let listing = Listing {
        of: DOCUMENT,
        content_type: None,
        scope,
        on: Some(site.id),
        locale: site.particulars.locales.first().cloned(),
    };
    // Only fields of a type can lack their index, and here there is none.
    Ok(Some(lists::question(&reader.model, listing, arguments)?.page))
}
