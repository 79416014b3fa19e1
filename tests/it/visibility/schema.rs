//! The schema as the hub describes it, and selections of all that it offers.

use std::collections::BTreeMap;

use serde_json::Value;

/// Asks for the whole schema as far as selections need it.
pub const INTROSPECTION: &str = "{ __schema { queryType { name } subscriptionType { name fields { name } } \
    types { kind name possibleTypes { name } fields { name args { name defaultValue type { kind } } \
    type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";

/// The types of the schema, by name.
pub struct Schema {
    types: BTreeMap<String, Value>,
    pub subscriptions: Vec<String>,
}

/// A field of a type.
struct Field {
    name: String,
    /// The name of its type, lists and non-nulls taken off.
    of: String,
    /// Whether something has to be given for it.
    needs: bool,
}

impl Schema {
    pub fn read(described: &Value) -> Self {
        let schema = &described["__schema"];
        let types = schema["types"].as_array().expect("types").iter();
        let types = types.map(|it| (text(&it["name"]), it.clone())).collect();
        let subscriptions = schema["subscriptionType"]["fields"].as_array().expect("fields");
        Self { types, subscriptions: subscriptions.iter().map(|it| text(&it["name"])).collect() }
    }

    fn fields(&self, of: &str) -> Vec<Field> {
        let fields = self.types[of]["fields"].as_array().map_or(&[][..], Vec::as_slice);
        fields
            .iter()
            .map(|field| {
                let arguments = field["args"].as_array().expect("arguments");
                let is_needed = |argument: &Value| {
                    argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null()
                };
                Field {
                    name: text(&field["name"]),
                    of: base(&field["type"]),
                    needs: arguments.iter().any(is_needed),
                }
            })
            .collect()
    }

    /// The fields of the root, with the types they give.
    pub fn roots(&self) -> Vec<(String, String)> {
        let roots = self.fields("Query").into_iter();
        roots.map(|field| (field.name, field.of)).collect()
    }

    /// Everything that can be selected under a type, `depth` objects deep, but for fields of these
    /// names: the braces and what is in them, or nothing for what has no fields.
    pub fn selection(&self, of: &str, depth: u32, without: &[&str]) -> String {
        let kind = text(&self.types[of]["kind"]);
        if !matches!(kind.as_str(), "OBJECT" | "INTERFACE" | "UNION") {
            return String::new();
        }
        let mut selected = vec!["__typename".to_owned()];
        let shared = self.fields(of);
        selected.extend(shared.iter().filter_map(|field| self.select(field, "", depth, without)));
        let possible = self.types[of]["possibleTypes"].as_array();
        for concrete in possible.into_iter().flatten().map(|it| text(&it["name"])) {
            let own = self.fields(&concrete);
            let own = own.iter().filter(|field| shared.iter().all(|it| it.name != field.name));
            let own: Vec<_> =
                own.filter_map(|field| self.select(field, &concrete, depth, without)).collect();
            if !own.is_empty() {
                selected.push(format!("... on {concrete} {{ {} }}", own.join(" ")));
            }
        }
        format!(" {{ {} }}", selected.join(" "))
    }

    /// A field with what is under it; the name of a concrete type keeps those of several apart.
    fn select(
        &self,
        field: &Field,
        concrete: &str,
        depth: u32,
        without: &[&str],
    ) -> Option<String> {
        let is_leaf = self.selection_is_empty(&field.of);
        if field.needs || without.contains(&field.name.as_str()) || (depth == 0 && !is_leaf) {
            return None;
        }
        let under = match is_leaf {
            true => String::new(),
            false => self.selection(&field.of, depth - 1, without),
        };
        Some(match concrete {
            "" => format!("{}{under}", field.name),
            _ => format!("{concrete}_{}: {}{under}", field.name, field.name),
        })
    }

    fn selection_is_empty(&self, of: &str) -> bool {
        !matches!(text(&self.types[of]["kind"]).as_str(), "OBJECT" | "INTERFACE" | "UNION")
    }
}

fn base(of: &Value) -> String {
    match of["ofType"].is_null() {
        true => text(&of["name"]),
        false => base(&of["ofType"]),
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
