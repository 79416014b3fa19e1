//! What a new definition of a content type means for content that was checked under the old.

use serde::Serialize;

use super::{ContentType, Field, kind_changes};
use crate::{message::Bilingual, names::TypeName};

/// How grave a change is for stored content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Stored content stays as right as it was.
    Harmless,
    /// Stored content stays readable; what no longer fits is asked for at the next publication.
    Tightening,
    /// Stored values would be orphaned or mean something else.
    Breaking,
}

/// One difference between two definitions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeChange {
    /// The type.
    pub content_type: TypeName,
    /// Path of the field, `materials.form`; `None` when it is about the type.
    pub field: Option<String>,
    /// Stable code in snake case.
    pub code: &'static str,
    /// How grave.
    pub severity: Severity,
    /// What changed and what follows.
    pub message: Bilingual,
}

impl TypeChange {
    pub(super) fn removed_type(old: &ContentType) -> Self {
        Self::of_type(
            old,
            "type_removed",
            Severity::Breaking,
            "内容类型被删除，已有内容将无处归属：请恢复其文件",
            "the type was removed and its contents belong nowhere: bring its file back",
        )
    }

    pub(super) fn added_type(new: &ContentType) -> Self {
        Self::of_type(new, "type_added", Severity::Harmless, "新增内容类型", "the type is new")
    }

    fn of_type(
        content_type: &ContentType,
        code: &'static str,
        severity: Severity,
        zh: &str,
        en: &str,
    ) -> Self {
        let content_type = content_type.name.clone();
        Self { content_type, field: None, code, severity, message: Bilingual::new(zh, en) }
    }
}

/// Collects the changes of one type.
pub(super) struct Found<'f> {
    content_type: &'f TypeName,
    changes: &'f mut Vec<TypeChange>,
}

impl Found<'_> {
    pub(super) fn add(
        &mut self,
        field: &str,
        code: &'static str,
        severity: Severity,
        zh: &str,
        en: &str,
    ) {
        self.changes.push(TypeChange {
            content_type: self.content_type.clone(),
            field: Some(field.to_owned()),
            code,
            severity,
            message: Bilingual::new(zh, en),
        });
    }
}

/// Adds to `changes` what differs between two definitions of one type.
pub(super) fn between(old: &ContentType, new: &ContentType, changes: &mut Vec<TypeChange>) {
    let before = changes.len();
    let mut found = Found { content_type: &new.name, changes };
    fields_between("", &old.fields, &new.fields, &mut found);
    if old.title != new.title {
        changes.push(TypeChange::of_type(
            new,
            "title_moved",
            Severity::Breaking,
            "标题改由另一字段担任，已有内容可能没有标题：请保留原字段",
            "another field became the title, which stored contents may not have: keep the old one",
        ));
    }
    let presentation = |of: &ContentType| {
        (
            (of.plural.clone(), of.label.clone(), of.help.clone(), of.schema_org.clone()),
            (of.summary.clone(), of.body.clone(), of.cover.clone(), of.page_tags.clone()),
            (of.path.clone(), of.old_texts),
        )
    };
    if presentation(old) != presentation(new) {
        changes.push(TypeChange::of_type(
            new,
            "presentation",
            Severity::Harmless,
            "标签、角色、页面标签、路径或旧文本的处理有变，对今后生效",
            "label, roles, page tags, path or the fate of old texts changed, from now on",
        ));
    }
    let content_changed = changes[before..].iter().any(|change| {
        change.severity > Severity::Harmless
            || matches!(change.code, "field_added" | "limits_widened")
    });
    if new.version < old.version || (content_changed && new.version == old.version) {
        changes.push(TypeChange::of_type(
            new,
            "version_not_raised",
            Severity::Breaking,
            "字段有变而 version 未增加：版本号须说明内容是按哪个定义核对的，请加 1",
            "fields changed but version did not rise: editions name the definition they were checked under, so add 1",
        ));
    }
}

/// Compares fields that stand beside each other; `prefix` is the path of the group around them.
pub(super) fn fields_between(prefix: &str, old: &[Field], new: &[Field], found: &mut Found<'_>) {
    let find =
        |fields: &[Field], name: &Field| fields.iter().position(|field| field.name == name.name);
    for before in old {
        let path = format!("{prefix}{}", before.name);
        match find(new, before) {
            Some(at) => field_between(&path, before, &new[at], found),
            None => found.add(
                &path,
                "field_removed",
                Severity::Breaking,
                "字段被删除，已有的值将无人认领：请保留并用 deprecated 标记停用",
                "the field was removed and its stored values are orphaned: keep it and mark it deprecated",
            ),
        }
    }
    for after in new.iter().filter(|after| find(old, after).is_none()) {
        let path = format!("{prefix}{}", after.name);
        if after.required {
            found.add(
                &path,
                "required_field_added",
                Severity::Tightening,
                "新增必填字段，已有内容下次发布时须补填",
                "a required field is new: contents need it at their next publication",
            );
        } else {
            found.add(
                &path,
                "field_added",
                Severity::Harmless,
                "新增可选字段",
                "an optional field is new",
            );
        }
    }
}

fn field_between(path: &str, old: &Field, new: &Field, found: &mut Found<'_>) {
    kind_changes::between(path, &old.kind, &new.kind, found);
    if old.localised != new.localised {
        found.add(
            path,
            "localised_changed",
            Severity::Breaking,
            "localised 有变，各语言版本的值将互相矛盾：请另设新字段",
            "localised changed, and the locales' values would contradict each other: add another field",
        );
    }
    if new.required && !old.required {
        found.add(
            path,
            "required",
            Severity::Tightening,
            "改为必填，已有内容下次发布时须补填",
            "became required: contents need it at their next publication",
        );
    }
    if new.unique.is_some() && new.unique != old.unique {
        found.add(
            path,
            "unique",
            Severity::Tightening,
            "要求唯一，重复的值下次发布时会被拒绝",
            "became unique: repeated values are refused at the next publication",
        );
    }
    let index = |of: &Field| (of.filterable, of.sortable, of.searchable);
    if index(old) != index(new) {
        found.add(
            path,
            "index",
            Severity::Harmless,
            "筛选、排序或检索有变，索引将在后台更新",
            "filtering, ordering or search changed: indexes follow in the background",
        );
    }
    let words = |of: &Field| {
        (of.label.clone(), of.help.clone(), of.deprecated.clone(), of.schema_org.clone())
    };
    let relaxed = (old.required && !new.required) || (old.unique.is_some() && new.unique.is_none());
    if words(old) != words(new) || relaxed {
        found.add(
            path,
            "presentation",
            Severity::Harmless,
            "标签、说明或要求有变，已有内容不受影响",
            "label, help or demands changed: stored content is not affected",
        );
    }
}
