//! Reads a mapping file and holds it against the type it maps to: every mistake at once.

use schema::{
    content_type::{ContentType, Field, FieldKind, OldTexts},
    edition::Importance,
    mending::Step,
    names::FieldName,
};
use serde::Deserialize as _;
use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Body, BodyFormat, DocumentPart, Expression, Mapping, MappingError, PublicationPart, Source,
    compiled,
    expression::template,
    table::{At, Mistakes, Table},
};

/// How deep `first` may lie in `first`.
const DEPTH: usize = 4;

/// Reads the mapping in `text` for records that become documents of `content_type`;
/// `publishes` when they are to be published, so that what is required must be mapped.
///
/// # Errors
/// Every mistake, in the order of the lines.
pub fn read(
    file: &str,
    text: &str,
    content_type: &ContentType,
    publishes: bool,
) -> Result<Mapping, Vec<MappingError>> {
    let mut mistakes = Mistakes { file, text, found: Vec::new() };
    let table = match DeTable::parse(text) {
        Ok(table) => Table::of(0, table.into_inner()),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let message = error.message();
            mistakes.add(
                at,
                format!("TOML 语法错误：{message}"),
                format!("not valid TOML: {message}"),
            );
            return Err(mistakes.found);
        }
    };
    let mapping = mapping(table, content_type, publishes, &mut mistakes);
    match mapping {
        Some(mapping) if mistakes.found.is_empty() => Ok(mapping),
        _ => {
            mistakes.found.sort_by_key(|mistake| mistake.line);
            Err(mistakes.found)
        }
    }
}

fn mapping(
    mut table: Table<'_>,
    content_type: &ContentType,
    publishes: bool,
    mistakes: &mut Mistakes<'_>,
) -> Option<Mapping> {
    let source = match table.text("source", mistakes) {
        Some(At { value, .. }) if (1..=100).contains(&value.chars().count()) => Some(value),
        found => {
            mistakes.add(
                found.map_or(0, |found| found.at),
                "请用 source 写明这批记录的名称（1 至 100 字），它是记录标识的一部分，以后不要改",
                "say in source what this collection is called (1 to 100 characters): it is part of every record's identity and never changes",
            );
            None
        }
    };
    let mut identity = table.table("identity", mistakes);
    let key = expression(&mut identity, "key", mistakes);
    let version = expression(&mut identity, "version", mistakes);
    if key.is_none() {
        mistakes.add(
            identity.at,
            "请在 [identity] 中用 key 写明记录的标识取自何处",
            "say in [identity] with key what names a record",
        );
    }
    identity.finish("key, version", mistakes);
    let fields = fields(table.table("fields", mistakes), content_type, mistakes);
    let body = body(table.table("body", mistakes), mistakes);
    if publishes {
        check_required(content_type, &fields, mistakes);
    }
    let document = document(table.table("document", mistakes), mistakes);
    let publication = publication(table.table("publication", mistakes), mistakes);
    let mut folder = table.table("folder", mistakes);
    let index = folder.text("index", mistakes).map(|index| index.value);
    folder.finish("index", mistakes);
    table.finish("source, identity, fields, body, document, publication, folder", mistakes);
    Some(Mapping {
        source: source?,
        key: key?,
        version,
        fields,
        body,
        document,
        publication,
        index,
    })
}

fn fields(
    mut table: Table<'_>,
    content_type: &ContentType,
    mistakes: &mut Mistakes<'_>,
) -> Vec<(FieldName, Expression)> {
    let mut fields = Vec::new();
    for name in table.names() {
        let Some(found) = table.take(&name) else { continue };
        let at = found.at;
        let Some(field) = content_type.field(&name) else {
            let known: Vec<&str> =
                content_type.fields.iter().map(|field| field.name.as_str()).collect();
            mistakes.add(
                at,
                format!("类型 {} 没有字段 {name}，可用：{}", content_type.name, known.join("、")),
                format!("{} has no field {name}; it has: {}", content_type.name, known.join(", ")),
            );
            continue;
        };
        if content_type.body.as_ref() == Some(&field.name) {
            mistakes.add(
                at,
                format!("{name} 是正文，请写在 [body] 中"),
                format!("{name} is the main text: map it in [body]"),
            );
            continue;
        }
        if let Some(value) = value(found, &name, 0, mistakes) {
            check_choices(field, &value, at, mistakes);
            fields.push((field.name.clone(), value));
        }
    }
    fields
}

/// What a map or a constant gives must be among the choices of the field.
fn check_choices(field: &Field, value: &Expression, at: usize, mistakes: &mut Mistakes<'_>) {
    let FieldKind::Choice { choices, .. } = &field.kind else { return };
    let constant = match &value.source {
        Source::Constant(constant) if value.map.is_none() => Some(constant),
        Source::First(expressions) => {
            for inner in expressions {
                check_choices(field, inner, at, mistakes);
            }
            None
        }
        _ => None,
    };
    let mapped = value.map.iter().flat_map(|map| map.values());
    let given = mapped.chain(&value.otherwise).chain(constant);
    for text in given.filter_map(Value::as_str) {
        if !choices.iter().any(|choice| choice.value == text) {
            let known: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
            mistakes.add(
                at,
                format!("{} 没有选项 {text}，可用：{}", field.name, known.join("、")),
                format!("{} has no choice {text}; it has: {}", field.name, known.join(", ")),
            );
        }
    }
}

fn check_required(
    content_type: &ContentType,
    fields: &[(FieldName, Expression)],
    mistakes: &mut Mistakes<'_>,
) {
    let is_mapped = |field: &Field| fields.iter().any(|(name, _)| *name == field.name);
    let is_body = |field: &Field| content_type.body.as_ref() == Some(&field.name);
    let missing = content_type
        .fields
        .iter()
        .filter(|field| field.required && !is_body(field) && !is_mapped(field));
    for field in missing {
        mistakes.add(
            0,
            format!(
                "发布时必填的字段 {}（{}）没有映射，请在 [fields] 中写明",
                field.name, field.label.zh
            ),
            format!(
                "{} ({}) is required for publication and is not mapped: map it in [fields]",
                field.name, field.label.en
            ),
        );
    }
}

fn body(mut table: Table<'_>, mistakes: &mut Mistakes<'_>) -> Body {
    let text = expression(&mut table, "path", mistakes);
    let steps = steps(&mut table, mistakes);
    let format = table.text("format", mistakes).and_then(|At { at, value }| {
        let format = match value.as_str() {
            "markdown" => BodyFormat::Markdown,
            "html" => BodyFormat::Html,
            "text" => BodyFormat::Text,
            "mended" => BodyFormat::Mended,
            _ => {
                mistakes.add(
                    at,
                    "format 应为 markdown、html、text 或 mended",
                    "format is markdown, html, text or mended",
                );
                return None;
            }
        };
        if (format == BodyFormat::Mended) == steps.is_empty() {
            mistakes.add(
                at,
                "steps 与 format = \"mended\" 须一并使用",
                "steps and format = \"mended\" go together",
            );
        }
        Some(format)
    });
    let format = format.or_else(|| (!steps.is_empty()).then_some(BodyFormat::Mended));
    table.finish("path, format, steps", mistakes);
    let text = text.or_else(|| Expression::at("body"));
    let nothing = Expression::plain(Source::First(Vec::new()));
    Body { text: text.unwrap_or(nothing), format, steps }
}

fn steps(table: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Vec<Step> {
    let Some(At { at, value }) = table.take("steps") else { return Vec::new() };
    let DeValue::Array(items) = value.into_inner() else {
        mistakes.add(at, "steps 应为列表", "steps must be a list");
        return Vec::new();
    };
    let mut steps = Vec::new();
    for item in items {
        let at = item.span().start;
        match Step::deserialize(toml::de::ValueDeserializer::from(item)) {
            Ok(step) => steps.push(step),
            Err(error) => {
                let message = error.message().to_owned();
                mistakes.add(
                    at,
                    format!("不认识的修复步骤：{message}"),
                    format!("not a step of mending: {message}"),
                );
            }
        }
    }
    steps
}

fn document(mut table: Table<'_>, mistakes: &mut Mistakes<'_>) -> DocumentPart {
    let part = DocumentPart {
        locale: expression(&mut table, "locale", mistakes),
        path: expression(&mut table, "path", mistakes),
        slug: expression(&mut table, "slug", mistakes),
        column: expression(&mut table, "column", mistakes),
        source_name: expression(&mut table, "source_name", mistakes),
        source_url: expression(&mut table, "source_url", mistakes),
    };
    table.finish("locale, path, slug, column, source_name, source_url", mistakes);
    part
}

fn publication(mut table: Table<'_>, mistakes: &mut Mistakes<'_>) -> PublicationPart {
    let mut part = PublicationPart {
        original_date: expression(&mut table, "original_date", mistakes),
        ..PublicationPart::default()
    };
    if let Some(At { at, value }) = table.text("old_text", mistakes) {
        match value.as_str() {
            "amended" => part.old_text = Some(OldTexts::Amended),
            "error" => part.old_text = Some(OldTexts::Error),
            _ => mistakes.add(
                at,
                "old_text 应为 amended（旧文本仍可查阅）或 error（旧文本关闭）",
                "old_text is amended (the old text stays readable) or error (it closes)",
            ),
        }
    }
    if let Some(At { at, value }) = table.text("importance", mistakes) {
        match value.as_str() {
            "major" => part.importance = Importance::Major,
            "minor" => part.importance = Importance::Minor,
            _ => mistakes.add(at, "importance 应为 major 或 minor", "importance is major or minor"),
        }
    }
    let mut note = table.table("change_note", mistakes);
    let at = note.at;
    match (expression(&mut note, "zh", mistakes), expression(&mut note, "en", mistakes)) {
        (Some(zh), Some(en)) => part.change_note = Some((zh, en)),
        (None, None) => {}
        _ => mistakes.add(
            at,
            "change_note 须有中文（zh）和英文（en）",
            "change_note is given in Chinese (zh) and English (en)",
        ),
    }
    note.finish("zh, en", mistakes);
    table.finish("original_date, old_text, importance, change_note", mistakes);
    part
}

fn expression(table: &mut Table<'_>, key: &str, mistakes: &mut Mistakes<'_>) -> Option<Expression> {
    let found = table.take(key)?;
    value(found, key, 0, mistakes)
}

fn value(
    found: At<Spanned<DeValue<'_>>>,
    name: &str,
    depth: usize,
    mistakes: &mut Mistakes<'_>,
) -> Option<Expression> {
    let At { at, value } = found;
    match value.into_inner() {
        DeValue::String(text) => place_or_template(&text, at, mistakes).map(Expression::plain),
        DeValue::Table(table) if depth < DEPTH => shaped(Table::of(at, table), depth, mistakes),
        _ => {
            mistakes.add(
                at,
                format!("{name} 应为记录中的位置、模板，或含 path、template、constant、first 之一的表"),
                format!("{name} must be a place in the record, a template, or a table with one of path, template, constant, first"),
            );
            None
        }
    }
}

fn place_or_template(text: &str, at: usize, mistakes: &mut Mistakes<'_>) -> Option<Source> {
    let source = if text.contains(['{', '}']) {
        template(text).map(Source::Template)
    } else {
        text.parse().ok().map(Source::Path)
    };
    if source.is_none() {
        mistakes.add(
            at,
            format!("“{text}”不是记录中的位置（如 history[0].date），也不是模板（如 {{title}}（{{version}}））"),
            format!("{text:?} is neither a place in a record (history[0].date) nor a template ({{title}} ({{version}}))"),
        );
    }
    source
}

fn shaped(mut table: Table<'_>, depth: usize, mistakes: &mut Mistakes<'_>) -> Option<Expression> {
    let at = table.at;
    let mut sources = Vec::new();
    for key in ["path", "template"] {
        if let Some(At { at, value }) = table.text(key, mistakes) {
            sources.extend(place_or_template(&value, at, mistakes));
        }
    }
    sources.extend(table.json("constant", mistakes).map(Source::Constant));
    if let Some(At { at, value: found }) = table.take("first") {
        match found.into_inner() {
            DeValue::Array(items) => {
                let items = items
                    .into_iter()
                    .filter_map(|item| value(At { at, value: item }, "first", depth + 1, mistakes));
                sources.push(Source::First(items.collect()));
            }
            _ => mistakes.add(at, "first 应为列表", "first must be a list"),
        }
    }
    let capture = table.text("capture", mistakes).and_then(|At { at, value }| {
        let regex = compiled(&value).filter(|regex| regex.captures_len() == 2);
        if regex.is_none() {
            mistakes.add(
                at,
                "capture 应为正则表达式，且恰有一个捕获组",
                "capture must be a regular expression with exactly one group",
            );
        }
        regex
    });
    let split = table.texts("split", mistakes);
    let map = table.values("map", mistakes);
    let otherwise = table.json("otherwise", mistakes);
    let date = table.texts("date", mistakes);
    if otherwise.is_some() && map.is_none() {
        mistakes.add(at, "otherwise 须与 map 一并使用", "otherwise goes with map");
    }
    for format in &date {
        // A format that cannot even write a date will never read one.
        if jiff::fmt::strtime::format(format, jiff::civil::date(2024, 2, 29)).is_err() {
            mistakes.add(
                at,
                format!("日期格式“{format}”无效，应写作 %Y年%m月%d日 之类"),
                format!("{format:?} is not a date format such as %Y-%m-%d"),
            );
        }
    }
    table.finish("path, template, constant, first, capture, split, map, otherwise, date", mistakes);
    if sources.len() != 1 {
        mistakes.add(
            at,
            "须有且只有 path、template、constant、first 之一",
            "give exactly one of path, template, constant, first",
        );
        return None;
    }
    let source = sources.pop()?;
    Some(Expression { source, capture, split, map: map.map(|map| map.value), otherwise, date })
}
