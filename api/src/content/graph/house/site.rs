//! Sites.

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::{
    ids::ColumnId,
    tree::{NavigationItem, Site},
};
use store::reading::ListScope;

use super::super::{
    Builder, head,
    member::{Member, STATEMENT, warm},
    node,
    values::{list_nn, string, string_nn},
};
use crate::addresses::Addresses;
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Reader, Thing},
};

use super::{documents, documents_of, notice};

pub(super) fn site_of(thing: &Thing) -> Option<&Arc<Site>> {
    match thing {
        Thing::Site(site) => Some(site),
        _ => None,
    }
}

pub(super) fn add(builder: &mut Builder) {
    let of = |give: fn(&Site) -> Answer| {
        move |thing: &Thing| site_of(thing).map_or(Answer::Nothing, |site| give(site))
    };
    let authorities = warm(|reader, things, _| {
        Box::pin(async move {
            let owners = things.iter().filter_map(site_of).map(|site| site.authority);
            reader.read_authorities(owners.collect::<Vec<_>>()).await
        })
    });
    let parents = warm(|reader, things, _| {
        Box::pin(async move {
            let parents = things.iter().filter_map(site_of).filter_map(|site| site.parent);
            reader.read_sites(parents.collect::<Vec<_>>()).await
        })
    });
    let trees = warm(|reader, things, _| {
        Box::pin(async move {
            let sites = things.iter().filter_map(site_of).map(|site| site.id);
            reader.read_trees(sites.collect::<Vec<_>>()).await
        })
    });
    builder.object(
        "Site",
        ("网站。", "A website of an authority."),
        &[
            node::id(),
            Member::ready(
                "key",
                string_nn(),
                ("代号", "Its key"),
                of(|it| Answer::Value(it.key.as_str().into())),
            ),
            Member::ready(
                "name",
                TypeRef::named_nn("Bilingual"),
                ("网站名称", "Its name"),
                of(|it| Answer::One(Thing::Bilingual(it.particulars.name.clone()))),
            ),
            Member::ready(
                "domain",
                string_nn(),
                ("域名", "Its host name"),
                of(|it| Answer::Value(it.particulars.domain.as_str().into())),
            ),
            Member::ready(
                "url",
                string_nn(),
                ("首页网址", "Address of its home page"),
                of(|it| Answer::Value(Addresses::of(it, None).home().into())),
            ),
            Member::ready(
                "siteCode",
                string(),
                ("网站标识码", "Its site code"),
                of(|it| Answer::value(it.particulars.site_code.as_deref())),
            ),
            Member::ready(
                "locales",
                list_nn(TypeRef::STRING),
                ("语言，主语言在前", "Its languages, the main one first"),
                of(|it| {
                    let locales = it.particulars.locales.iter();
                    Answer::Value(Value::List(
                        locales.map(|locale| locale.as_str().into()).collect(),
                    ))
                }),
            ),
            Member::read(
                "authority",
                TypeRef::named("Authority"),
                ("所属机构", "Whose site it is"),
                Some(authorities),
                |reader, thing, _| {
                    let found = site_of(thing).and_then(|site| reader.authority(site.authority));
                    Ok(Answer::one(found.map(Thing::Authority)))
                },
            )
            .costs(STATEMENT / 10),
            Member::read(
                "parent",
                TypeRef::named("Site"),
                ("上级网站", "The site above it"),
                Some(parents),
                |reader, thing, _| {
                    let found = site_of(thing).and_then(|site| reader.site(site.parent?));
                    Ok(Answer::one(found.map(Thing::Site)))
                },
            )
            .costs(STATEMENT / 10),
            Member::read(
                "columns",
                list_nn("Column"),
                (
                    "一级栏目，按次序；下级在 children",
                    "Its top columns in order; those below are their children",
                ),
                Some(trees),
                |reader, thing, _| {
                    Ok(match site_of(thing) {
                        Some(site) => below(reader, site, None),
                        None => Answer::Nothing,
                    })
                },
            )
            .costs(STATEMENT / 10)
            .times(Times::About(15)),
            Member::ready(
                "navigation",
                list_nn("NavigationItem"),
                ("导航菜单", "Its menu"),
                |thing| match site_of(thing) {
                    Some(site) => items(site, &site.particulars.home.navigation),
                    None => Answer::Nothing,
                },
            )
            .times(Times::About(10)),
            documents_of(
                "pinned",
                ("置顶信息，按次序", "Documents that stay on top, in order"),
                |thing| {
                    let site = site_of(thing)?;
                    Some((site, site.particulars.home.pinned.as_slice()))
                },
            ),
            Member::ready(
                "slots",
                list_nn("Slot"),
                ("首页区块，各有若干信息", "Named places of the home page, each with documents"),
                |thing| match site_of(thing) {
                    Some(site) => {
                        let names = site.particulars.home.slots.keys();
                        Answer::Many(
                            names
                                .map(|name| Thing::Slot(Arc::clone(site), name.as_str().into()))
                                .collect(),
                        )
                    }
                    None => Answer::Nothing,
                },
            )
            .times(Times::About(10)),
            Member::ready(
                "footer",
                TypeRef::named_nn("Footer"),
                ("底部功能区", "What the foot of every page shows"),
                |thing| Answer::one(site_of(thing).cloned().map(Thing::Footer)),
            ),
            notice::of_site(),
            head::of_site(),
            documents(
                "本站的信息",
                "The documents of this site",
                |_, thing| {
                    let site = site_of(thing)?;
                    Some((ListScope::Site(site.id), Arc::clone(site)))
                },
                None,
            ),
        ],
        &[node::NODE],
    );
}

/// The columns of a site below `parent`, in order.
fn below(reader: &Reader, site: &Site, parent: Option<ColumnId>) -> Answer {
    let columns = reader.tree(site.id).iter().filter(|column| column.parent == parent);
    Answer::Many(columns.cloned().map(Thing::Column).collect())
}

pub(super) fn items(site: &Arc<Site>, items: &[NavigationItem]) -> Answer {
    let item = |item: &NavigationItem| Thing::Navigation(Arc::clone(site), Arc::new(item.clone()));
    Answer::Many(items.iter().map(item).collect())
}
