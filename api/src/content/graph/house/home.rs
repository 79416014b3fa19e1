//! What a home page is made of: menu, slots, foot.

use async_graphql::dynamic::TypeRef;
use schema::tree::Footer;

use super::super::{
    Builder,
    member::{Member, STATEMENT, warm},
    values::{list_nn, string, string_nn},
};
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Thing},
};

use super::documents_of;

use super::site::items;

pub(super) fn add(builder: &mut Builder) {
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
