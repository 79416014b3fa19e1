//! What a document consists of and leads to: its edition, its languages, its placements.

use std::sync::Arc;

use async_graphql::dynamic::TypeRef;
use schema::ids::SiteId;
use store::reading::{HistoryLine, ItemPlacement};

use super::super::{
    Builder,
    member::{Member, STATEMENT, warm},
    scalars::{DATE_TIME, LONG},
    values::{list_nn, string, string_nn},
};
use super::{DOCUMENT, DRAFT, VISIBILITY, documents, enum_value, site_of, url};
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Drafted, Facts, Reader, Shown, Thing},
};

pub(super) fn add(builder: &mut Builder) {
    add_edition(builder);
    add_draft(builder);
    add_translation(builder);
    add_placement(builder);
}

fn add_edition(builder: &mut Builder) {
    let of = |give: fn(&Facts) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Edition(facts) => give(facts),
            _ => Answer::Nothing,
        }
    };
    builder.object(
        "Edition",
        ("一条信息的一个版本，发布后不再改变。", "One immutable text of a document."),
        &[
            Member::ready(
                "number",
                TypeRef::named(TypeRef::INT),
                ("版本号，从 1 开始；草稿为空", "Its number, from 1; null for a draft"),
                of(|facts| Answer::value(facts.number)),
            ),
            Member::ready(
                "digest",
                string_nn(),
                (
                    "内容与发布位置的摘要，审签以它为准",
                    "Digest over text and place, which approvals bind to",
                ),
                of(|facts| Answer::Value(facts.digest.to_string().into())),
            ),
            Member::ready(
                "contentDigest",
                string_nn(),
                ("内容的摘要，转载以它比对", "Digest over the text, which reposts compare"),
                of(|facts| Answer::Value(facts.content_digest.to_string().into())),
            ),
            Member::ready(
                "changeNote",
                TypeRef::named("Bilingual"),
                ("变更说明", "What was said to have changed"),
                of(|facts| Answer::one(facts.change_note.clone().map(Thing::Bilingual))),
            ),
        ],
        &[],
    );
}

fn add_draft(builder: &mut Builder) {
    let of = |give: fn(&Drafted) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Draft(facts) => facts.draft.as_ref().map_or(Answer::Nothing, give),
            _ => Answer::Nothing,
        }
    };
    builder.object(
        DRAFT,
        ("一条信息的草稿，尚未公开。", "What is known of a text that is not public yet."),
        &[
            Member::ready(
                "version",
                TypeRef::named_nn(LONG),
                ("信息的版本号，每次改动加一", "Counts the changes of its document"),
                of(|draft| Answer::Value(draft.version.into())),
            ),
            Member::ready(
                "updatedAt",
                TypeRef::named_nn(DATE_TIME),
                ("草稿保存的时间", "When it was saved"),
                of(|draft| Answer::Value(draft.saved_at.to_string().into())),
            ),
        ],
        &[],
    );
}

fn add_translation(builder: &mut Builder) {
    let of = |give: fn(&Shown, Option<&Arc<Facts>>) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Translation { shown, behind } => give(shown, behind.as_ref()),
            _ => Answer::Nothing,
        }
    };
    let sites = warm(|reader, things, _| {
        Box::pin(async move {
            let shown = documents(things);
            reader.read_standing(&shown).await?;
            let sites: Vec<SiteId> =
                shown.iter().filter_map(|shown| site_of(reader, shown)).collect();
            reader.read_sites(sites).await
        })
    });
    let histories = warm(|reader, things, _| {
        Box::pin(async move {
            let mains = things.iter().filter_map(|thing| match thing {
                Thing::Translation { behind, .. } => behind.as_ref().map(|main| main.id),
                _ => None,
            });
            reader.read_histories(mains.collect::<Vec<_>>()).await
        })
    });
    builder.object(
        "Translation",
        ("一条信息的一种语言版本。", "One language of a content."),
        &[
            Member::ready(
                "locale",
                string_nn(),
                ("语言", "The language"),
                of(|shown, _| Answer::Value(shown.facts.locale.as_str().into())),
            ),
            Member::read(
                "url",
                string(),
                ("完整网址", "Its address"),
                Some(sites),
                |reader, thing, _| {
                    Ok(match thing {
                        Thing::Translation { shown, .. } => Answer::value(
                            reader.standing(shown).and_then(|placement| url(reader, &placement)),
                        ),
                        _ => Answer::Nothing,
                    })
                },
            )
            .costs(2),
            Member::ready(
                "outdated",
                TypeRef::named_nn(TypeRef::BOOLEAN),
                (
                    "主语言版本在翻译之后有更新",
                    "Whether the main language has changed since it was translated",
                ),
                of(|_, behind| Answer::Value(behind.is_some().into())),
            ),
            Member::read(
                "editionsBehind",
                TypeRef::named_nn(TypeRef::INT),
                (
                    "比主语言版本落后几版；没有落后的为 0",
                    "How many editions of the main language came since it was translated; 0 where none did",
                ),
                Some(Arc::clone(&histories)),
                |reader, thing, _| Ok(Answer::Value(missed(reader, thing).count().into())),
            )
            .costs(STATEMENT / 10),
            Member::read(
                "behindSince",
                TypeRef::named(DATE_TIME),
                (
                    "自何时起落后：所缺的第一版的发布时间",
                    "Since when it lags: when the first edition was published that it does not follow",
                ),
                Some(histories),
                |reader, thing, _| {
                    let first = missed(reader, thing).next();
                    Ok(Answer::value(first.map(|line| line.published_at.to_string())))
                },
            )
            .costs(STATEMENT / 10),
            Member::ready(
                "document",
                TypeRef::named_nn(DOCUMENT),
                ("该语言的信息", "The document in that language"),
                of(|shown, _| Answer::One(Thing::Document(shown.clone()))),
            ),
        ],
        &[],
    );
}

/// The publications of the main language that a translation does not follow, the first of them
/// first.
fn missed<'read>(
    reader: &'read Reader,
    thing: &'read Thing,
) -> impl Iterator<Item = &'read Arc<HistoryLine>> {
    let (lines, followed) = match thing {
        Thing::Translation { shown, behind: Some(main) } => {
            (reader.history(main.id), shown.facts.follows.unwrap_or(0))
        }
        _ => (&[][..], 0),
    };
    lines.iter().filter(move |line| line.number > followed)
}

fn add_placement(builder: &mut Builder) {
    let of = |give: fn(&ItemPlacement) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Placement(_, placement) => give(placement),
            _ => Answer::Nothing,
        }
    };
    let sites = warm(|reader, things, _| {
        Box::pin(async move {
            let sites = things.iter().filter_map(|thing| match thing {
                Thing::Placement(_, placement) => Some(placement.site),
                _ => None,
            });
            reader.read_sites(sites.collect::<Vec<_>>()).await
        })
    });
    let columns = warm(|reader, things, _| {
        Box::pin(async move {
            let ids = documents(things).into_iter().map(|shown| shown.facts.id);
            reader.read_columns_of(ids.collect::<Vec<_>>()).await
        })
    });
    builder.object(
        "Placement",
        ("发布位置：一条信息在一个网站上的栏目与路径。", "Where a document stands on one site."),
        &[
            Member::read(
                "site",
                TypeRef::named("Site"),
                ("网站", "The site"),
                Some(Arc::clone(&sites)),
                |reader, thing, _| {
                    Ok(match thing {
                        Thing::Placement(_, placement) => {
                            Answer::one(reader.site(placement.site).map(Thing::Site))
                        }
                        _ => Answer::Nothing,
                    })
                },
            ),
            Member::read(
                "url",
                string(),
                ("完整网址", "Its address"),
                Some(sites),
                |reader, thing, _| {
                    Ok(match thing {
                        Thing::Placement(_, placement) => Answer::value(url(reader, placement)),
                        _ => Answer::Nothing,
                    })
                },
            ),
            Member::ready(
                "path",
                string_nn(),
                ("路径", "The path there"),
                of(|placement| Answer::Value(placement.path.as_str().into())),
            ),
            Member::read(
                "columns",
                list_nn("Column"),
                ("栏目，主栏目在前", "The columns, the main one first"),
                Some(columns),
                |reader, thing, _| {
                    Ok(match thing {
                        Thing::Placement(shown, placement) => {
                            let columns = reader.columns_of(&shown.facts, placement.site);
                            Answer::Many(columns.into_iter().map(Thing::Column).collect())
                        }
                        _ => Answer::Nothing,
                    })
                },
            )
            .times(Times::About(3)),
            Member::ready(
                "publishedAt",
                TypeRef::named_nn(DATE_TIME),
                ("在该网站的最近发布时间", "Last publication on that site"),
                of(|placement| Answer::Value(placement.published_at.to_string().into())),
            ),
            Member::ready(
                "visibility",
                TypeRef::named_nn(VISIBILITY),
                ("在该网站的状态", "What the public sees there"),
                of(|placement| Answer::Value(enum_value(placement.visibility.as_str()))),
            ),
            Member::ready(
                "notice",
                TypeRef::named("UnpublishingNotice"),
                ("在该网站的说明", "What the public is told there"),
                of(|placement| {
                    Answer::one(placement.notice.clone().map(|it| Thing::Notice(Arc::new(it))))
                }),
            ),
        ],
        &[],
    );
}
