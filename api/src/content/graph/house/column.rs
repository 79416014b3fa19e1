//! Columns.

use std::sync::Arc;

use async_graphql::dynamic::TypeRef;
use schema::tree::Column;
use store::reading::ListScope;

use super::super::{
    Builder, head,
    member::{Member, STATEMENT, warm},
    node,
    values::{list_nn, string_nn},
};
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Thing},
};

use super::{documents, texts};

fn column_of(thing: &Thing) -> Option<&Arc<Column>> {
    match thing {
        Thing::Column(column) => Some(column),
        _ => None,
    }
}

pub(super) fn add(builder: &mut Builder) {
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
            head::of_column(),
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
