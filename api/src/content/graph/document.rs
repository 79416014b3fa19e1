//! What every document has: the interface `Document`, and one object type per content type
//! with its own fields beside it.

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::{
    content_type::{ContentType, FieldKind, TypeRegistry},
    edition::Importance,
    ids::SiteId,
    message::Bilingual,
};
use store::reading::ItemPlacement;

use super::{
    Builder, connection, filter, history,
    member::{Argument, Member, STATEMENT, argument, warm},
    node, order, own,
    scalars::DATE_TIME,
    values::{list_nn, string, string_nn},
};
use crate::addresses::Addresses;
use crate::content::{
    limits::cost::{LARGEST_PAGE, Times, USUAL_PAGE},
    reading::{Answer, Facts, Reader, Shown, Thing, ahead::Warm},
};

pub(super) const DOCUMENT: &str = "Document";
pub(super) const DOCUMENT_TYPE: &str = "DocumentType";
pub(super) const VISIBILITY: &str = "Visibility";
pub(super) const IMPORTANCE: &str = "Importance";

/// Adds the interface, the content types and what hangs on them.
pub(super) fn add(builder: &mut Builder, types: &Arc<TypeRegistry>) {
    add_enumerations(builder, types);
    let core = members(types);
    builder.interface(
        DOCUMENT,
        (
            "一条信息：一份内容的一种语言版本。每种内容类型都有以下字段，并各有自己的字段。",
            "One piece of content in one language. Every content type has these fields and adds its own.",
        ),
        &core,
    );
    add_edition(builder);
    add_translation(builder);
    add_placement(builder);
    connection::add(builder, DOCUMENT, DOCUMENT);
    filter::add_common(builder, DOCUMENT);
    order::add_common(builder);
    for content_type in types.iter() {
        add_type(builder, types, content_type, &core);
    }
}

fn add_type(
    builder: &mut Builder,
    types: &Arc<TypeRegistry>,
    content_type: &ContentType,
    core: &[Member],
) {
    let name = content_type.graphql_name();
    let mut members = core.to_vec();
    members.extend(own::members(builder, types, content_type));
    let help = content_type.help.as_ref();
    let sentence = |label: &str, help: Option<&str>| match help {
        Some(help) => format!("{label}。{help}"),
        None => label.to_owned(),
    };
    let zh = sentence(&content_type.label.zh, help.map(|help| help.zh.as_str()));
    let en = match help {
        Some(help) => format!("{}. {}", content_type.label.en, help.en),
        None => content_type.label.en.clone(),
    };
    builder.object(&name, (&zh, &en), &members, &[DOCUMENT, node::NODE]);
    connection::add(builder, &name, &name);
    filter::add_of_type(builder, content_type);
    order::add_of_type(builder, content_type);
}

fn add_enumerations(builder: &mut Builder, types: &TypeRegistry) {
    builder.enumeration(
        DOCUMENT_TYPE,
        &Bilingual::new("内容类型。", "The content types."),
        types.iter().map(|content_type| (content_type.name.as_str(), content_type.label.clone())),
    );
    builder.enumeration(
        VISIBILITY,
        &Bilingual::new("公众看到的状态。", "What the public sees of a document."),
        [
            ("unpublished", "尚未发布", "Never published"),
            ("live", "在线", "The text"),
            ("withdrawn", "已撤回", "A notice, with the text or alone"),
            ("gone", "已删除", "Gone, with an explanation"),
            ("redirect", "已转移", "Redirected to what took its place"),
            ("vanished", "已抹除", "As if it had never been"),
            ("recalled", "已召回", "Taken back for ever"),
            ("erased", "已销毁", "Taken back for ever, the text destroyed"),
        ]
        .map(|(word, zh, en)| (word, Bilingual::new(zh, en))),
    );
    builder.enumeration(
        IMPORTANCE,
        &Bilingual::new("变更的轻重。", "How much a change matters to readers."),
        [
            (
                "major",
                Bilingual::new("重要变更，更新“更新时间”", "Moves the time of the last update"),
            ),
            ("minor", Bilingual::new("细微修改", "A slip of the pen")),
        ],
    );
}

/// The fields of the interface.
fn members(types: &Arc<TypeRegistry>) -> Vec<Member> {
    let mut members = identity(types);
    members.extend(words(types));
    members.extend(position());
    members.extend(times());
    members.extend(standing(types));
    members.extend(around(types));
    members
}

fn identity(types: &Arc<TypeRegistry>) -> Vec<Member> {
    let registry = Arc::clone(types);
    vec![
        node::id(),
        Member::ready(
            "contentId",
            TypeRef::named_nn(TypeRef::ID),
            (
                "内容编号（UUID），各语言版本相同，各网站通用",
                "Its name in all languages and on all sites, a UUID",
            ),
            of(|facts| Answer::Value(facts.content.to_string().into())),
        ),
        Member::ready(
            "locale",
            string_nn(),
            ("语言，如 zh-CN", "Its language, such as zh-CN"),
            of(|facts| Answer::Value(facts.locale.as_str().into())),
        ),
        Member::ready(
            "type",
            TypeRef::named_nn(DOCUMENT_TYPE),
            ("内容类型", "Its content type"),
            of(|facts| Answer::Value(enum_value(facts.r#type.as_str()))),
        ),
        Member::ready(
            "typeLabel",
            TypeRef::named_nn("Bilingual"),
            ("内容类型的名称", "What people call its type"),
            of(move |facts| {
                let content_type = registry.get(&facts.r#type);
                Answer::one(content_type.map(|it| Thing::Bilingual(it.label.clone())))
            }),
        ),
    ]
}

fn words(types: &Arc<TypeRegistry>) -> Vec<Member> {
    let (titles, validities) = (Arc::clone(types), Arc::clone(types));
    vec![
        Member::ready(
            "title",
            string_nn(),
            ("标题", "The title"),
            of(move |facts| {
                let title =
                    titles.get(&facts.r#type).and_then(|it| it.title_of(&facts.card.fields));
                Answer::Value(title.unwrap_or_default().into())
            }),
        ),
        Member::ready(
            "summary",
            string_nn(),
            (
                "摘要；没有摘要的取正文开头",
                "The summary, or the start of the text where nobody wrote one",
            ),
            of(|facts| Answer::Value(facts.summary.as_str().into())),
        ),
        Member::ready(
            "characters",
            TypeRef::named_nn(TypeRef::INT),
            (
                "正文字数，不计空白",
                "Length of the main text in characters, white space not counted",
            ),
            of(|facts| Answer::Value(facts.characters.into())),
        ),
        Member::ready(
            "validity",
            TypeRef::named("ChoiceValue"),
            ("有效性；内容类型没有此字段的为空", "Validity; null for types without this field"),
            of(move |facts| {
                let field = validities.get(&facts.r#type).and_then(|it| it.field("validity"));
                let value = facts.card.fields.get("validity").and_then(|value| value.as_str());
                let choice = match (field.map(|field| &field.kind), value) {
                    (Some(FieldKind::Choice { choices, .. }), Some(value)) => {
                        choices.iter().find(|choice| choice.value == value)
                    }
                    _ => None,
                };
                Answer::one(choice.and_then(own::choice_value))
            }),
        ),
        Member::ready(
            "source",
            TypeRef::named("Source"),
            ("来源", "Who the text is credited to"),
            of(|facts| Answer::one(facts.card.source.clone().map(Thing::Source))),
        ),
        Member::ready(
            "origin",
            TypeRef::named("Origin"),
            ("转载信息的原发布网站", "For reposts: the site whose text this is"),
            of(|facts| Answer::one(facts.card.origin.clone().map(Thing::Origin))),
        ),
    ]
}

fn position() -> Vec<Member> {
    let sites = warm(|reader, things, _| {
        Box::pin(async move {
            let shown = documents(things);
            reader.read_standing(&shown).await?;
            let sites: Vec<SiteId> =
                shown.iter().filter_map(|shown| site_of(reader, shown)).collect();
            reader.read_sites(sites).await
        })
    });
    let columns = warm(|reader, things, _| {
        Box::pin(async move {
            let shown = documents(things);
            reader.read_standing(&shown).await?;
            reader.read_columns_of(shown.iter().map(|shown| shown.facts.id)).await
        })
    });
    let stands = warm(|reader, things, _| {
        Box::pin(async move { reader.read_standing(&documents(things)).await })
    });
    vec![
        Member::read(
            "url",
            string(),
            ("完整网址", "Its address"),
            Some(Arc::clone(&sites)),
            seen(|reader, shown| {
                Answer::value(reader.standing(shown).and_then(|placement| url(reader, &placement)))
            }),
        )
        .costs(2),
        Member::read(
            "path",
            string(),
            ("网站内的路径", "Its path on the site"),
            Some(stands),
            seen(|reader, shown| {
                Answer::value(reader.standing(shown).map(|placement| placement.path.to_string()))
            }),
        ),
        Member::read(
            "site",
            TypeRef::named("Site"),
            (
                "所在网站：按网站查询时为该网站，否则为首发网站",
                "The site it is looked at from; without one, its home",
            ),
            Some(sites),
            seen(|reader, shown| {
                let site = site_of(reader, shown).and_then(|site| reader.site(site));
                Answer::one(site.map(Thing::Site))
            }),
        )
        .costs(STATEMENT / 10),
        Member::read(
            "columns",
            list_nn("Column"),
            ("在该网站的栏目，主栏目在前", "Its columns there, the main one first"),
            Some(columns),
            seen(|reader, shown| {
                let columns = site_of(reader, shown)
                    .map(|site| reader.columns_of(shown.facts.id, site))
                    .unwrap_or_default();
                Answer::Many(columns.into_iter().map(Thing::Column).collect())
            }),
        )
        .costs(STATEMENT / 10)
        .times(Times::About(3)),
    ]
}

fn times() -> Vec<Member> {
    let moment = |name: &'static str, ty, help, pick: fn(&Facts) -> Option<jiff::Timestamp>| {
        Member::ready(
            name,
            ty,
            help,
            of(move |facts| Answer::value(pick(facts).map(|moment| moment.to_string()))),
        )
    };
    let nullable = || TypeRef::named(DATE_TIME);
    vec![
        moment(
            "publishedAt",
            nullable(),
            ("本版发布时间；草稿为空", "When this edition was published; null for a draft"),
            |facts| facts.published_at,
        ),
        moment(
            "firstPublishedAt",
            nullable(),
            ("首次发布时间", "When it was first published"),
            |facts| facts.first_published_at,
        ),
        moment(
            "originallyPublishedAt",
            nullable(),
            ("在进入本系统前的原发布时间", "When it was published elsewhere before it came here"),
            |facts| facts.originally_published_at,
        ),
        moment(
            "updatedAt",
            nullable(),
            ("最近一次重要变更的时间", "When it last changed in a way readers are told of"),
            |facts| facts.major_at,
        ),
        Member::ready(
            "edition",
            TypeRef::named_nn("Edition"),
            ("当前版本", "The edition shown"),
            |thing| match thing {
                Thing::Document(shown) => Answer::One(Thing::Edition(Arc::clone(&shown.facts))),
                _ => Answer::Nothing,
            },
        ),
        history::member(),
    ]
}

fn standing(types: &Arc<TypeRegistry>) -> Vec<Member> {
    let authorities = warm(|reader, things, _| {
        Box::pin(async move {
            let owners = documents(things).into_iter().map(|shown| shown.facts.authority);
            reader.read_authorities(owners.collect::<Vec<_>>()).await
        })
    });
    let placements = warm(|reader, things, _| {
        Box::pin(async move {
            let ids = documents(things).into_iter().map(|shown| shown.facts.id);
            reader.read_placements(ids.collect::<Vec<_>>()).await
        })
    });
    let files = Arc::clone(types);
    vec![
        Member::ready(
            "visibility",
            TypeRef::named_nn(VISIBILITY),
            ("公众看到的状态", "What the public sees of it"),
            of(|facts| Answer::Value(enum_value(facts.visibility.as_str()))),
        ),
        Member::ready(
            "notice",
            TypeRef::named("UnpublishingNotice"),
            ("撤回说明", "What the public is told where it is withdrawn"),
            of(|facts| Answer::one(facts.notice.clone().map(|it| Thing::Notice(Arc::new(it))))),
        ),
        Member::read(
            "authority",
            TypeRef::named("Authority"),
            ("所属机构", "Who owns it"),
            Some(authorities),
            seen(|reader, shown| {
                Answer::one(reader.authority(shown.facts.authority).map(Thing::Authority))
            }),
        )
        .costs(STATEMENT / 10),
        Member::read(
            "placements",
            list_nn("Placement"),
            ("发布位置：各网站上的路径与栏目", "Where it stands on each site"),
            Some(placements),
            seen(|reader, shown| {
                let placements = reader.placements(shown.facts.id).iter();
                let placed = |placement: &Arc<ItemPlacement>| {
                    Thing::Placement(shown.clone(), Arc::clone(placement))
                };
                Answer::Many(placements.map(placed).collect())
            }),
        )
        .costs(STATEMENT / 10)
        .times(Times::About(3)),
        Member::ready(
            "attachments",
            list_nn("File"),
            ("附件：各文件字段中的文件，题图除外", "Files of its file fields, the cover aside"),
            of(move |facts| Answer::Many(attachments(&files, facts))),
        )
        .times(Times::About(5)),
    ]
}

fn attachments(types: &TypeRegistry, facts: &Facts) -> Vec<Thing> {
    let Some(content_type) = types.get(&facts.r#type) else { return Vec::new() };
    let is_attachment = |field: &&schema::content_type::Field| {
        matches!(field.kind, FieldKind::File { .. })
            && content_type.cover.as_ref() != Some(&field.name)
    };
    let values = content_type
        .fields
        .iter()
        .filter(is_attachment)
        .filter_map(|field| facts.card.fields.get(field.name.as_str()));
    values
        .flat_map(|value| match value {
            serde_json::Value::Array(files) => files.as_slice(),
            file => std::slice::from_ref(file),
        })
        .map(|file| Thing::Stored(Arc::new(file.clone())))
        .collect()
}

fn around(types: &Arc<TypeRegistry>) -> Vec<Member> {
    let translations = warm(|reader, things, _| {
        Box::pin(async move {
            let contents = documents(things).into_iter().map(|shown| shown.facts.content);
            reader.read_translations(contents.collect::<Vec<_>>()).await
        })
    });
    vec![
        Member::read(
            "translations",
            list_nn("Translation"),
            (
                "各语言版本，包括本条，主语言在前",
                "Its languages with this one, the main language first",
            ),
            Some(translations),
            seen(|reader, shown| {
                let all = reader.translations(shown.facts.content);
                let main = all.iter().find(|facts| facts.main_locale);
                let current = main.and_then(|main| main.number);
                let translation = |facts: &Arc<Facts>| Thing::Translation {
                    outdated: !facts.main_locale && facts.follows < current,
                    shown: Shown { facts: Arc::clone(facts), on: shown.on },
                };
                Answer::Many(all.iter().map(translation).collect())
            }),
        )
        .costs(STATEMENT / 10)
        .times(Times::About(3)),
        own::related(types),
    ]
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

fn add_translation(builder: &mut Builder) {
    let of = |give: fn(&Shown, bool) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Translation { shown, outdated } => give(shown, *outdated),
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
                of(|_, outdated| Answer::Value(outdated.into())),
            ),
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
                            let columns = reader.columns_of(shown.facts.id, placement.site);
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

/// A field read off what is known of a document.
pub(super) fn of(
    give: impl Fn(&Facts) -> Answer + Send + Sync + 'static,
) -> impl Fn(&Thing) -> Answer + Send + Sync + 'static {
    move |thing| match thing {
        Thing::Document(shown) => give(&shown.facts),
        _ => Answer::Nothing,
    }
}

/// A field of a document that needs what was read.
pub(super) fn seen(
    give: impl Fn(&Reader, &Shown) -> Answer + Send + Sync + 'static,
) -> impl Fn(
    &Reader,
    &Thing,
    &crate::content::reading::Arguments,
) -> Result<Answer, crate::content::refusal::Fault>
+ Send
+ Sync
+ 'static {
    move |reader, thing, _| {
        Ok(match thing {
            Thing::Document(shown) => give(reader, shown),
            _ => Answer::Nothing,
        })
    }
}

/// The documents among things.
pub(super) fn documents(things: &[Thing]) -> Vec<&Shown> {
    let document = |thing| match thing {
        &Thing::Document(ref shown)
        | &Thing::Translation { ref shown, .. }
        | &Thing::Placement(ref shown, _) => Some(shown),
        _ => None,
    };
    things.iter().filter_map(document).collect()
}

/// Reads the whole texts of documents.
pub(super) fn texts() -> Warm {
    warm(|reader, things, _| {
        Box::pin(async move {
            let facts: Vec<&Facts> =
                documents(things).into_iter().map(|shown| &*shown.facts).collect();
            reader.read_texts(&facts).await
        })
    })
}

/// The site a document is shown on.
fn site_of(reader: &Reader, shown: &Shown) -> Option<SiteId> {
    reader.standing(shown).map(|placement| placement.site)
}

/// The address of a placement whose site was read.
pub(super) fn url(reader: &Reader, placement: &ItemPlacement) -> Option<String> {
    let site = reader.site(placement.site)?;
    Some(Addresses::of(&site, None).page(&placement.path))
}

/// A value of an enumeration.
pub(super) fn enum_value(word: &str) -> Value {
    Value::Enum(async_graphql::Name::new(word))
}

/// The word of an importance.
pub(super) fn importance(importance: Importance) -> Answer {
    Answer::Value(enum_value(match importance {
        Importance::Major => "major",
        Importance::Minor => "minor",
    }))
}

/// `first`, of lists that are not connections.
pub(super) fn first() -> (Argument, u32) {
    let zh = format!("最多多少条，1 至 {LARGEST_PAGE}");
    let en = format!("At most so many, 1 to {LARGEST_PAGE}");
    (argument("first", TypeRef::named(TypeRef::INT), &zh, &en), USUAL_PAGE)
}
