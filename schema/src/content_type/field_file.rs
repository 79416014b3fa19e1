//! Reads one `[[field]]` of a type file: what every field has, whatever its kind.

use super::{
    Field, FieldKind, PropertyPath, Unique,
    kind_file::{KINDS, LIMITS, read_kind},
};
use crate::{
    names::FieldName,
    toml_table::{At, Mistakes, Table, required},
};

/// Keys of every field.
pub(super) const COMMON: [&str; 13] = [
    "name",
    "kind",
    "label",
    "help",
    "required",
    "localised",
    "filterable",
    "sortable",
    "searchable",
    "unique",
    "deprecated",
    "schema_org",
    "many",
];

/// Reads a field. `depth` counts the groups around it; `None` when the mistakes leave no field.
pub(super) fn field(
    mut table: Table<'_>,
    depth: usize,
    mistakes: &mut Mistakes<'_>,
) -> Option<Field> {
    let start = table.start();
    let name = required(&mut table, "name", mistakes, Table::parsed::<FieldName>);
    let label = required(&mut table, "label", mistakes, Table::bilingual);
    let help = table.bilingual("help", mistakes);
    let flags = Flags::read(&mut table, depth, mistakes);
    let unique = table.text("unique", mistakes).and_then(|text| scope(&text, mistakes));
    let deprecated = table.bilingual("deprecated", mistakes);
    let schema_org = table.text("schema_org", mistakes);
    let kind = required(&mut table, "kind", mistakes, Table::text);
    let kind_at = kind.as_ref().map_or(start, |kind| kind.at);
    let kind_name = kind.as_ref().map(|kind| kind.value.clone());
    let kind = kind.and_then(|kind| read_kind(&kind, &mut table, depth, mistakes));
    if let Some(kind_name) = kind_name.filter(|name| KINDS.contains(&name.as_str())) {
        for key in LIMITS.into_iter().chain(["many"]) {
            if let Some(at) = table.drop_misplaced(key) {
                mistakes.add(
                    at,
                    format!("{key} 不适用于类型 {kind_name} 的字段，请删除"),
                    format!("{key} means nothing for a field of kind {kind_name}: remove it"),
                );
            }
        }
    }
    let known: Vec<&str> = COMMON.into_iter().chain(LIMITS).collect();
    table.finish(&known, mistakes);

    let kind = kind?;
    flags.check(&kind, kind_at, mistakes);
    if let Some(unique) = &unique {
        check_unique(unique.at, &kind, &flags, depth, mistakes);
    }
    if let (Some(deprecated), true) = (&deprecated, flags.required()) {
        mistakes.add(
            deprecated.at,
            "停用的字段不能同时为必填：删除 required 或 deprecated",
            "a deprecated field cannot be required: remove required or deprecated",
        );
    }
    check_members(start, &kind, schema_org.is_some(), mistakes);
    let schema_org = schema_org.and_then(|text| property(&text, &kind, mistakes));
    Some(Field {
        name: name?.value,
        label: label?.value,
        help: help.map(|help| help.value),
        required: flags.required(),
        localised: flags.localised.as_ref().is_none_or(|flag| flag.value),
        filterable: is_set(&flags.filterable),
        sortable: is_set(&flags.sortable),
        searchable: is_set(&flags.searchable),
        unique: unique.map(|unique| unique.value),
        deprecated: deprecated.map(|reason| reason.value),
        schema_org,
        kind,
    })
}

/// What a field fills on schema.org, if its kind can.
fn property(
    text: &At<String>,
    kind: &FieldKind,
    mistakes: &mut Mistakes<'_>,
) -> Option<PropertyPath> {
    let Ok(path) = text.value.parse::<PropertyPath>() else {
        mistakes.add(
            text.at,
            "schema_org 应为 schema.org 的属性名，如 legislationIdentifier，或经由类型到达的属性，如 provider.GovernmentOrganization.name",
            "schema_org must be a property of schema.org, such as legislationIdentifier, or the way to one through types, such as provider.GovernmentOrganization.name",
        );
        return None;
    };
    let name = kind.name();
    let is_thing = path.ends_in_type();
    let (zh, en) = match kind {
        FieldKind::Json { .. } => (
            format!("类型 {name} 的字段不能填入 schema.org 属性"),
            format!("a {name} field fills no property of schema.org"),
        ),
        FieldKind::Group { .. } if !is_thing => (
            "组的 schema_org 应以各项的类型结尾，如 mainEntity.Question".to_owned(),
            "schema_org of a group must end in the type of its items, such as mainEntity.Question"
                .to_owned(),
        ),
        FieldKind::Group { .. }
        | FieldKind::Place
        | FieldKind::File { .. }
        | FieldKind::Link { .. } => return Some(path),
        _ if is_thing => (
            format!("类型 {name} 的值不是事物，schema_org 应以属性结尾，如 {path}.name"),
            format!("a {name} is no thing: schema_org must end in a property, such as {path}.name"),
        ),
        _ => return Some(path),
    };
    mistakes.add(text.at, zh, en);
    None
}

/// Refuses properties of items that are nothing themselves.
fn check_members(at: usize, kind: &FieldKind, is_named: bool, mistakes: &mut Mistakes<'_>) {
    let FieldKind::Group { fields, .. } = kind else { return };
    if !is_named && fields.iter().any(|field| field.schema_org.is_some()) {
        mistakes.add(
            at,
            "组内字段设有 schema_org，组也须以 schema_org 说明各项是什么，如 mainEntity.Question",
            "fields of the group have schema_org: the group must say with its own what its items are, such as mainEntity.Question",
        );
    }
}

/// A letter that `first` accepts, then letters and digits, at most 40.
pub(super) fn is_identifier(text: &str, first: impl Fn(&char) -> bool) -> bool {
    (1..=40).contains(&text.len())
        && text.chars().next().is_some_and(|letter| first(&letter))
        && text.chars().all(|letter| letter.is_ascii_alphanumeric())
}

fn is_set(flag: &Option<At<bool>>) -> bool {
    flag.as_ref().is_some_and(|flag| flag.value)
}

/// The yes-or-no keys, with their places for what is wrong with them.
struct Flags {
    required: Option<At<bool>>,
    localised: Option<At<bool>>,
    filterable: Option<At<bool>>,
    sortable: Option<At<bool>>,
    searchable: Option<At<bool>>,
}

impl Flags {
    fn read(table: &mut Table<'_>, depth: usize, mistakes: &mut Mistakes<'_>) -> Self {
        let flags = Self {
            required: table.flag("required", mistakes),
            localised: table.flag("localised", mistakes),
            filterable: table.flag("filterable", mistakes),
            sortable: table.flag("sortable", mistakes),
            searchable: table.flag("searchable", mistakes),
        };
        let of_the_whole = [
            ("localised", &flags.localised),
            ("filterable", &flags.filterable),
            ("sortable", &flags.sortable),
        ];
        for (key, flag) in of_the_whole {
            if let (Some(flag), true) = (flag, depth > 0) {
                mistakes.add(
                    flag.at,
                    format!("组内字段不能设置 {key}，只能在组上或组外设置"),
                    format!("{key} has no place inside a group: set it on the group or outside"),
                );
            }
        }
        flags
    }

    fn required(&self) -> bool {
        is_set(&self.required)
    }

    /// Refuses what the kind cannot do.
    fn check(&self, kind: &FieldKind, kind_at: usize, mistakes: &mut Mistakes<'_>) {
        let abilities = [
            ("filterable", &self.filterable, kind.can_filter()),
            ("sortable", &self.sortable, kind.can_sort()),
            ("searchable", &self.searchable, kind.can_search()),
        ];
        for (key, flag, able) in abilities {
            if is_set(flag) && !able {
                let name = kind.name();
                let list = if kind.many().is_some() { ("的列表", " list") } else { ("", "") };
                mistakes.add(
                    flag.as_ref().map_or(kind_at, |flag| flag.at),
                    format!("类型 {name}{} 的字段不能设为 {key}", list.0),
                    format!("a {name}{} field cannot be {key}", list.1),
                );
            }
        }
    }
}

fn scope(text: &At<String>, mistakes: &mut Mistakes<'_>) -> Option<At<Unique>> {
    let value = match text.value.as_str() {
        "site" => Unique::Site,
        "authority" => Unique::Authority,
        _ => {
            mistakes.add(
                text.at,
                "unique 应为 site 或 authority",
                "unique must be site or authority",
            );
            return None;
        }
    };
    Some(At { at: text.at, value })
}

fn check_unique(
    at: usize,
    kind: &FieldKind,
    flags: &Flags,
    depth: usize,
    mistakes: &mut Mistakes<'_>,
) {
    if depth > 0 || !kind.can_be_unique() {
        mistakes.add(
            at,
            "unique 只适用于组外的单值 short_text、integer、document_number 字段",
            "unique is for single short_text, integer and document_number fields outside groups",
        );
    }
    if flags.localised.as_ref().is_none_or(|flag| flag.value) {
        mistakes.add(
            at,
            "unique 的字段须设 localised = false：同一内容的各语言版本共用一个值",
            "a unique field needs localised = false: the translations of one content share its value",
        );
    }
}

/// Reads fields that stand beside each other, and refuses two of one name.
pub(super) fn field_list(
    tables: Vec<Table<'_>>,
    depth: usize,
    mistakes: &mut Mistakes<'_>,
) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::with_capacity(tables.len());
    for table in tables {
        let start = table.start();
        let Some(next) = field(table, depth, mistakes) else {
            continue;
        };
        if fields.iter().any(|other| other.name == next.name) {
            let name = &next.name;
            mistakes.add(
                start,
                format!("字段名 {name} 重复"),
                format!("there are two fields named {name}"),
            );
        }
        fields.push(next);
    }
    fields
}
