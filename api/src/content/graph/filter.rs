//! Filters: two input types per content type with a test per filterable field, one for lists of
//! the type and one for links that lead to it, or from it. How they are read lies in
//! [`read`](mod@read).

mod read;

use std::sync::Arc;

use async_graphql::dynamic::{InputObject, InputValue, TypeRef};
use schema::{
    content_type::{ContentType, Field, FieldKind, TypeRegistry, reserved},
    message::Bilingual,
    position::MAX_METRES,
};

use super::{
    Builder,
    member::description,
    own,
    scalars::{DATE, DATE_TIME, DECIMAL, LONG},
};

pub(super) use read::{content_id, read, span};

fn input(
    builder: &mut Builder,
    name: &str,
    help: (&str, &str),
    members: &[(&str, TypeRef, &str, &str)],
) {
    let object = InputObject::new(name).description(description(&Bilingual::new(help.0, help.1)));
    let object = members.iter().fold(object, |object, (name, ty, zh, en)| {
        let help = description(&Bilingual::new(*zh, *en));
        object.field(InputValue::new(*name, ty.clone()).description(help))
    });
    builder.input(object);
}

fn equality(of: &str) -> Vec<(&'static str, TypeRef, &'static str, &'static str)> {
    vec![
        ("eq", TypeRef::named(of), "等于", "Equal to this"),
        ("in", TypeRef::named_nn_list(of), "等于其中之一", "Equal to one of these"),
    ]
}

fn is_null() -> (&'static str, TypeRef, &'static str, &'static str) {
    ("isNull", TypeRef::named(TypeRef::BOOLEAN), "是否没有值", "Whether there is no value")
}

fn range(of: &str) -> Vec<(&'static str, TypeRef, &'static str, &'static str)> {
    vec![
        ("gt", TypeRef::named(of), "大于（晚于）", "Greater, or later, than this"),
        ("gte", TypeRef::named(of), "大于等于（不早于）", "This or greater, or later"),
        ("lt", TypeRef::named(of), "小于（早于）", "Less, or earlier, than this"),
        ("lte", TypeRef::named(of), "小于等于（不晚于）", "This or less, or earlier"),
    ]
}

/// Adds the tests that fields of several types share.
pub(super) fn add_shared(builder: &mut Builder, types: &Arc<TypeRegistry>) {
    let mut text = equality(TypeRef::STRING);
    let part = || TypeRef::named(TypeRef::STRING);
    text.push(("startsWith", part(), "以此开头", "Starting with this"));
    text.push(("contains", part(), "含有此文字", "With this in it"));
    text.push(is_null());
    input(
        builder,
        "StringFilter",
        ("按文字筛选，各项须同时满足。", "Tests of a text; all of them must hold."),
        &text,
    );
    for (name, of, zh, en) in [
        (
            "LongFilter",
            LONG,
            "按整数筛选，各项须同时满足。",
            "Tests of a whole number; all of them must hold.",
        ),
        (
            "DecimalFilter",
            DECIMAL,
            "按小数筛选，各项须同时满足。",
            "Tests of a decimal; all of them must hold.",
        ),
        (
            "DateFilter",
            DATE,
            "按日期筛选，各项须同时满足。",
            "Tests of a day; all of them must hold.",
        ),
        (
            "DateTimeFilter",
            DATE_TIME,
            "按时刻筛选，各项须同时满足。",
            "Tests of a moment; all of them must hold.",
        ),
    ] {
        let mut members = equality(of);
        members.extend(range(of));
        members.push(is_null());
        input(builder, name, (zh, en), &members);
    }
    input(
        builder,
        "DateTimeRange",
        ("时间范围，各项须同时满足。", "A span of time; all bounds must hold."),
        &range(DATE_TIME),
    );
    input(
        builder,
        "BooleanFilter",
        ("按是否筛选。", "Tests of yes or no."),
        &[("eq", TypeRef::named(TypeRef::BOOLEAN), "等于", "Equal to this"), is_null()],
    );
    let degrees = || TypeRef::named_nn(TypeRef::FLOAT);
    let metres = format!("距离（米），1 至 {MAX_METRES}");
    let most = format!("How far from it, in metres, 1 to {MAX_METRES}");
    input(
        builder,
        "Near",
        ("一点及其附近。", "A point and what is around it."),
        &[
            ("latitude", degrees(), "纬度（度），北纬为正", "Latitude in degrees, north positive"),
            ("longitude", degrees(), "经度（度），东经为正", "Longitude in degrees, east positive"),
            ("metres", TypeRef::named_nn(TypeRef::INT), &metres, &most),
        ],
    );
    input(
        builder,
        "PlaceFilter",
        ("按位置筛选，各项须同时满足。", "Tests of a place; all of them must hold."),
        &[
            (
                "near",
                TypeRef::named("Near"),
                "在此点附近；按与位置相同的坐标系，沿地面计算距离",
                "Near this point: along the ground, in the coordinate system of the places",
            ),
            (
                "isNull",
                TypeRef::named(TypeRef::BOOLEAN),
                "是否没有坐标",
                "Whether it has no coordinates",
            ),
        ],
    );
    let mut link = equality(TypeRef::ID);
    link.push(is_null());
    input(
        builder,
        "ContentFilter",
        ("按链接的内容（contentId）筛选。", "Tests of a link, by the contentId it leads to."),
        &link,
    );
    let mut id = equality(TypeRef::ID);
    id.truncate(2);
    input(builder, "ContentIdFilter", ("按 contentId 筛选。", "Tests of the contentId."), &id);
    for content_type in types.iter() {
        let prefix = content_type.graphql_name();
        for field in content_type.fields.iter().filter(|field| field.filterable) {
            let name = reserved::choices_name(&prefix, field);
            let filter = format!("{name}Filter");
            if matches!(field.kind, FieldKind::Choice { .. }) && !builder.has(&filter) {
                let mut members = equality(&name);
                members.push(is_null());
                let help = own::words(field);
                input(builder, &filter, (&help.zh, &help.en), &members);
            }
        }
    }
}

fn help(zh: &str, en: &str) -> String {
    description(&Bilingual::new(zh, en))
}

/// With the conditions that combine others.
fn combined(object: InputObject, filter: &str) -> InputObject {
    object
        .field(
            InputValue::new("and", TypeRef::named_nn_list(filter))
                .description(help("须全部满足", "All of these")),
        )
        .field(
            InputValue::new("or", TypeRef::named_nn_list(filter))
                .description(help("至少满足一项", "At least one of these")),
        )
        .field(
            InputValue::new("not", TypeRef::named(filter)).description(help("不满足", "Not this")),
        )
}

/// With the conditions on what every document has.
fn common(object: InputObject) -> InputObject {
    object
        .field(InputValue::new("column", TypeRef::named(TypeRef::ID)).description(help(
            "在此栏目（id）或其下级栏目中",
            "Shown in the column of this id or below it",
        )))
        .field(InputValue::new("columns", TypeRef::named_nn_list(TypeRef::ID)).description(help(
            "在其中任一栏目（id）或其下级栏目中",
            "Shown in one of the columns of these ids or below them",
        )))
        .field(InputValue::new("listedAt", TypeRef::named("DateTimeRange")).description(help(
            "列表时间：有原发布时间的取原发布时间，否则取首次发布时间；列表默认按它排序",
            "The time lists are ordered by: the original time where there is one, else the first publication",
        )))
        .field(
            InputValue::new("publishedAt", TypeRef::named("DateTimeRange"))
                .description(help("当前版本的发布时间", "When the live edition was published")),
        )
        .field(InputValue::new("originallyPublishedAt", TypeRef::named("DateTimeRange")).description(
            help("原发布时间", "When it was published elsewhere before"),
        ))
}

/// The filter of lists of `name`.
fn of_lists(name: &str) -> InputObject {
    let filter = format!("{name}Filter");
    let object = InputObject::new(&filter)
        .description(help("筛选条件，各项须同时满足。", "Conditions; all of them must hold."));
    common(combined(object, &filter)).field(
        InputValue::new("contentId", TypeRef::named("ContentIdFilter"))
            .description(help("内容编号", "The contentId")),
    )
}

/// The filter of what is linked with documents of `name`: one link deep.
fn of_links(name: &str) -> InputObject {
    let object = InputObject::new(link_filter(name)).description(help(
        "对所链接的信息的筛选：有一条满足各项即可。链接到的取与本条同语言的版本，没有的取主语言版本。",
        "Conditions on linked documents: one that meets all of them is enough. Of what is linked, the one in the \
         language of the listed document counts, else the one in the main language.",
    ));
    let mut tests = equality(TypeRef::ID);
    tests.push(is_null());
    let object = tests.into_iter().fold(object, |object, (name, ty, zh, en)| {
        let (zh, en) = match name {
            "isNull" => (zh, en),
            _ => (&*format!("contentId {zh}"), &*format!("By contentId. {en}")),
        };
        object.field(InputValue::new(name, ty).description(help(zh, en)))
    });
    common(object)
}

/// The name of the filter of what is linked with documents of a type.
fn link_filter(of: &str) -> String {
    format!("{of}LinkFilter")
}

/// Adds the filter that suits every type.
pub(super) fn add_common(builder: &mut Builder, name: &str) {
    builder.input(of_lists(name));
}

/// Adds the filters of a type.
pub(super) fn add_of_type(builder: &mut Builder, types: &TypeRegistry, content_type: &ContentType) {
    let name = content_type.graphql_name();
    let (mut lists, mut links) = (of_lists(&name), of_links(&name));
    for field in content_type.fields.iter().filter(|field| field.filterable) {
        let help = description(&own::words(field));
        let test = test_of(&name, field);
        let linked = match linked(types, field) {
            Some(of) => link_filter(&of.graphql_name()),
            None => test.clone(),
        };
        let input = |ty: String| {
            InputValue::new(field.name.as_str(), TypeRef::named(ty)).description(help.clone())
        };
        lists = lists.field(input(linked));
        links = links.field(input(test));
    }
    for link in types.reverse_links(&content_type.name) {
        let Some(source) = types.get(&link.source) else { continue };
        let ty = TypeRef::named(link_filter(&source.graphql_name()));
        let help = description(&link.label);
        lists = lists.field(InputValue::new(link.name.as_str(), ty).description(help));
    }
    builder.input(lists);
    if is_linked(types, content_type) {
        builder.input(links);
    }
}

/// Whether some list can be narrowed by the documents of `content_type` that are linked with what
/// it lists.
fn is_linked(types: &TypeRegistry, content_type: &ContentType) -> bool {
    let leads_here = |field: &Field| {
        field.filterable && linked(types, field).is_some_and(|to| to.name == content_type.name)
    };
    let comes_from_here = |other: &ContentType| {
        types.reverse_links(&other.name).iter().any(|link| link.source == content_type.name)
    };
    types.iter().any(|other| other.fields.iter().any(leads_here) || comes_from_here(other))
}

/// The input type that tests the values of a field of the type `name`.
fn test_of(name: &str, field: &Field) -> String {
    match &field.kind {
        FieldKind::Integer { .. } => "LongFilter".to_owned(),
        FieldKind::Decimal { .. } => "DecimalFilter".to_owned(),
        FieldKind::Boolean => "BooleanFilter".to_owned(),
        FieldKind::Date { .. } => "DateFilter".to_owned(),
        FieldKind::DateTime => "DateTimeFilter".to_owned(),
        FieldKind::Place => "PlaceFilter".to_owned(),
        FieldKind::Link { .. } => "ContentFilter".to_owned(),
        FieldKind::Choice { .. } => format!("{}Filter", reserved::choices_name(name, field)),
        _ => "StringFilter".to_owned(),
    }
}

/// The one type that a field links to, whose fields can be tested.
fn linked<'types>(types: &'types TypeRegistry, field: &Field) -> Option<&'types ContentType> {
    match &field.kind {
        FieldKind::Link { to, .. } if to.len() == 1 => types.get(to.first()?),
        _ => None,
    }
}
