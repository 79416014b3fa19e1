//! Reads one type file: the keys of the type itself, and the rules that bind its own fields.
//! Rules between types are the registry's.

use std::collections::BTreeMap;

use super::{
    ContentType, Field, FieldKind, OldTexts, PageTag, PathTemplate,
    field_file::{field_list, is_identifier},
    reserved::is_core_field,
};
use crate::{
    names::{FieldName, TypeName},
    toml_table::{At, FileMistake, Mistakes, Table, parse_at, required},
};

/// Keys of a type.
pub(super) const KEYS: [&str; 14] = [
    "name",
    "plural",
    "version",
    "label",
    "help",
    "schema_org",
    "page_tags",
    "title",
    "summary",
    "body",
    "cover",
    "path",
    "old_texts",
    "field",
];

/// The most fields of a type.
const MOST_FIELDS: usize = 100;

/// A type and where its parts stand, for mistakes that only show among all types.
pub(super) struct TypeFile {
    pub(super) file: String,
    pub(super) content_type: ContentType,
    /// Line of the type's name.
    pub(super) name_line: usize,
    /// Line of each field's table, in the order of the fields.
    pub(super) field_lines: Vec<usize>,
}

/// Reads a type from the text of its file.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn read(file: &str, text: &str) -> Result<TypeFile, Vec<FileMistake>> {
    let mut mistakes = Mistakes::new(file, text);
    let read = Table::parse(text, &mut mistakes).and_then(|table| read_table(table, &mut mistakes));
    match read {
        Some((content_type, name_at, field_starts)) if mistakes.is_empty() => Ok(TypeFile {
            file: file.to_owned(),
            content_type,
            name_line: mistakes.line(name_at),
            field_lines: field_starts.into_iter().map(|at| mistakes.line(at)).collect(),
        }),
        _ => Err(mistakes.into_errors()),
    }
}

fn read_table(
    mut table: Table<'_>,
    mistakes: &mut Mistakes<'_>,
) -> Option<(ContentType, usize, Vec<usize>)> {
    let name = required(&mut table, "name", mistakes, Table::parsed::<TypeName>);
    let plural = table.parsed::<FieldName>("plural", mistakes);
    let version = required(&mut table, "version", mistakes, Table::number::<u32>);
    if let Some(version) = version.as_ref().filter(|version| version.value == 0) {
        mistakes.add(version.at, "version 从 1 开始", "version starts at 1");
    }
    let label = required(&mut table, "label", mistakes, Table::bilingual);
    let help = table.bilingual("help", mistakes);
    let schema_org = schema_org(&mut table, mistakes);
    let tags = table.table("page_tags", mistakes);
    let title = required(&mut table, "title", mistakes, Table::parsed::<FieldName>);
    let summary = table.parsed::<FieldName>("summary", mistakes);
    let body = table.parsed::<FieldName>("body", mistakes);
    let cover = table.parsed::<FieldName>("cover", mistakes);
    let path = table.parsed::<PathTemplate>("path", mistakes);
    let old_texts = old_texts(&mut table, mistakes);
    let tables = required(&mut table, "field", mistakes, Table::tables);
    table.finish(&KEYS, mistakes);

    let tables = tables.map_or_else(Vec::new, |tables| tables.value);
    let starts: Vec<usize> = tables.iter().map(Table::start).collect();
    if let Some(start) = starts.get(MOST_FIELDS) {
        mistakes.add(
            *start,
            format!("一个内容类型最多 {MOST_FIELDS} 个字段"),
            format!("a type has at most {MOST_FIELDS} fields"),
        );
    }
    let fields = field_list(tables, 0, mistakes);
    let roles = Roles { fields: &fields, complete: fields.len() == starts.len() };
    roles.check_title(title.as_ref(), mistakes);
    roles.check(
        "summary",
        summary.as_ref(),
        "单值 short_text 或 long_text",
        "a single short_text or long_text",
        is_summary,
        mistakes,
    );
    roles.check("body", body.as_ref(), "rich_text", "a rich_text", is_body, mistakes);
    roles.check(
        "cover",
        cover.as_ref(),
        "只收 image/* 的单个 file",
        "a single file taking image types only",
        is_cover,
        mistakes,
    );
    let page_tags = tags.map_or_else(BTreeMap::new, |tags| roles.page_tags(tags, mistakes));
    let names = [
        ("title", title.as_ref()),
        ("summary", summary.as_ref()),
        ("body", body.as_ref()),
        ("cover", cover.as_ref()),
    ];
    check_names(&fields, &starts, &names, mistakes);

    let name = name?;
    let plural = match plural {
        Some(plural) => plural.value,
        None => format!("{}s", name.value).parse().ok()?,
    };
    let content_type = ContentType {
        plural,
        version: version?.value,
        label: label?.value,
        help: help.map(|help| help.value),
        schema_org,
        page_tags,
        title: title?.value,
        summary: summary.map(|role| role.value),
        body: body.map(|role| role.value),
        cover: cover.map(|role| role.value),
        path: path.map(|path| path.value).unwrap_or_default(),
        old_texts,
        name: name.value,
        fields,
    };
    Some((content_type, name.at, starts))
}

fn schema_org(table: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> String {
    let Some(given) = table.text("schema_org", mistakes) else {
        return "Article".to_owned();
    };
    if !is_identifier(&given.value, char::is_ascii_uppercase) {
        mistakes.add(
            given.at,
            "schema_org 应为 schema.org 的类型名，如 Legislation",
            "schema_org must be a type name of schema.org, such as Legislation",
        );
    }
    given.value
}

fn old_texts(table: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> OldTexts {
    let Some(given) = table.text("old_texts", mistakes) else {
        return OldTexts::default();
    };
    match given.value.as_str() {
        "amended" => OldTexts::Amended,
        "error" => OldTexts::Error,
        _ => {
            mistakes.add(
                given.at,
                "old_texts 应为 amended（旧文本保留可读）或 error（旧文本关闭）",
                "old_texts must be amended (old texts stay readable) or error (they close)",
            );
            OldTexts::default()
        }
    }
}

fn is_summary(field: &Field) -> bool {
    matches!(field.kind, FieldKind::ShortText { many: None, .. } | FieldKind::LongText { .. })
}

fn is_body(field: &Field) -> bool {
    matches!(field.kind, FieldKind::RichText { .. })
}

fn is_cover(field: &Field) -> bool {
    match &field.kind {
        FieldKind::File { media, many: None } => is_images(media),
        _ => false,
    }
}

fn is_images(media: &[String]) -> bool {
    !media.is_empty() && media.iter().all(|entry| entry.starts_with("image/"))
}

/// Whether the field can fill the page tag.
fn fits(tag: PageTag, field: &Field) -> bool {
    match tag {
        PageTag::ContentSource | PageTag::Keywords | PageTag::Author => {
            matches!(field.kind, FieldKind::ShortText { .. })
        }
        PageTag::Description => is_summary(field),
        PageTag::Image => matches!(&field.kind, FieldKind::File { media, .. } if is_images(media)),
    }
}

/// Checks what is said about fields by their names.
struct Roles<'f> {
    fields: &'f [Field],
    /// No field was lost to a mistake of its own; otherwise a missing one is not reported twice.
    complete: bool,
}

impl Roles<'_> {
    fn field(
        &self,
        key: &str,
        name: &At<FieldName>,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<&Field> {
        let found = self.fields.iter().find(|field| field.name == name.value);
        if found.is_none() && self.complete {
            let field = &name.value;
            mistakes.add(
                name.at,
                format!("{key} 指向不存在的字段 {field}"),
                format!("{key} names a field that is not there: {field}"),
            );
        }
        found
    }

    fn check_title(&self, title: Option<&At<FieldName>>, mistakes: &mut Mistakes<'_>) {
        let Some(title) = title else { return };
        let Some(field) = self.field("title", title, mistakes) else {
            return;
        };
        let single = matches!(field.kind, FieldKind::ShortText { many: None, .. });
        if !single || !field.required {
            mistakes.add(
                title.at,
                "title 应指向必填（required = true）的单值 short_text 字段",
                "title must name a required, single short_text field",
            );
        }
    }

    fn check(
        &self,
        role: &str,
        name: Option<&At<FieldName>>,
        zh: &str,
        en: &str,
        fits: fn(&Field) -> bool,
        mistakes: &mut Mistakes<'_>,
    ) {
        let Some(name) = name else { return };
        if self.field(role, name, mistakes).is_some_and(|field| !fits(field)) {
            mistakes.add(
                name.at,
                format!("{role} 应指向{zh}字段"),
                format!("{role} must name {en} field"),
            );
        }
    }

    fn page_tags(
        &self,
        tags: Table<'_>,
        mistakes: &mut Mistakes<'_>,
    ) -> BTreeMap<PageTag, FieldName> {
        let mut result = BTreeMap::new();
        for (key, text) in tags.remaining_texts(mistakes) {
            let Some(tag) = PageTag::ALL.into_iter().find(|tag| tag.name() == key) else {
                let names = PageTag::ALL.map(PageTag::name);
                mistakes.add(
                    text.at,
                    format!("页面标签 {key} 不能由字段填写；可用：{}", names.join("、")),
                    format!(
                        "the page tag {key} is not filled from fields; there are: {}",
                        names.join(", ")
                    ),
                );
                continue;
            };
            let name = parse_at::<FieldName>(&key, text.at, &text.value, mistakes);
            let Some(name) = name.map(|value| At { at: text.at, value }) else {
                continue;
            };
            if self.field(&key, &name, mistakes).is_some_and(|field| !fits(tag, field)) {
                mistakes.add(
                    name.at,
                    format!("字段 {} 的类型不能用于页面标签 {key}", name.value),
                    format!("the kind of field {} does not suit the page tag {key}", name.value),
                );
            }
            result.insert(tag, name.value);
        }
        result
    }
}

/// Refuses names of the core, and names of the interface with another meaning.
fn check_names(
    fields: &[Field],
    starts: &[usize],
    roles: &[(&str, Option<&At<FieldName>>)],
    mistakes: &mut Mistakes<'_>,
) {
    if fields.len() != starts.len() {
        return;
    }
    for (field, start) in fields.iter().zip(starts) {
        let name = field.name.as_str();
        let of_role = roles.iter().find(|(role, _)| *role == name);
        let (zh, en) = match name {
            _ if is_core_field(name) => (
                format!("字段名 {name} 已为每条信息所有，请换一个名字"),
                format!("every document has {name} already: choose another name"),
            ),
            _ if of_role
                .is_some_and(|(_, holder)| holder.is_none_or(|it| it.value != field.name)) =>
            {
                (
                    format!("名为 {name} 的字段须担任 {name} 角色"),
                    format!("a field named {name} must be the {name}"),
                )
            }
            "validity" if !matches!(field.kind, FieldKind::Choice { many: None, .. }) => (
                "名为 validity 的字段须为单选 choice".to_owned(),
                "a field named validity must be a single choice".to_owned(),
            ),
            "keywords" if !matches!(field.kind, FieldKind::ShortText { many: Some(_), .. }) => (
                "名为 keywords 的字段须为多值 short_text".to_owned(),
                "a field named keywords must be a list of short texts (many = true)".to_owned(),
            ),
            _ => continue,
        };
        mistakes.add(*start, zh, en);
    }
}
