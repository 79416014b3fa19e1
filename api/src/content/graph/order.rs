//! Orders: an enumeration per content type with both directions of every sortable field, and for
//! every place that lists can be narrowed to the distance from a point.

use async_graphql::Value;
use schema::{
    content_type::{ContentType, Field, FieldKind},
    message::Bilingual,
    position::Circle,
};
use store::reading::{By, Direction, Filter, MAX_TERMS, Order, Test};

use super::{Builder, document::DOCUMENT};
use crate::content::refusal::Refusal;

const LISTED: &str = "LISTED_AT";
/// What the constant of a place ends in; no other one does.
const NEAREST: &str = "_NEAREST";

/// Adds the order that suits every type.
pub(super) fn add_common(builder: &mut Builder) {
    add(builder, DOCUMENT, &[], &[]);
}

/// Adds the orders of a type.
pub(super) fn add_of_type(builder: &mut Builder, content_type: &ContentType) {
    let fields: Vec<(String, Bilingual)> = content_type
        .fields
        .iter()
        .filter(|field| field.sortable)
        .map(|field| (constant(field.name.as_str()), field.label.clone()))
        .collect();
    let places = content_type.fields.iter().filter(|field| is_place(field));
    let places: Vec<(String, Bilingual)> = places
        .map(|field| {
            let (zh, en) = (&field.label.zh, &field.label.en);
            let label = Bilingual::new(
                format!("{zh}，近的在前；须同时在 filter 中给出 near"),
                format!("{en}, the nearest first: with near in the filter"),
            );
            (constant(field.name.as_str()) + NEAREST, label)
        })
        .collect();
    add(builder, &content_type.graphql_name(), &fields, &places);
}

/// Whether lists can be narrowed to what is near a field.
pub(super) fn is_place(field: &Field) -> bool {
    field.filterable && field.kind == FieldKind::Place
}

fn add(
    builder: &mut Builder,
    name: &str,
    fields: &[(String, Bilingual)],
    places: &[(String, Bilingual)],
) {
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
        .chain(places.iter().cloned())
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

/// Reads an order, a list of terms or one alone; the newest first where none is given. `filter`
/// says from where distances are.
///
/// # Errors
/// A refusal for more terms than an order may have, and for a distance from nowhere or behind
/// another term.
pub(super) fn read(
    value: Option<&Value>,
    content_type: Option<&ContentType>,
    filter: &Filter,
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
    let mut order = Vec::new();
    for (at, term) in terms.iter().enumerate() {
        let Some(word) = word(term) else { continue };
        match word.strip_suffix(NEAREST) {
            Some(_) if at > 0 => return Err(comes_first(word)),
            Some(place) => order.push(by_distance(place, content_type, filter)?),
            None => order.extend(by(word, content_type)),
        }
    }
    Ok(Order::of(order))
}

fn word(value: &Value) -> Option<&str> {
    match value {
        Value::Enum(word) => Some(word.as_str()),
        Value::String(word) => Some(word.as_str()),
        _ => None,
    }
}

fn by_distance(
    place: &str,
    content_type: Option<&ContentType>,
    filter: &Filter,
) -> Result<By, Refusal> {
    let fields = content_type.map_or(&[][..], |it| &it.fields);
    let field = fields.iter().find(|it| is_place(it) && constant(it.name.as_str()) == place);
    let near = field.and_then(|field| Some((field, near(filter, field)?)));
    near.map(|(field, circle)| By::Distance { field: field.name.clone(), circle: circle.clone() })
        .ok_or_else(|| {
            let name = field.map_or(place, |field| field.name.as_str());
            Refusal::argument(
                format!("按距离排列须在 filter 中给出 {name} 的 near，且不在 or、not 之中"),
                format!(
                    "an order by distance needs near of {name} in the filter, outside of or and not"
                ),
            )
        })
}

/// The circle that `filter` keeps the places of `field` to.
pub(super) fn near<'filter>(filter: &'filter Filter, field: &Field) -> Option<&'filter Circle> {
    match filter {
        Filter::Field { field: of, test: Test::Near(circle) } if *of == field.name => Some(circle),
        Filter::All(filters) => filters.iter().find_map(|filter| near(filter, field)),
        _ => None,
    }
}

fn comes_first(word: &str) -> Refusal {
    Refusal::argument(
        format!("{word} 只能是 orderBy 的第一项"),
        format!("{word} can only be the first term of orderBy"),
    )
}

fn by(word: &str, content_type: Option<&ContentType>) -> Option<By> {
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
