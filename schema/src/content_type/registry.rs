//! All content types of a hub, and the rules between them.

use std::collections::BTreeMap;

use super::{
    Choice, ContentType, EMBEDDED_FILES, FieldKind, Severity, TypeChange, changes,
    reserved::{
        ROLES, ROOT_FIELDS, graphql_type_names, is_core_field, is_core_type, shared_choices,
    },
    type_file::{self, TypeFile},
};
use crate::{
    message::Bilingual,
    names::{FieldName, TypeName},
    suggest::nearest,
    toml_table::FileMistake,
};

/// The content types in force, by name.
#[derive(Clone, Debug, Default)]
pub struct TypeRegistry {
    types: BTreeMap<TypeName, ContentType>,
    reverse: BTreeMap<TypeName, Vec<ReverseLink>>,
}

/// What a type shows of the contents that link to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseLink {
    /// Its name on the type linked to.
    pub name: FieldName,
    /// What people read there.
    pub label: Bilingual,
    /// The type that links.
    pub source: TypeName,
    /// The link field of that type.
    pub field: FieldName,
    /// Whether a content of this type should have one.
    pub expected: bool,
    /// Whether a release set publishes a content of this type only together with one.
    pub together: bool,
}

impl TypeRegistry {
    /// The types that come with Gongbao.
    ///
    /// # Panics
    /// Never in a build whose tests pass: the files are part of the program.
    pub fn embedded() -> Self {
        let files = EMBEDDED_FILES.iter().map(|(file, text)| (file.to_string(), text.to_string()));
        match Self::load(files) {
            Ok(registry) => registry,
            Err(errors) => panic!("the embedded content types do not load: {errors:?}"),
        }
    }

    /// Types from files, given as name and text; the names only appear in errors.
    ///
    /// # Errors
    /// Every mistake in every file, ordered by file and line; rules between types are looked at
    /// when each file is right by itself.
    pub fn load(
        files: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<FileMistake>> {
        let mut read = Vec::new();
        let mut errors = Vec::new();
        for (file, text) in files {
            match type_file::read(&file, &text) {
                Ok(one) => read.push(one),
                Err(mistakes) => errors.extend(mistakes),
            }
        }
        if errors.is_empty() {
            errors = Together::new(&read).check();
        }
        if errors.is_empty() {
            return Ok(Self::from_definitions(read.into_iter().map(|file| file.content_type)));
        }
        errors.sort_by(|left, right| (&left.file, left.line).cmp(&(&right.file, right.line)));
        Err(errors)
    }

    /// Types from definitions that were in force once, as the store keeps them. No rule is
    /// checked again.
    pub fn from_definitions(types: impl IntoIterator<Item = ContentType>) -> Self {
        let types: BTreeMap<TypeName, ContentType> = types
            .into_iter()
            .map(|content_type| (content_type.name.clone(), content_type))
            .collect();
        let mut reverse: BTreeMap<TypeName, Vec<ReverseLink>> = BTreeMap::new();
        for (target, link) in types.values().flat_map(|source| reverse_of(source, &types)) {
            reverse.entry(target).or_default().push(link);
        }
        Self { types, reverse }
    }

    /// The type of this name.
    pub fn get(&self, name: &TypeName) -> Option<&ContentType> {
        self.types.get(name)
    }

    /// All types, in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &ContentType> {
        self.types.values()
    }

    /// What contents of this type show of those that link to them, in the order of the linking
    /// types' names.
    pub fn reverse_links(&self, name: &TypeName) -> &[ReverseLink] {
        self.reverse.get(name).map_or(&[], Vec::as_slice)
    }

    /// What changed since `old` was in force, the gravest first.
    pub fn changes_from(&self, old: &Self) -> Vec<TypeChange> {
        let mut found = Vec::new();
        for before in old.iter() {
            match self.get(&before.name) {
                Some(after) => changes::between(before, after, &mut found),
                None => found.push(TypeChange::removed_type(before)),
            }
        }
        for after in self.iter().filter(|after| old.get(&after.name).is_none()) {
            found.push(TypeChange::added_type(after));
        }
        found.sort_by_key(|change| std::cmp::Reverse(change.severity));
        found
    }

    /// Whether nothing that changed since `old` would orphan or invalidate stored content.
    pub fn keeps(&self, old: &Self) -> bool {
        self.changes_from(old).iter().all(|change| change.severity < Severity::Breaking)
    }
}

/// The reverse links of one type's fields, with the type each of them appears on.
fn reverse_of<'t>(
    source: &'t ContentType,
    types: &'t BTreeMap<TypeName, ContentType>,
) -> impl Iterator<Item = (TypeName, ReverseLink)> + 't {
    source.fields.iter().flat_map(move |field| {
        let FieldKind::Link { to, reverse: Some(reverse), .. } = &field.kind else {
            return Vec::new();
        };
        let targets: Vec<&TypeName> =
            if to.is_empty() { types.keys().collect() } else { to.iter().collect() };
        let link = ReverseLink {
            name: reverse.name.clone(),
            label: reverse.label.clone(),
            source: source.name.clone(),
            field: field.name.clone(),
            expected: reverse.expected,
            together: reverse.together,
        };
        targets.into_iter().map(|target| (target.clone(), link.clone())).collect()
    })
}

/// The rules between types.
struct Together<'f> {
    files: &'f [TypeFile],
    errors: Vec<FileMistake>,
}

impl<'f> Together<'f> {
    fn new(files: &'f [TypeFile]) -> Self {
        Self { files, errors: Vec::new() }
    }

    fn check(mut self) -> Vec<FileMistake> {
        self.names_are_distinct();
        self.link_targets_exist();
        if self.errors.is_empty() {
            self.reverse_names_are_free();
        }
        self.errors
    }

    fn add(&mut self, file: &TypeFile, line: usize, zh: String, en: String) {
        let file = file.file.clone();
        self.errors.push(FileMistake { file, line, reason: Bilingual::new(zh, en) });
    }

    fn names_are_distinct(&mut self) {
        let mut types: BTreeMap<&TypeName, &str> = BTreeMap::new();
        // With the choices that other types may have under the same name.
        let mut graphql: BTreeMap<String, (&TypeName, Option<&[Choice]>)> = BTreeMap::new();
        let mut roots: BTreeMap<&str, &TypeName> = BTreeMap::new();
        for file in self.files {
            let content_type = &file.content_type;
            let name = &content_type.name;
            if let Some(other) = types.insert(name, &file.file) {
                self.add(
                    file,
                    file.name_line,
                    format!("内容类型 {name} 已在 {other} 中定义"),
                    format!("the type {name} is already defined in {other}"),
                );
                continue;
            }
            let mut shared = Vec::new();
            shared_choices(&content_type.fields, &mut shared);
            for graphql_name in graphql_type_names(content_type) {
                let choices = shared.iter().find(|(shared, _)| {
                    graphql_name.strip_suffix("Filter").unwrap_or(&graphql_name) == *shared
                });
                let choices = choices.map(|(_, choices)| *choices);
                let taken = match graphql.get(&graphql_name) {
                    Some((_, known)) if choices.is_some() && *known == choices => continue,
                    Some((other, Some(_))) if choices.is_some() => {
                        self.choices_differ(file, &graphql_name, other);
                        continue;
                    }
                    Some((other, _)) => other.to_string(),
                    None if is_core_type(&graphql_name) => "core".to_owned(),
                    None => {
                        graphql.insert(graphql_name, (name, choices));
                        continue;
                    }
                };
                self.add(
                    file,
                    file.name_line,
                    format!("GraphQL 类型名 {graphql_name} 已被占用（{taken}）：请换一个名字"),
                    format!("the GraphQL type name {graphql_name} is taken ({taken}): choose another name"),
                );
            }
            // Both are fields of the query root: one document, and the list.
            let plural = &content_type.plural;
            let named = ["类型名", "请换一个名字", "the type name", "choose another name"];
            let listed =
                ["列表名", "请用 plural 另取一个", "the list name", "choose another with plural"];
            for (root, [zh, zh_advice, en, advice]) in
                [(name.as_str(), named), (plural.as_str(), listed)]
            {
                let taken = roots.insert(root, name).map(ToString::to_string);
                let taken =
                    taken.or_else(|| ROOT_FIELDS.contains(&root).then(|| "core".to_owned()));
                if let Some(taken) = taken {
                    self.add(
                        file,
                        file.name_line,
                        format!("{zh} {root} 已被占用（{taken}）：{zh_advice}"),
                        format!("{en} {root} is taken ({taken}): {advice}"),
                    );
                }
            }
        }
    }

    fn choices_differ(&mut self, file: &TypeFile, name: &str, other: &TypeName) {
        if name.ends_with("Filter") {
            return;
        }
        self.add(
            file,
            file.name_line,
            format!("choices_name {name} 的选项与 {other} 中的不同：同名的须完全相同"),
            format!(
                "the choices {name} are not those of {other}: under one name they must be the same"
            ),
        );
    }

    fn link_targets_exist(&mut self) {
        let known: Vec<&str> =
            self.files.iter().map(|file| file.content_type.name.as_str()).collect();
        for file in self.files {
            for (field, line) in file.content_type.fields.iter().zip(&file.field_lines) {
                let FieldKind::Link { to, .. } = &field.kind else {
                    continue;
                };
                for target in to.iter().filter(|target| !known.contains(&target.as_str())) {
                    let name = &field.name;
                    let (zh, en) = match nearest(target.as_str(), known.iter().copied()) {
                        Some(near) => {
                            (format!("，是否想写 {near}？"), format!("; did you mean {near}?"))
                        }
                        None => Default::default(),
                    };
                    self.add(
                        file,
                        *line,
                        format!("字段 {name} 链接到不存在的内容类型 {target}{zh}"),
                        format!("field {name} links to a type that is not there: {target}{en}"),
                    );
                }
            }
        }
    }

    fn reverse_names_are_free(&mut self) {
        let types: BTreeMap<TypeName, ContentType> = self
            .files
            .iter()
            .map(|file| (file.content_type.name.clone(), file.content_type.clone()))
            .collect();
        let mut taken: BTreeMap<(TypeName, FieldName), String> = BTreeMap::new();
        for file in self.files {
            for (target, link) in reverse_of(&file.content_type, &types) {
                let ReverseLink { name, source, field, .. } = link;
                let own = types.get(&target).and_then(|target| target.field(name.as_str()));
                let interface = ROLES.contains(&name.as_str());
                let holder = if is_core_field(name.as_str()) || interface {
                    Some("core".to_owned())
                } else if own.is_some() {
                    Some(format!("{target}.{name}"))
                } else {
                    taken.insert((target.clone(), name.clone()), format!("{source}.{field}"))
                };
                let Some(holder) = holder else { continue };
                let position =
                    file.content_type.fields.iter().position(|other| other.name == field);
                let line = position.map_or(file.name_line, |at| file.field_lines[at]);
                self.add(
                    file,
                    line,
                    format!("字段 {field} 的 reverse 名 {name} 在 {target} 上已被占用（{holder}）"),
                    format!(
                        "field {field}: the reverse name {name} is taken on {target} ({holder})"
                    ),
                );
            }
        }
    }
}
