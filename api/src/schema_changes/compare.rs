//! The rules: what each difference means to those who use the old schema.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::types::{BaseType, Type as TypeName};
use schema::message::Bilingual;

use super::{
    Change, Weight,
    described::{Described, Directive, Field, Kind, Type},
};

/// What was found so far.
#[derive(Default)]
struct Found(Vec<Change>);

impl Found {
    fn note(
        &mut self,
        weight: Weight,
        place: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        let message = Bilingual::new(zh.into(), en.into());
        self.0.push(Change { weight, place: place.into(), message });
    }

    fn gone(&mut self, place: impl Into<String>) {
        self.note(Weight::Breaking, place, "已删除", "is gone");
    }

    fn added(&mut self, weight: Weight, place: impl Into<String>) {
        self.note(weight, place, "新增", "is new");
    }

    fn became(&mut self, weight: Weight, place: impl Into<String>, old: &str, new: &str) {
        self.note(weight, place, format!("由 {old} 改为 {new}"), format!("was {old} and is {new}"));
    }
}

/// Every change from `old` to `new`.
pub(super) fn compare(old: &Described, new: &Described) -> Vec<Change> {
    let mut found = Found::default();
    for (root, was) in &old.roots {
        match new.roots.get(root) {
            Some(is) if is == was => {}
            Some(is) => found.became(Weight::Breaking, format!("schema.{root}"), was, is),
            None => found.gone(format!("schema.{root}")),
        }
    }
    for root in new.roots.keys().filter(|root| !old.roots.contains_key(*root)) {
        found.added(Weight::Safe, format!("schema.{root}"));
    }
    for (name, was) in &old.types {
        match new.types.get(name) {
            None => found.gone(name),
            Some(is) if is.kind != was.kind => {
                let (was, is) = (was.kind.word(), is.kind.word());
                found.became(Weight::Breaking, name, was, is);
            }
            Some(is) => types(&mut found, name, was, is),
        }
    }
    for name in new.types.keys().filter(|name| !old.types.contains_key(*name)) {
        found.added(Weight::Safe, name);
    }
    for (name, was) in &old.directives {
        match new.directives.get(name) {
            None => found.gone(format!("@{name}")),
            Some(is) => directives(&mut found, name, was, is),
        }
    }
    for name in new.directives.keys().filter(|name| !old.directives.contains_key(*name)) {
        found.added(Weight::Safe, format!("@{name}"));
    }
    found.0
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Object => "type",
            Self::Interface => "interface",
            Self::Union => "union",
            Self::Enumeration => "enum",
            Self::Input => "input",
        }
    }
}

fn types(found: &mut Found, name: &str, was: &Type, is: &Type) {
    match was.kind {
        Kind::Input => {
            let place = |field: &str| format!("{name}.{field}");
            inputs(found, &was.fields, &is.fields, place);
        }
        _ => fields(found, name, &was.fields, &is.fields),
    }
    for (value, reason) in &was.values {
        match is.values.get(value) {
            None => found.gone(format!("{name}.{value}")),
            Some(now) => deprecation(found, &format!("{name}.{value}"), reason, now),
        }
    }
    for value in is.values.keys().filter(|value| !was.values.contains_key(*value)) {
        // Answers may hold it, where clients thought that they knew them all.
        found.added(Weight::Dangerous, format!("{name}.{value}"));
    }
    let (then, now): (BTreeSet<_>, BTreeSet<_>) =
        (was.implements.iter().collect(), is.implements.iter().collect());
    for interface in then.difference(&now) {
        let (zh, en) =
            (format!("不再实现 {interface}"), format!("does not implement {interface} any more"));
        found.note(Weight::Breaking, name, zh, en);
    }
    for interface in now.difference(&then) {
        let (zh, en) = (format!("新实现 {interface}"), format!("implements {interface} too"));
        found.note(Weight::Dangerous, name, zh, en);
    }
}

fn fields(
    found: &mut Found,
    name: &str,
    was: &BTreeMap<String, Field>,
    is: &BTreeMap<String, Field>,
) {
    for (field, was) in was {
        let place = format!("{name}.{field}");
        let Some(is) = is.get(field) else {
            found.gone(place);
            continue;
        };
        if was.of != is.of {
            let weight =
                if gives_as_much(&was.of, &is.of) { Weight::Safe } else { Weight::Breaking };
            found.became(weight, &place, &was.of.to_string(), &is.of.to_string());
        }
        deprecation(found, &place, &was.deprecated, &is.deprecated);
        inputs(found, &was.arguments, &is.arguments, |argument| format!("{place}({argument}:)"));
    }
    for field in is.keys().filter(|field| !was.contains_key(*field)) {
        found.added(Weight::Safe, format!("{name}.{field}"));
    }
}

fn inputs(
    found: &mut Found,
    was: &BTreeMap<String, Field>,
    is: &BTreeMap<String, Field>,
    place: impl Fn(&str) -> String,
) {
    for (input, was) in was {
        let place = place(input);
        let Some(is) = is.get(input) else {
            found.gone(place);
            continue;
        };
        if was.of != is.of {
            let weight =
                if takes_as_much(&was.of, &is.of) { Weight::Safe } else { Weight::Breaking };
            found.became(weight, &place, &was.of.to_string(), &is.of.to_string());
        }
        if was.default != is.default {
            let word = |default: &Option<String>| default.clone().unwrap_or_else(|| "∅".into());
            let (old, new) = (word(&was.default), word(&is.default));
            let (zh, en) = (
                format!("默认值由 {old} 改为 {new}"),
                format!("its default was {old} and is {new}"),
            );
            found.note(Weight::Dangerous, &place, zh, en);
        }
        deprecation(found, &place, &was.deprecated, &is.deprecated);
    }
    for (input, is) in is.iter().filter(|(input, _)| !was.contains_key(*input)) {
        let place = place(input);
        match is.is_required() {
            true => found.note(Weight::Breaking, place, "新增且必填", "is new and must be given"),
            false => found.added(Weight::Safe, place),
        }
    }
}

fn deprecation(found: &mut Found, place: &str, was: &Option<String>, is: &Option<String>) {
    match (was, is) {
        (None, Some(reason)) => {
            let (zh, en) = (format!("已弃用：{reason}"), format!("is deprecated: {reason}"));
            found.note(Weight::Safe, place, zh, en);
        }
        (Some(_), None) => {
            found.note(Weight::Safe, place, "不再弃用", "is not deprecated any more");
        }
        _ => {}
    }
}

fn directives(found: &mut Found, name: &str, was: &Directive, is: &Directive) {
    inputs(found, &was.arguments, &is.arguments, |argument| format!("@{name}({argument}:)"));
    for location in was.locations.iter().filter(|location| !is.locations.contains(*location)) {
        let (zh, en) =
            (format!("不能再用于 {location}"), format!("is not allowed on {location} any more"));
        found.note(Weight::Breaking, format!("@{name}"), zh, en);
    }
}

/// Whether whoever expects an answer of type `was` can read one of type `is`.
fn gives_as_much(was: &TypeName, is: &TypeName) -> bool {
    let is_there = was.nullable || !is.nullable;
    is_there
        && match (&was.base, &is.base) {
            (BaseType::Named(was), BaseType::Named(is)) => was == is,
            (BaseType::List(was), BaseType::List(is)) => gives_as_much(was, is),
            _ => false,
        }
}

/// Whether whatever was given as `was` can be given as `is`, in a variable too.
fn takes_as_much(was: &TypeName, is: &TypeName) -> bool {
    let may_be_left_out = is.nullable || !was.nullable;
    may_be_left_out
        && match (&was.base, &is.base) {
            (BaseType::Named(was), BaseType::Named(is)) => was == is,
            (BaseType::List(was), BaseType::List(is)) => takes_as_much(was, is),
            _ => false,
        }
}
