//! Reads a file of deadline rules.

use super::{Basis, Beginning, DeadlineRule, FileMistake, Span, Sureness};
use crate::{
    names::DeadlineKey,
    toml_table::{Mistakes, Table, required},
};

const KEYS: [&str; 10] =
    ["key", "name", "from", "within", "soon_percent", "preset", "source", "sureness", "of", "by"];

/// Reads `[[rule]]` after `[[rule]]`.
///
/// # Errors
/// Every mistake.
pub(super) fn read(name: &str, text: &str) -> Result<Vec<DeadlineRule>, Vec<FileMistake>> {
    let mut mistakes = Mistakes::new(name, text);
    let mut rules = Vec::new();
    if let Some(mut table) = Table::parse(text, &mut mistakes) {
        let tables = required(&mut table, "rule", &mut mistakes, Table::tables);
        table.finish(&["rule"], &mut mistakes);
        for table in tables.map(|tables| tables.value).unwrap_or_default() {
            let start = table.start();
            let Some(rule) = rule(table, &mut mistakes) else { continue };
            if rules.iter().any(|other: &DeadlineRule| other.key == rule.key) {
                let key = &rule.key;
                mistakes.add(
                    start,
                    format!("规则 {key} 出现了不止一次"),
                    format!("the rule {key} stands there more than once"),
                );
            }
            rules.push(rule);
        }
    }
    match mistakes.is_empty() {
        true => Ok(rules),
        false => Err(mistakes.into_errors()),
    }
}

fn rule(mut table: Table<'_>, mistakes: &mut Mistakes<'_>) -> Option<DeadlineRule> {
    let key = required(&mut table, "key", mistakes, Table::parsed::<DeadlineKey>);
    let name = required(&mut table, "name", mistakes, Table::bilingual);
    let from = required(&mut table, "from", mistakes, |table, key, mistakes| {
        table.word(key, mistakes, &Beginning::ALL, Beginning::as_str)
    });
    let within = required(&mut table, "within", mistakes, |table, key, mistakes| {
        table.read(key, mistakes, |text| text.parse::<Span>().map_err(|bad| bad.message()))
    });
    let soon = required(&mut table, "soon_percent", mistakes, Table::number::<u8>);
    if let Some(soon) = soon.as_ref().filter(|soon| soon.value > 99) {
        let (zh, en) = ("soon_percent 为 0 至 99", "soon_percent is 0 to 99");
        mistakes.add(soon.at, zh, en);
    }
    let preset = table.bilingual("preset", mistakes);
    let source = required(&mut table, "source", mistakes, Table::text);
    if let Some(source) = source.as_ref().filter(|source| source.value.trim().is_empty()) {
        mistakes.add(
            source.at,
            "source 应写明所依据的文件",
            "source names the document that says so",
        );
    }
    let sureness = required(&mut table, "sureness", mistakes, |table, key, mistakes| {
        table.word(key, mistakes, &Sureness::ALL, Sureness::as_str)
    });
    let start = table.start();
    let mut of = Vec::new();
    if let Some(names) = table.texts("of", mistakes) {
        for name in &names.value {
            match name.parse::<Basis>() {
                Ok(basis) => of.push(basis),
                Err(_) => mistakes.add(
                    names.at,
                    format!("of 应写作 类型.字段 或 类型：{name}"),
                    format!("of is type.field, or a type: {name}"),
                ),
            }
        }
    }
    let by = table.parsed::<Basis>("by", mistakes);
    if let Some(by) = by.as_ref().filter(|by| by.value.field.is_none()) {
        mistakes.add(
            by.at,
            "by 应写作 类型.链接字段",
            "by is the link field of a type: type.field",
        );
    }
    // Without a moment of its own a content begins to run when it is published, and is then not
    // done by its publication.
    if by.is_none() && of.iter().any(|basis| basis.field.is_none()) {
        mistakes.add(
            start,
            "of 只写类型时，须用 by 写明由何种链接完成",
            "where of names a type alone, by says which link does what is due",
        );
    }
    table.finish(&KEYS, mistakes);
    Some(DeadlineRule {
        of,
        by: by.map(|by| by.value),
        key: key?.value,
        name: name?.value,
        from: from?.value,
        within: within?.value,
        soon_percent: soon?.value,
        preset: preset.map(|preset| preset.value),
        source: source?.value,
        sureness: sureness?.value,
    })
}
