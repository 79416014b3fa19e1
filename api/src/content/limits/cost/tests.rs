//! What queries cost, and which are refused.

use async_graphql::parser::parse_query;
use serde_json::json;

use super::*;

mod exclusive;

fn prices() -> Prices {
    let mut prices = Prices::default();
    let mut set = |of_type, field, own, times, to: &str| {
        prices.set(
            of_type,
            field,
            Price {
                own,
                times,
                to: to.into(),
                alone: if field == "list" { &["after"] } else { &[] },
            },
        );
    };
    set("Query", "list", 10, Times::Paged, "Page");
    set("Query", "one", 10, Times::Once, "Item");
    set("Page", "nodes", 1, Times::Once, "Item");
    set("Item", "name", 1, Times::Once, "String");
    set("Item", "parts", 5, Times::About(7), "Item");
    prices.add_introspection(200);
    prices
}

fn measured(query: &str, variables: serde_json::Value) -> Measure {
    let document = parse_query(query).expect("it parses");
    let variables = Variables::from_json(variables);
    let prices = prices();
    let limits = Limits::default();
    let operation = document.operations.iter().next().expect("an operation").1;
    let mut walk = Walk {
        fragments: &document.fragments,
        operation: &operation.node,
        variables: &variables,
        prices: &prices,
        limits: &limits,
        measured: HashMap::new(),
        unknown: 0,
    };
    walk.selections(&operation.node.selection_set.node, Some("Query"), Place::default())
        .expect("measured")
}

fn cost(query: &str) -> u64 {
    measured(query, json!({})).cost
}

fn refused(query: &str) -> Option<&'static str> {
    let document = parse_query(query).expect("it parses");
    check(&document, &Variables::default(), &prices(), &Limits::default())
        .err()
        .map(|refusal| refusal.code)
}

#[test]
fn what_hangs_on_a_list_counts_once() {
    let mut prices = prices();
    let counts = Price { own: 7, times: Times::Aside, to: "Item".into(), alone: &[] };
    prices.set("Page", "counts", counts);
    let cost = |query: &str| {
        let document = parse_query(query).expect("it parses");
        let mut walk = Walk {
            fragments: &document.fragments,
            operation: &document.operations.iter().next().expect("an operation").1.node,
            variables: &Variables::default(),
            prices: &prices,
            limits: &Limits::default(),
            measured: HashMap::new(),
            unknown: 0,
        };
        let set = &walk.operation.selection_set.node;
        walk.selections(set, Some("Query"), Place::default()).expect("measured").cost
    };

    let plain = cost("{ list(first: 50) { nodes { name } } }");
    assert_eq!(cost("{ list(first: 50) { nodes { name } counts { name } } }"), plain + 8);
    assert_eq!(
        cost("{ list(first: 50) { nodes { name } ... on Page { counts { name } } } }"),
        plain + 8
    );
}

#[test]
fn every_condition_and_every_further_term_costs() {
    let plain = cost("{ list { nodes { name } } }");
    for (arguments, more) in [
        ("filter: {}", 0),
        ("filter: { a: { eq: 1 } }", 20),
        ("filter: { or: [{ a: { eq: 1 } }, { b: { gt: 1, lt: 2 } }] }", 60),
        ("orderBy: A", 0),
        ("orderBy: [A]", 0),
        ("orderBy: [A, B, C]", 20),
    ] {
        let query = format!("{{ list({arguments}) {{ nodes {{ name }} }} }}");
        assert_eq!(cost(&query) - plain, more, "{arguments}");
    }
    let query = "query ($f: F, $g: G, $o: [O!]) { list(filter: { and: [$f, { not: $g }] }, orderBy: $o) { nodes { name } } }";
    let variables = json!({ "f": { "a": { "eq": 1 } }, "g": null, "o": ["A", "B"] });
    assert_eq!(measured(query, variables).cost - plain, 50);
}

#[test]
fn a_page_costs_as_much_as_it_may_hold() {
    assert_eq!(cost("{ list { nodes { name } } }"), 10 + 20 * 2);
    assert_eq!(cost("{ list(first: 5) { nodes { name } } }"), 10 + 5 * 2);
    assert_eq!(cost("{ list(last: 5) { nodes { name } } }"), 10 + 5 * 2);
    assert_eq!(cost("{ list(first: 5000) { nodes { name } } }"), 10 + 100 * 2);
    assert_eq!(cost("{ list(first: \"x\") { nodes { name } } }"), 10 + 100 * 2);
}

#[test]
fn a_page_size_may_come_from_a_variable_or_its_default() {
    let query = "query ($n: Int = 7) { list(first: $n) { nodes { name } } }";
    assert_eq!(measured(query, json!({ "n": 3 })).cost, 10 + 3 * 2);
    assert_eq!(measured(query, json!({})).cost, 10 + 7 * 2);
    assert_eq!(
        measured("query ($n: Int) { list(first: $n) { nodes { name } } }", json!({})).cost,
        50
    );
}

#[test]
fn lists_in_lists_multiply() {
    assert_eq!(cost("{ one { parts { parts { name } } } }"), 10 + 5 + 7 * (5 + 7));
}

#[test]
fn fragments_that_multiply_are_refused_at_once() {
    for leaf in ["name", "__typename", "nothing"] {
        let mut query = String::from("{ one { ...f0 } }");
        for level in 0..30 {
            query += &format!(" fragment f{level} on Item {{ ...f{0} ...f{0} }}", level + 1);
        }
        query += &format!(" fragment f30 on Item {{ {leaf} }}");

        assert_eq!(refused(&query), Some("TOO_COSTLY"), "{leaf}");
    }
}

#[test]
fn a_fragment_that_contains_itself_is_refused() {
    let query = "{ one { ...a } } fragment a on Item { ...b } fragment b on Item { ...a }";
    assert_eq!(refused(query), Some("INVALID_QUERY"));
}

#[test]
fn a_chain_of_fragments_cannot_exhaust_the_stack() {
    let mut query = String::from("{ one { ...f0 } }");
    for level in 0..2_000 {
        query += &format!(" fragment f{level} on Item {{ ...f{} }}", level + 1);
    }
    query += " fragment f2000 on Item { name }";

    assert_eq!(refused(&query), Some("TOO_DEEP"));
}

#[test]
fn what_cannot_be_read_for_many_at_once_is_refused_in_a_list() {
    let in_a_list = "{ list { nodes { list(after: \"x\") { nodes { name } } } } }";
    let by_itself = "{ one { parts { name } } list(after: \"x\") { nodes { name } } }";
    let mut prices = prices();
    let price = prices.of_fields["Query"]["list"].clone();
    prices.set("Item", "list", price);
    let refused = |query: &str| {
        let document = parse_query(query).expect("it parses");
        let checked = check(&document, &Variables::default(), &prices, &Limits::default());
        checked.err().map(|refusal| refusal.code)
    };

    assert_eq!(refused(in_a_list), Some("NOT_IN_A_LIST"));
    assert_eq!(refused(by_itself), None);
}

#[test]
fn depth_aliases_directives_and_operations_are_bounded() {
    let deep = format!("{{ one {}{} }}", "{ next ".repeat(15), "}".repeat(15));
    assert_eq!(refused(&deep), Some("TOO_DEEP"));
    let aliases: String = (0..61).map(|n| format!("a{n}: one {{ name }} ")).collect();
    assert_eq!(refused(&format!("{{ {aliases} }}")), Some("TOO_MANY_ALIASES"));
    let directives = format!("{{ one {{ name {} }} }}", "@skip(if: false) ".repeat(61));
    assert_eq!(refused(&directives), Some("TOO_MANY_DIRECTIVES"));
    let operations: String = (0..21).map(|n| format!("query q{n} {{ one {{ name }} }} ")).collect();
    assert_eq!(refused(&operations), Some("TOO_MANY_OPERATIONS"));
    assert_eq!(refused("{ one { name parts { name } } }"), None);
}

#[test]
fn fields_that_are_not_there_are_named_up_to_a_number() {
    let unknown = |count: usize| {
        let fields: String = (0..count).map(|number| format!("f{number} ")).collect();
        refused(&format!("{{ one {{ name {fields} }} }}"))
    };
    assert_eq!(unknown(MISTAKES), None, "validation names them");
    assert_eq!(unknown(MISTAKES + 1), Some("INVALID_QUERY"));
    let below: String = (0..50).map(|number| format!("f{number} ")).collect();
    assert_eq!(refused(&format!("{{ unknown {{ {below} }} }}")), None, "there are none of nothing");
}

#[test]
fn introspection_passes_but_does_not_unfold() {
    let once = "{ __schema { types { name fields { name args { name type { name ofType { name } } } type { name } } } } }";
    assert_eq!(refused(once), None);
    let twice =
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_eq!(refused(twice), Some("TOO_COSTLY"));
}
