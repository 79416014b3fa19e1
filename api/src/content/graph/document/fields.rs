//! The fields of the interface `Document`.

use std::sync::Arc;

use async_graphql::dynamic::TypeRef;
use schema::{
    content_type::{FieldKind, TypeRegistry},
    ids::SiteId,
};
use store::reading::ItemPlacement;

use super::super::{
    difference, head, history,
    member::{Member, STATEMENT, warm},
    node, own,
    scalars::DATE_TIME,
    values::{list_nn, string, string_nn},
};
use super::{
    DOCUMENT_TYPE, DRAFT, VISIBILITY, documents, enum_value, of, seen, site_of, url, words,
};
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Facts, Shown, Thing},
};

/// The fields of the interface.
pub(super) fn members(types: &Arc<TypeRegistry>) -> Vec<Member> {
    let mut members = identity(types);
    members.extend(words::members(types));
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
                    .map(|site| reader.columns_of(&shown.facts, site))
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
        difference::member(),
        Member::ready(
            "draft",
            TypeRef::named(DRAFT),
            (
                "所显示的是草稿时，草稿的情况；公开的文本为空。门户据此提示“预览”",
                "What is known of the draft, where a draft is shown; null for a public text. What a front end says \"preview\" by",
            ),
            |thing| match thing {
                Thing::Document(shown) if shown.facts.draft.is_some() => {
                    Answer::One(Thing::Draft(Arc::clone(&shown.facts)))
                }
                _ => Answer::Nothing,
            },
        ),
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
                let placements = reader.placements(&shown.facts).iter();
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
                let translation = |facts: &Arc<Facts>| Thing::Translation {
                    behind: main
                        .filter(|main| !facts.main_locale && facts.follows < main.number)
                        .cloned(),
                    shown: Shown { facts: Arc::clone(facts), on: shown.on },
                };
                Answer::Many(all.iter().map(translation).collect())
            }),
        )
        .costs(STATEMENT / 10)
        .times(Times::About(3)),
        own::related(types),
        head::of_document(),
    ]
}
