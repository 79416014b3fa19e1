//! What a change of a field's kind or limits means for stored values.

use super::{
    Choice, FieldKind, Many, Reverse, Severity,
    changes::{Found, fields_between},
};
use crate::names::TypeName;

/// How new limits stand to old ones.
#[derive(Clone, Copy, Default)]
struct Limits {
    narrower: bool,
    wider: bool,
}

impl Limits {
    /// A lower limit; `None` is none.
    fn floor<T: PartialOrd>(self, old: Option<T>, new: Option<T>) -> Self {
        match (old, new) {
            (Some(old), Some(new)) => self.noting(new > old, new < old),
            (old, new) => {
                self.noting(old.is_none() && new.is_some(), old.is_some() && new.is_none())
            }
        }
    }

    /// An upper limit; `None` is none.
    fn ceiling<T: PartialOrd>(self, old: Option<T>, new: Option<T>) -> Self {
        match (old, new) {
            (Some(old), Some(new)) => self.noting(new < old, new > old),
            (old, new) => {
                self.noting(old.is_none() && new.is_some(), old.is_some() && new.is_none())
            }
        }
    }

    /// A list of what is allowed, empty for anything.
    fn allowed<T: PartialEq>(self, old: &[T], new: &[T]) -> Self {
        let lost = old.iter().any(|entry| !new.contains(entry));
        let gained = new.iter().any(|entry| !old.contains(entry));
        match (old.is_empty(), new.is_empty()) {
            (true, true) => self,
            (true, false) => self.noting(true, false),
            (false, true) => self.noting(false, true),
            (false, false) => self.noting(lost, gained),
        }
    }

    fn items(self, old: Option<Many>, new: Option<Many>) -> Self {
        self.floor(old.map(|many| many.min_items), new.map(|many| many.min_items))
            .ceiling(old.map(|many| many.max_items), new.map(|many| many.max_items))
    }

    fn noting(self, narrower: bool, wider: bool) -> Self {
        Self { narrower: self.narrower || narrower, wider: self.wider || wider }
    }
}

/// Adds what differs between two kinds of the field at `path`.
pub(super) fn between(path: &str, old: &FieldKind, new: &FieldKind, found: &mut Found<'_>) {
    if old.name() != new.name() {
        found.add(
            path,
            "kind_changed",
            Severity::Breaking,
            "字段类型有变，已有的值不再合乎类型：请另设新字段，旧字段标记停用",
            "the kind changed and stored values no longer fit: add another field and deprecate this one",
        );
        return;
    }
    if old.many().is_some() != new.many().is_some() {
        found.add(
            path,
            "many_changed",
            Severity::Breaking,
            "单值与列表互换，已有的值不再合乎类型：请另设新字段",
            "one value became a list or a list one value, and stored values no longer fit: add another field",
        );
        return;
    }
    let limits = limits_between(path, old, new, found).items(old.many(), new.many());
    if limits.narrower {
        found.add(
            path,
            "limits_narrowed",
            Severity::Tightening,
            "限制收紧，不合的内容下次发布时须修改",
            "limits became narrower: contents beyond them must change at their next publication",
        );
    } else if limits.wider {
        found.add(path, "limits_widened", Severity::Harmless, "限制放宽", "limits became wider");
    }
}

fn limits_between(path: &str, old: &FieldKind, new: &FieldKind, found: &mut Found<'_>) -> Limits {
    use FieldKind as Kind;
    let limits = Limits::default();
    match (old, new) {
        (
            Kind::ShortText {
                min_length: old_min, max_length: old_max, pattern: old_pattern, ..
            },
            Kind::ShortText { min_length, max_length, pattern, .. },
        ) => limits
            .floor(Some(old_min), Some(min_length))
            .ceiling(Some(old_max), Some(max_length))
            .noting(
                pattern.is_some() && pattern != old_pattern,
                pattern.is_none() && old_pattern.is_some(),
            ),
        (
            Kind::LongText { min_length: old_min, max_length: old_max },
            Kind::LongText { min_length, max_length },
        ) => limits.floor(Some(old_min), Some(min_length)).ceiling(Some(old_max), Some(max_length)),
        (Kind::RichText { max_length: old }, Kind::RichText { max_length: new })
        | (Kind::Json { max_length: old }, Kind::Json { max_length: new }) => {
            limits.ceiling(Some(old), Some(new))
        }
        (
            Kind::Integer { minimum: old_min, maximum: old_max },
            Kind::Integer { minimum, maximum },
        ) => limits.floor(*old_min, *minimum).ceiling(*old_max, *maximum),
        (
            Kind::Decimal { scale: old_scale, minimum: old_min, maximum: old_max },
            Kind::Decimal { scale, minimum, maximum },
        ) => limits
            .ceiling(Some(old_scale), Some(scale))
            .floor(old_min.as_ref(), minimum.as_ref())
            .ceiling(old_max.as_ref(), maximum.as_ref()),
        (Kind::Date { minimum: old_min, maximum: old_max }, Kind::Date { minimum, maximum }) => {
            limits.floor(*old_min, *minimum).ceiling(*old_max, *maximum)
        }
        (
            Kind::Choice { choices: old, name: old_name, .. },
            Kind::Choice { choices: new, name, .. },
        ) => {
            if old_name != name {
                found.add(
                    path,
                    "choices_name_changed",
                    Severity::Harmless,
                    "选项在内容接口中的名字有变：内容接口的使用者须随之修改查询",
                    "the choices have another name in the content API: its users must change their queries",
                );
            }
            choices_between(path, old, new, found);
            limits
        }
        (Kind::Link { to: old_to, reverse: old_reverse, .. }, Kind::Link { to, reverse, .. }) => {
            let shown = |reverse: &Option<Reverse>| {
                reverse.as_ref().map(|reverse| (reverse.name.clone(), reverse.label.clone()))
            };
            let expects = |reverse: &Option<Reverse>| {
                reverse.as_ref().is_some_and(|reverse| reverse.expected)
            };
            if expects(old_reverse) != expects(reverse) {
                found.add(
                    path,
                    "reverse_expectation_changed",
                    Severity::Harmless,
                    "被链接的内容是否应有此反向链接有变：内容检查的结果随之改变",
                    "whether what is linked to should have this reverse link changed: checks of contents find more or less",
                );
            }
            let goes_together = |reverse: &Option<Reverse>| {
                reverse.as_ref().is_some_and(|reverse| reverse.together)
            };
            if goes_together(old_reverse) != goes_together(reverse) {
                found.add(
                    path,
                    "reverse_together_changed",
                    Severity::Harmless,
                    "被链接的内容是否须与之同步发布有变：同步发布的要求随之改变",
                    "whether what is linked to is published together with this changed: release sets ask for it or no longer do",
                );
            }
            if shown(old_reverse) != shown(reverse) {
                found.add(
                    path,
                    "reverse_changed",
                    Severity::Harmless,
                    "反向链接的名字有变：内容接口的使用者须随之修改查询",
                    "the reverse link changed: users of the content API must change their queries",
                );
            }
            limits.allowed::<TypeName>(old_to, to)
        }
        (Kind::File { media: old, .. }, Kind::File { media: new, .. }) => limits.allowed(old, new),
        (Kind::Group { fields: old_fields, items: old_items }, Kind::Group { fields, items }) => {
            fields_between(&format!("{path}."), old_fields, fields, found);
            limits.items(Some(*old_items), Some(*items))
        }
        _ => limits,
    }
}

fn choices_between(path: &str, old: &[Choice], new: &[Choice], found: &mut Found<'_>) {
    let find = |list: &[Choice], value: &str| list.iter().position(|choice| choice.value == value);
    let removed: Vec<&str> = old
        .iter()
        .map(|choice| choice.value.as_str())
        .filter(|value| find(new, value).is_none())
        .collect();
    if !removed.is_empty() {
        let (zh, en) = (removed.join("、"), removed.join(", "));
        found.add(
            path,
            "choice_removed",
            Severity::Breaking,
            &format!("选项 {zh} 被删除，已有的值失去含义：请恢复"),
            &format!("choices were removed and stored values lose their meaning: bring back {en}"),
        );
    }
    let added = new.iter().any(|choice| find(old, &choice.value).is_none());
    if added || (removed.is_empty() && old != new) {
        found.add(
            path,
            "choices",
            Severity::Harmless,
            "选项有新增，或标签、次序有变",
            "choices were added, or their labels or order changed",
        );
    }
}
