//! Authorities, sites and columns, with what a home page needs as data.

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::{
    ids::ColumnId,
    message::Bilingual,
    names::Locale,
    tree::{Authority, Column, Footer, Level, NavigationItem, Site},
};
use store::reading::ListScope;

use super::{
    Builder,
    document::{DOCUMENT, enum_value},
    lists::{self, Listing},
    member::{Member, STATEMENT, warm},
    node,
    values::{list_nn, string, string_nn},
};
use crate::addresses::Addresses;
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Arguments, PageOf, Reader, Shown, Thing, ahead::Warm},
    refusal::{Fault, Refusal},
};

const LEVEL: &str = "AuthorityLevel";

pub(super) fn add(builder: &mut Builder) {
    builder.enumeration(
        LEVEL,
        &Bilingual::new("机构的层级。", "The levels of government."),
        [
            ("national", "国家", "National"),
            ("province", "省级", "Province"),
            ("city", "地市级", "City"),
            ("county", "县级", "County"),
            ("township", "乡镇级", "Township"),
        ]
        .map(|(word, zh, en)| (word, Bilingual::new(zh, en))),
    );
    add_authority(builder);
    add_site(builder);
    add_home(builder);
    add_column(builder);
}

fn add_authority(builder: &mut Builder) {
    let of = |give: fn(&Authority) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Authority(authority) => give(authority),
            _ => Answer::Nothing,
        }
    };
    let parents = warm(|reader, things, _| {
        Box::pin(async move {
            let parents = things.iter().filter_map(|thing| match thing {
                Thing::Authority(authority) => authority.parent,
                _ => None,
            });
            reader.read_authorities(parents.collect::<Vec<_>>()).await
        })
    });
    builder.object(
        "Authority",
        ("机构。", "A body of government."),
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
                ("全称", "Its full legal name"),
                of(|it| Answer::One(Thing::Bilingual(it.particulars.name.clone()))),
            ),
            Member::ready(
                "level",
                TypeRef::named_nn(LEVEL),
                ("层级", "Its level"),
                of(|it| {
                    Answer::Value(enum_value(match it.particulars.level {
                        Level::National => "national",
                        Level::Province => "province",
                        Level::City => "city",
                        Level::County => "county",
                        Level::Township => "township",
                    }))
                }),
            ),
            Member::ready(
                "region",
                string_nn(),
                ("行政区划代码", "Its region code"),
                of(|it| Answer::Value(it.particulars.region.as_str().into())),
            ),
            Member::ready(
                "trades",
                list_nn(TypeRef::STRING),
                ("所属行业", "Trades it belongs to"),
                of(|it| Answer::Value(texts(&it.particulars.trades))),
            ),
            Member::ready(
                "creditCode",
                string(),
                ("统一社会信用代码", "Unified social credit code"),
                of(|it| Answer::value(it.particulars.credit_code.as_deref())),
            ),
            Member::read(
                "parent",
                TypeRef::named("Authority"),
                ("上级机构", "The body above it"),
                Some(parents),
                |reader, thing, _| {
                    Ok(match thing {
                        Thing::Authority(it) => Answer::one(
                            it.parent.and_then(|id| reader.authority(id)).map(Thing::Authority),
                        ),
                        _ => Answer::Nothing,
                    })
                },
            )
            .costs(STATEMENT / 10),
        ],
        &[node::NODE],
    );
}

fn texts(texts: &[String]) -> Value {
    Value::List(texts.iter().map(|text| text.as_str().into()).collect())
}

fn site_of(thing: &Thing) -> Option<&Arc<Site>> {
    match thing {
        Thing::Site(site) => Some(site),
        _ => None,
    }
}

fn add_site(builder: &mut Builder) {
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

fn items(site: &Arc<Site>, items: &[NavigationItem]) -> Answer {
    let item = |item: &NavigationItem| Thing::Navigation(Arc::clone(site), Arc::new(item.clone()));
    Answer::Many(items.iter().map(item).collect())
}

/// The contents that a site names for one place of its pages.
type Named = fn(&Thing) -> Option<(&Arc<Site>, &[schema::ids::ContentId])>;
/// Which list a thing stands for, and on which site.
type PlaceOf = fn(&Reader, &Thing) -> Option<(ListScope, Arc<Site>)>;

/// Documents that a site names by their content ids.
fn documents_of(
    name: &'static str,
    help: (&str, &str),
    named: Named,
) -> Member {
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

fn language(site: &Site, arguments: &Arguments) -> Result<Locale, Refusal> {
    let asked: Option<Locale> = arguments.parsed("locale")?;
    let main = || site.particulars.locales.first().cloned();
    match asked.or_else(main) {
        Some(locale) => Ok(locale),
        None => Err(Refusal::argument("请给出 locale", "give a locale")),
    }
}

/// The field `documents` of sites and columns. `place` says what is listed and looked at from
/// which site, once `ready` has read that site.
fn documents(
    zh: &str,
    en: &str,
    place: PlaceOf,
    ready: Option<Warm>,
) -> Member {
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
    let (page, _) = lists::question(&reader.model, listing, arguments)?;
    Ok(Some(page))
}

fn add_home(builder: &mut Builder) {
    let columns = warm(|reader, things, _| {
        Box::pin(async move {
            let sites = things.iter().filter_map(|thing| match thing {
                Thing::Navigation(site, item) if item.column.is_some() => Some(site.id),
                _ => None,
            });
            reader.read_trees(sites.collect::<Vec<_>>()).await
        })
    });
    builder.object(
        "NavigationItem",
        ("导航菜单的一项。", "An item of a menu."),
        &[
            Member::ready(
                "label",
                TypeRef::named_nn("Bilingual"),
                ("文字", "What it says"),
                |thing| match thing {
                    Thing::Navigation(_, item) => Answer::One(Thing::Bilingual(item.label.clone())),
                    _ => Answer::Nothing,
                },
            ),
            Member::read(
                "column",
                TypeRef::named("Column"),
                ("指向的栏目", "The column it leads to"),
                Some(columns),
                |reader, thing, _| {
                    let Thing::Navigation(site, item) = thing else { return Ok(Answer::Nothing) };
                    let column = item.column.as_ref().and_then(|path| {
                        reader.tree(site.id).iter().find(|column| column.path == *path)
                    });
                    Ok(Answer::one(column.cloned().map(Thing::Column)))
                },
            )
            .costs(STATEMENT / 10),
            Member::ready("url", string(), ("或指向的地址", "Or the address"), |thing| {
                match thing {
                    Thing::Navigation(_, item) => Answer::value(item.url.as_deref()),
                    _ => Answer::Nothing,
                }
            }),
            Member::ready(
                "items",
                list_nn("NavigationItem"),
                ("下级菜单", "Items below it"),
                |thing| match thing {
                    Thing::Navigation(site, item) => items(site, &item.items),
                    _ => Answer::Nothing,
                },
            )
            .times(Times::About(5)),
        ],
        &[],
    );
    builder.object(
        "Slot",
        ("首页区块。", "A named place of a home page."),
        &[
            Member::ready("name", string_nn(), ("名称", "Its name"), |thing| match thing {
                Thing::Slot(_, name) => Answer::Value((**name).into()),
                _ => Answer::Nothing,
            }),
            documents_of("documents", ("信息，按次序", "Its documents, in order"), |thing| {
                match thing {
                    Thing::Slot(site, name) => {
                        Some((site, site.particulars.home.slots.get(&**name)?.as_slice()))
                    }
                    _ => None,
                }
            }),
        ],
        &[],
    );
    let of = |give: fn(&Footer) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Footer(site) => give(&site.particulars.footer),
            _ => Answer::Nothing,
        }
    };
    let bilingual = || TypeRef::named("Bilingual");
    builder.object(
        "Footer",
        (
            "底部功能区：检查要求每页底部都有的内容。",
            "What inspection looks for at the foot of every page.",
        ),
        &[
            Member::ready(
                "sponsor",
                bilingual(),
                ("主办单位", "Who runs the site"),
                of(|it| Answer::one(it.sponsor.clone().map(Thing::Bilingual))),
            ),
            Member::ready(
                "contact",
                bilingual(),
                ("联系方式", "How to reach them"),
                of(|it| Answer::one(it.contact.clone().map(Thing::Bilingual))),
            ),
            Member::ready(
                "icp",
                string(),
                ("ICP备案编号", "ICP filing number"),
                of(|it| Answer::value(it.icp.as_deref())),
            ),
            Member::ready(
                "publicSecurity",
                string(),
                ("公安机关备案号", "Filing number with public security"),
                of(|it| Answer::value(it.public_security.as_deref())),
            ),
            Member::ready(
                "partyGovernmentMark",
                string(),
                ("党政机关网站标识的地址", "Address of the mark of party and government sites"),
                of(|it| Answer::value(it.party_government_mark.as_deref())),
            ),
        ],
        &[],
    );
}

fn column_of(thing: &Thing) -> Option<&Arc<Column>> {
    match thing {
        Thing::Column(column) => Some(column),
        _ => None,
    }
}

fn add_column(builder: &mut Builder) {
    let of = |give: fn(&Column) -> Answer| {
        move |thing: &Thing| column_of(thing).map_or(Answer::Nothing, |column| give(column))
    };
    let sites = warm(|reader, things, _| {
        Box::pin(async move {
            let sites = things.iter().filter_map(column_of).map(|column| column.site);
            reader.read_sites(sites.collect::<Vec<_>>()).await
        })
    });
    let parents = warm(|reader, things, _| {
        Box::pin(async move {
            let parents = things.iter().filter_map(column_of).filter_map(|column| column.parent);
            reader.read_columns(parents.collect::<Vec<_>>()).await
        })
    });
    let trees = warm(|reader, things, _| {
        Box::pin(async move {
            let sites = things.iter().filter_map(column_of).map(|column| column.site);
            reader.read_trees(sites.collect::<Vec<_>>()).await
        })
    });
    builder.object(
        "Column",
        ("栏目。", "A place in the tree of a site."),
        &[
            node::id(),
            Member::ready(
                "path",
                string_nn(),
                (
                    "在网站中的路径，如 policy/finance",
                    "Its path in the site, such as policy/finance",
                ),
                of(|it| Answer::Value(it.path.as_str().into())),
            ),
            Member::ready(
                "name",
                TypeRef::named_nn("Bilingual"),
                ("栏目名称", "Its name"),
                of(|it| Answer::One(Thing::Bilingual(it.particulars.name.clone()))),
            ),
            Member::ready(
                "class",
                string_nn(),
                ("栏目类别，如 政策文件", "Its class, such as 政策文件"),
                of(|it| Answer::Value(it.particulars.class.as_str().into())),
            ),
            Member::ready(
                "description",
                TypeRef::named("Bilingual"),
                ("栏目描述", "What it holds"),
                of(|it| Answer::one(it.particulars.description.clone().map(Thing::Bilingual))),
            ),
            Member::ready(
                "keywords",
                list_nn(TypeRef::STRING),
                ("栏目关键词", "Its keywords"),
                of(|it| Answer::Value(texts(&it.particulars.keywords))),
            ),
            Member::ready(
                "updatePeriodDays",
                TypeRef::named(TypeRef::INT),
                ("更新期限（天）", "Days within which something new is expected"),
                of(|it| Answer::value(it.particulars.update_period_days)),
            ),
            Member::read(
                "site",
                TypeRef::named("Site"),
                ("网站", "Its site"),
                Some(Arc::clone(&sites)),
                |reader, thing, _| {
                    let found = column_of(thing).and_then(|column| reader.site(column.site));
                    Ok(Answer::one(found.map(Thing::Site)))
                },
            )
            .costs(STATEMENT / 10),
            Member::read(
                "parent",
                TypeRef::named("Column"),
                ("上级栏目", "The column above it"),
                Some(parents),
                |reader, thing, _| {
                    let found = column_of(thing).and_then(|column| reader.column(column.parent?));
                    Ok(Answer::one(found.map(Thing::Column)))
                },
            )
            .costs(STATEMENT / 10),
            Member::read(
                "children",
                list_nn("Column"),
                ("下级栏目，按次序", "The columns below it, in order"),
                Some(trees),
                |reader, thing, _| {
                    let Some(parent) = column_of(thing) else { return Ok(Answer::Nothing) };
                    let tree = reader.tree(parent.site).iter();
                    let children = tree.filter(|column| column.parent == Some(parent.id)).cloned();
                    Ok(Answer::Many(children.map(Thing::Column).collect()))
                },
            )
            .costs(STATEMENT / 10)
            .times(Times::About(8)),
            documents(
                "本栏目及其下级栏目的信息",
                "The documents of this column and those below it",
                |reader, thing| {
                    let column = column_of(thing)?;
                    Some((ListScope::Column(column.id), reader.site(column.site)?))
                },
                Some(sites),
            ),
        ],
        &[node::NODE],
    );
}
