//! Questions asked to do harm, by kind, and what becomes of them. The stories hold the content API
//! to it; the benchmark measures what it takes.

#[path = "operands.rs"]
mod operands;

use serde_json::{Value, json};

/// One of them.
pub(crate) struct Hostile {
    pub(crate) kind: &'static str,
    pub(crate) sent: Sent,
    pub(crate) fate: Fate,
}

/// How it is sent.
pub(crate) enum Sent {
    /// The body of a POST.
    Body(String),
    /// The query of an address.
    Address(String),
}

/// What becomes of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// It is refused with this code, and nothing was asked of the database.
    Refused(&'static str),
    /// It is answered, with so many statements at most.
    Answered { statements: u64 },
}

const ANSWERED: Fate = Fate::Answered { statements: 4 };

fn refused(kind: &'static str, query: &str, code: &'static str) -> Hostile {
    with(kind, query, json!({}), Fate::Refused(code))
}

#[expect(clippy::needless_pass_by_value, reason = "written in place by every caller")]
fn with(kind: &'static str, query: &str, variables: Value, fate: Fate) -> Hostile {
    let body = json!({ "query": query, "variables": variables }).to_string();
    Hostile { kind, sent: Sent::Body(body), fate }
}

fn raw(kind: &'static str, body: String, code: &'static str) -> Hostile {
    Hostile { kind, sent: Sent::Body(body), fate: Fate::Refused(code) }
}

/// `text` with numbers from 0 in place of `#`.
fn numbered(count: usize, text: &str) -> String {
    (0..count).map(|number| text.replace('#', &number.to_string())).collect()
}

/// All of them.
pub(crate) fn all() -> Vec<Hostile> {
    let mut all = deep();
    all.extend(wide());
    all.extend(fragments());
    all.extend(introspection());
    all.extend(operands::all());
    all
}

fn deep() -> Vec<Hostile> {
    let brackets = |open: &str, close: &str| {
        format!("{{ a{}{} }}", open.repeat(16 * 1024), close.repeat(16 * 1024))
    };
    let links = "{ policyDocuments(first: 1) { nodes { title ".to_owned()
        + &"basedOn { title ".repeat(20)
        + &"} ".repeat(23);
    vec![
        refused("32 KiB of round brackets", &brackets("(", ")"), "TOO_DEEP"),
        refused("32 KiB of square brackets", &brackets("[", "]"), "TOO_DEEP"),
        refused("32 KiB of curly brackets", &brackets("{", "}"), "TOO_DEEP"),
        refused("32 KiB of brackets that never close", &"{[(".repeat(11 * 1024), "TOO_DEEP"),
        refused(
            "brackets in a list type",
            &format!(
                "query ($a: {}Int{}) {{ sites {{ key }} }}",
                "[".repeat(9_000),
                "]".repeat(9_000)
            ),
            "TOO_DEEP",
        ),
        refused(
            "5,000 levels of fragments in place",
            &format!(
                "{{ documents {{ {} id {} }} }}",
                "... on Node {".repeat(3_000),
                "}".repeat(3_000)
            ),
            "TOO_DEEP",
        ),
        refused("links of links of links", &links, "TOO_DEEP"),
        raw(
            "40,000 levels of JSON",
            format!("{{\"query\":{}{}}}", "[".repeat(40_000), "]".repeat(40_000)),
            "BAD_REQUEST",
        ),
        raw(
            "variables of 20,000 levels",
            format!(
                "{{\"query\":\"{{ sites {{ key }} }}\",\"variables\":{{\"a\":{}{}}}}}",
                "[".repeat(20_000),
                "]".repeat(20_000)
            ),
            "BAD_REQUEST",
        ),
    ]
}

fn wide() -> Vec<Hostile> {
    vec![
        refused(
            "1,000 aliases of a root field",
            &format!("{{ {} }}", numbered(1_000, "a#: sites { key } ")),
            "TOO_MANY_ALIASES",
        ),
        refused(
            "1,000 aliases of a leaf",
            &format!("{{ sites {{ {} }} }}", numbered(1_000, "a#: key ")),
            "TOO_MANY_ALIASES",
        ),
        refused(
            "60 costly lists under aliases",
            &format!(
                "{{ {} }}",
                numbered(60, "a#: documents(first: 100) { nodes { title url head { html } } } ")
            ),
            "TOO_COSTLY",
        ),
        with(
            "a leaf 5,000 times",
            &format!("{{ sites {{ {} }} }}", "key ".repeat(5_000)),
            json!({}),
            Fate::Refused("TOO_COSTLY"),
        ),
        refused(
            "5,000 unknown fields",
            &format!("{{ {} }}", numbered(5_000, "f# ")),
            "INVALID_QUERY",
        ),
        refused(
            "3,000 directives",
            &format!("{{ sites {{ key {} }} }}", "@include(if: true) ".repeat(3_000)),
            "TOO_MANY_DIRECTIVES",
        ),
        refused(
            "lists of lists of lists",
            "{ documents(first: 100) { nodes { related(first: 100) { related(first: 100) { title } } } } }",
            "TOO_COSTLY",
        ),
        refused(
            "histories and differences of a page",
            "{ documents(first: 100) { nodes { history { number } difference { fields { html } } } } }",
            "TOO_COSTLY",
        ),
        refused(
            "500 operations",
            &numbered(500, "query q# { sites { key } } "),
            "TOO_MANY_OPERATIONS",
        ),
        refused(
            "1,500 arguments",
            &format!("{{ documents({}) {{ totalCount }} }}", numbered(1_500, "a#: 1 ")),
            "INVALID_QUERY",
        ),
        refused(
            "1,500 variables",
            &format!("query ({}) {{ sites {{ key }} }}", numbered(1_500, "$v#: Int ")),
            "INVALID_QUERY",
        ),
    ]
}

fn fragments() -> Vec<Hostile> {
    let doubling: String = (0..30)
        .map(|level| format!("fragment f{level} on Document {{ ...f{0} ...f{0} }} ", level + 1))
        .collect();
    let chain: String = (0..1_200)
        .map(|level| format!("fragment f{level} on Document {{ ...f{} }} ", level + 1))
        .collect();
    let cycle = "fragment a on Document { ...b } fragment b on Document { ...c } fragment c on Document { ...a }";
    vec![
        refused(
            "fragments that double 30 times",
            &format!(
                "{{ documents {{ nodes {{ ...f0 }} }} }} {doubling} fragment f30 on Document {{ title }}"
            ),
            "TOO_COSTLY",
        ),
        refused(
            "a chain of 1,200 fragments",
            &format!(
                "{{ documents {{ nodes {{ ...f0 }} }} }} {chain} fragment f1200 on Document {{ title }}"
            ),
            "TOO_DEEP",
        ),
        refused(
            "a cycle of fragments",
            &format!("{{ documents {{ nodes {{ ...a }} }} }} {cycle}"),
            "INVALID_QUERY",
        ),
        refused(
            "a cycle of fragments that nobody uses",
            &format!("{{ sites {{ key }} }} {cycle}"),
            "INVALID_QUERY",
        ),
        refused(
            "1,000 fragments that nobody uses",
            &format!(
                "{{ sites {{ key }} }} {}",
                numbered(1_000, "fragment f# on Document { title } ")
            ),
            "INVALID_QUERY",
        ),
        refused(
            "a fragment spread 4,000 times",
            &format!(
                "{{ documents {{ nodes {{ {} }} }} }} fragment f on Document {{ title }}",
                "...f ".repeat(4_000)
            ),
            "TOO_COSTLY",
        ),
        refused(
            "conditions on types that cannot be, 1,500 times",
            &format!("{{ sites {{ {} }} }}", "... on News { title } ".repeat(1_500)),
            "TOO_COSTLY",
        ),
    ]
}

fn introspection() -> Vec<Hostile> {
    let of_types = "fields { type { ".repeat(4) + "name " + &"} } ".repeat(4);
    vec![
        refused(
            "types of fields of types of fields",
            &format!("{{ __schema {{ types {{ {of_types} }} }} }}"),
            "TOO_COSTLY",
        ),
        refused(
            "possible types of possible types",
            "{ __schema { types { possibleTypes { interfaces { possibleTypes { fields { name } } } } } } }",
            "TOO_COSTLY",
        ),
        refused(
            "59 floods of introspection",
            &format!(
                "{{ {} }}",
                numbered(
                    59,
                    "a#: __schema { types { fields { args { type { name } } type { name } } } } "
                )
            ),
            "TOO_COSTLY",
        ),
        with(
            "a type by name, 59 times",
            &format!("{{ {} }}", numbered(59, "a#: __type(name: \"News\") { fields { name } } ")),
            json!({}),
            ANSWERED,
        ),
    ]
}
