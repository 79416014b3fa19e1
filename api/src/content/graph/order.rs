//! Orders: an enumeration per content type with both directions of every sortable field.

use async_graphql::Value;
use schema::{content_type::ContentType, message::Bilingual};
use store::reading::{By, Direction, MAX_TERMS, Order};

use super::{Builder, document::DOCUMENT};
use crate::content::refusal::Refusal;

const LISTED: &str = "LISTED_AT";

/// Adds the order that suits every type.
pub(super) fn add_common(builder: &mut Builder) {
    add(builder, DOCUMENT, &[]);
}

/// Adds the orders of a type.
pub(super) fn add_of_type(builder: &mut Builder, content_type: &ContentType) {
    let fields: Vec<(String, Bilingual)> = content_type
        .fields
        .iter()
        .filter(|field| field.sortable)
        .map(|field| (constant(field.name.as_str()), field.label.clone()))
        .collect();
    add(builder, &content_type.graphql_name(), &fields);
}

fn add(builder: &mut Builder, name: &str, fields: &[(String, Bilingual)]) {
    let listed = (LISTED.to_owned(), Bilingual::new("列表时间", "Time of listing"));
    let values: Vec<(String, Bilingual)> = std::iter::once(&listed)
        .chain(fields)
        .flat_map(|(constant, label)| {
            [
                ("DESC", "从大到小（从新到旧）", "largest or newest first"),
                ("ASC", "从小到大（从旧到新）", "smallest or oldest first"),
            ]
            .map(|(suffix, zh, en)| {
                let words =
                    Bilingual::new(format!("{}，{zh}", label.zh), format!("{}, {en}", label.en));
                (format!("{constant}_{suffix}"), words)
            })
        })
        .collect();
    builder.enumeration(
        &format!("{name}OrderBy"),
        &Bilingual::new("列表的次序。", "What a list is ordered by."),
        values.iter().map(|(name, label)| (name.as_str(), label.clone())),
    );
}

/// `writtenOn` as `WRITTEN_ON`.
fn constant(name: &str) -> String {
    let mut constant = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            constant.push('_');
        }
        constant.push(letter.to_ascii_uppercase());
    }
    constant
}

/// Reads an order, a list of terms or one alone; the newest first where none is given.
///
/// # Errors
/// A refusal for more terms than an order may have.
pub(super) fn read(
    value: Option<&Value>,
    content_type: Option<&ContentType>,
) -> Result<Order, Refusal> {
    let terms = match value {
        Some(Value::List(terms)) => terms.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    if terms.len() > MAX_TERMS {
        return Err(Refusal::argument(
            format!("orderBy 最多 {MAX_TERMS} 项"),
            format!("orderBy takes at most {MAX_TERMS} terms"),
        ));
    }
    Ok(Order::of(terms.iter().filter_map(|term| by(term, content_type))))
}

fn by(value: &Value, content_type: Option<&ContentType>) -> Option<By> {
    let word = match value {
        Value::Enum(word) => word.as_str(),
        Value::String(word) => word.as_str(),
        _ => return None,
    };
    let (constant_name, direction) = match word.rsplit_once('_')? {
        (name, "ASC") => (name, Direction::Ascending),
        (name, _) => (name, Direction::Descending),
    };
    let field = content_type.and_then(|it| {
        it.fields.iter().find(|field| constant(field.name.as_str()) == constant_name)
    });
    Some(match field {
        Some(field) => By::Field { field: field.name.clone(), direction },
        None => By::Published(direction),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_fields_have_different_constants() {
        assert_eq!(constant("writtenOn"), "WRITTEN_ON");
        assert_eq!(constant("aB"), "A_B");
        assert_eq!(constant("ab"), "AB");
        assert_eq!(constant("line1"), "LINE1");
    }
}
