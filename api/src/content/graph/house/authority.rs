//! Authorities.

use async_graphql::dynamic::TypeRef;
use schema::{
    message::Bilingual,
    tree::{Authority, Level},
};

use super::super::{
    Builder,
    document::enum_value,
    member::{Member, STATEMENT, warm},
    node,
    values::{list_nn, string, string_nn},
};
use crate::content::reading::{Answer, Thing};

use super::texts;

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
