//! Conditions on types: what excludes each other costs the most of it, what meets adds up, and
//! nothing ever costs less than it could come to.

use async_graphql::parser::types::{Field, Selection, SelectionSet};
use proptest::prelude::*;

use super::*;

/// The object types, each with the interfaces it implements.
const OBJECTS: [(&str, &[&str]); 4] = [
    ("A", &["Any", "Left"]),
    ("B", &["Any", "Left", "Right"]),
    ("C", &["Any", "Right"]),
    ("D", &["Any"]),
];
/// Fields of every type: name, price, times, what they lead to.
const FIELDS: [(&str, u32, Times, &str); 5] = [
    ("low", 1, Times::Once, "String"),
    ("high", 9, Times::Once, "String"),
    ("one", 2, Times::Once, "Any"),
    ("few", 3, Times::About(3), "Left"),
    ("sum", 4, Times::About(2), "Either"),
];

fn prices() -> Prices {
    let mut prices = Prices::default();
    // Unions may come before their members.
    prices.add_union("Either", &["C", "D"]);
    let all = ["Query", "Any", "Left", "Right", "A", "B", "C", "D"];
    for of_type in all {
        for (field, own, times, to) in FIELDS {
            prices.set(of_type, field, Price { own, times, to: to.into(), alone: &[] });
        }
    }
    for (name, implements) in OBJECTS {
        prices.add_object(name, implements);
    }
    prices
}

fn is_a(object: &str, of: &str) -> bool {
    object == of
        || OBJECTS.iter().any(|(name, implements)| *name == object && implements.contains(&of))
        || (of == "Either" && ["C", "D"].contains(&object))
}

fn cost_of(document: &ExecutableDocument) -> u64 {
    let (variables, prices) = (Variables::default(), prices());
    let limits = Limits { cost: u64::MAX, depth: 1_000, ..Limits::default() };
    let mut walk = Walk {
        fragments: &document.fragments,
        operation: &document.operations.iter().next().expect("an operation").1.node,
        variables: &variables,
        prices: &prices,
        limits: &limits,
        measured: HashMap::new(),
        unknown: 0,
    };
    let set = &walk.operation.selection_set.node;
    walk.selections(set, Some("Query"), Place::default()).expect("measured").cost
}

fn cost(query: &str) -> u64 {
    cost_of(&parse_query(query).expect("it parses"))
}

/// What a selection comes to for one value of an object type, below it the most costly values
/// there can be.
fn comes_to(document: &ExecutableDocument, set: &SelectionSet, object: &str) -> u64 {
    let applies = |on: &str| object == "Query" || is_a(object, on);
    set.items
        .iter()
        .map(|item| match &item.node {
            Selection::Field(field) => field_comes_to(document, &field.node),
            Selection::InlineFragment(inline) => {
                let on = inline.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                match on.is_none_or(applies) {
                    true => comes_to(document, &inline.node.selection_set.node, object),
                    false => 0,
                }
            }
            Selection::FragmentSpread(spread) => {
                let fragment = &document.fragments[&spread.node.fragment_name.node].node;
                match applies(fragment.type_condition.node.on.node.as_str()) {
                    true => comes_to(document, &fragment.selection_set.node, object),
                    false => 0,
                }
            }
        })
        .sum()
}

fn field_comes_to(document: &ExecutableDocument, field: &Field) -> u64 {
    let name = field.name.node.as_str();
    let (_, own, times, to) = FIELDS.into_iter().find(|it| it.0 == name).expect("a field");
    let times = if let Times::About(times) = times { u64::from(times) } else { 1 };
    let inner = &field.selection_set.node;
    let values = OBJECTS.iter().filter(|(object, _)| is_a(object, to));
    let most = values.map(|(object, _)| comes_to(document, inner, object)).max();
    u64::from(own) + times * most.unwrap_or_default()
}

#[test]
fn the_most_costly_of_what_excludes_each_other_counts() {
    let one = |inner: &str| cost(&format!("{{ one {{ {inner} }} }}")) - 2;

    assert_eq!(one("... on A { low } ... on B { high } ... on C { low low }"), 9);
    assert_eq!(one("high ... on A { low } ... on D { low }"), 10);
    assert_eq!(one("... on A { low } ... on A { high }"), 10, "the same type twice");
    assert_eq!(one("... on Any { low } ... on A { high }"), 10, "a condition that chooses nothing");
    assert_eq!(one("... on Left { low } ... on Right { high }"), 10, "B is both");
    assert_eq!(one("... on Left { high } ... on D { high }"), 9);
    assert_eq!(one("... { ... on A { low } ... on B { high } }"), 9);
    assert_eq!(cost("{ sum { ... on C { low } ... on D { high } } }"), 4 + 2 * 9);
    assert_eq!(cost("{ one { ...a ...b } } fragment a on A { high } fragment b on B { low }"), 11);
}

#[test]
fn a_condition_that_is_not_understood_adds_up() {
    let one = |inner: &str| cost(&format!("{{ one {{ {inner} }} }}")) - 2;

    // Neither passes validation, so nothing is ever answered for it.
    assert_eq!(one("... on Nothing { high } ... on A { low }"), 2);
    assert_eq!(cost("{ few { ... on D { high } ... on A { low } } }"), 3 + 3 * 10);
}

/// A selection of at most so many levels, as text.
fn selection() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![Just("low".to_owned()), Just("high".to_owned())];
    let item = leaf.prop_recursive(4, 40, 5, |inner| {
        let set = || prop::collection::vec(inner.clone(), 1..5).prop_map(|items| items.join(" "));
        let name = prop::sample::select(vec!["one", "few", "sum"]);
        let on = prop::sample::select(vec!["A", "B", "C", "D", "Any", "Left", "Right"]);
        prop_oneof![
            (name, set()).prop_map(|(name, set)| match name {
                // A union has no fields of its own.
                "sum" => format!("sum {{ ... on C {{ {set} }} ... on D {{ {set} }} }}"),
                _ => format!("{name} {{ {set} }}"),
            }),
            (on, set()).prop_map(|(on, set)| format!("... on {on} {{ {set} }}")),
            set().prop_map(|set| format!("... {{ {set} }}")),
            prop::sample::select(vec!["...f", "...g"]).prop_map(str::to_owned),
        ]
    });
    prop::collection::vec(item, 1..6).prop_map(|items| items.join(" "))
}

proptest! {
    #[test]
    fn nothing_costs_less_than_it_can_come_to(query in selection(), f in selection(), g in selection()) {
        // Fragments that lead to each other are refused elsewhere.
        let f = f.replace("...f", "low").replace("...g", "high");
        let g = g.replace("...f", "low").replace("...g", "high");
        let text = format!("{{ one {{ {query} }} }} fragment f on Left {{ {f} }} fragment g on C {{ {g} }}");
        let document = parse_query(text).expect("it parses");
        let set = &document.operations.iter().next().expect("an operation").1.node.selection_set.node;

        prop_assert!(cost_of(&document) >= comes_to(&document, set, "Query"));
    }
}
