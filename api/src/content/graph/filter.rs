//! Filters: an input type per content type with a test per filterable field. How they are read
//! lies in [`read`](mod@read).

mod read;

use std::sync::Arc;

use async_graphql::dynamic::{InputObject, InputValue, TypeRef};
use schema::{
    content_type::{ContentType, FieldKind, TypeRegistry, reserved},
    message::Bilingual,
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
    let starts = TypeRef::named(TypeRef::STRING);
    text.push(("startsWith", starts, "以此开头", "Starting with this"));
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
            if matches!(field.kind, FieldKind::Choice { .. }) {
                let name = format!("{prefix}{}", reserved::graphql_type_name(field.name.as_str()));
                let mut members = equality(&name);
                members.push(is_null());
                let help = own::words(field);
                input(builder, &format!("{name}Filter"), (&help.zh, &help.en), &members);
            }
        }
    }
}

fn common(name: &str) -> InputObject {
    let filter = format!("{name}Filter");
    let help = |zh: &str, en: &str| description(&Bilingual::new(zh, en));
    let zh = "筛选条件，各项须同时满足。";
    let en = "Conditions; all of them must hold.";
    InputObject::new(&filter)
        .description(help(zh, en))
        .field(
            InputValue::new("and", TypeRef::named_nn_list(&filter))
                .description(help("须全部满足", "All of these")),
        )
        .field(
            InputValue::new("or", TypeRef::named_nn_list(&filter))
                .description(help("至少满足一项", "At least one of these")),
        )
        .field(InputValue::new("not", TypeRef::named(&filter)).description(help("不满足", "Not this")))
        .field(
            InputValue::new("contentId", TypeRef::named("ContentIdFilter"))
                .description(help("内容编号", "The contentId")),
        )
        .field(InputValue::new("column", TypeRef::named(TypeRef::ID)).description(help(
            "在此栏目（id）或其下级栏目中",
            "Shown in the column of this id or below it",
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

/// Adds the filter that suits every type.
pub(super) fn add_common(builder: &mut Builder, name: &str) {
    builder.input(common(name));
}

/// Adds the filter of a type.
pub(super) fn add_of_type(builder: &mut Builder, content_type: &ContentType) {
    let name = content_type.graphql_name();
    let fields = content_type.fields.iter().filter(|field| field.filterable);
    let object = fields.fold(common(&name), |object, field| {
        let ty = match &field.kind {
            FieldKind::Integer { .. } => "LongFilter".to_owned(),
            FieldKind::Decimal { .. } => "DecimalFilter".to_owned(),
            FieldKind::Boolean => "BooleanFilter".to_owned(),
            FieldKind::Date { .. } => "DateFilter".to_owned(),
            FieldKind::DateTime => "DateTimeFilter".to_owned(),
            FieldKind::Link { .. } => "ContentFilter".to_owned(),
            FieldKind::Choice { .. } => {
                format!("{name}{}Filter", reserved::graphql_type_name(field.name.as_str()))
            }
            _ => "StringFilter".to_owned(),
        };
        let help = description(&own::words(field));
        object.field(InputValue::new(field.name.as_str(), TypeRef::named(ty)).description(help))
    });
    builder.input(object);
}
