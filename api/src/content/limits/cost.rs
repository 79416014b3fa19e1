//! What a query costs, found by walking it once before anything is validated or looked up.
//!
//! Every field has a price of its own (1 for what lies ready, more for what takes a statement)
//! and says how many values stand under it: `first` or `last` of a paged list, an estimate for
//! other lists. A field costs its price and, for each value under it, what is selected there.
//! Of conditions on types that exclude each other the most costly counts ([`kinds`]).
//! A fragment is measured once however often it is spread, so that fragments which multiply
//! cost no more to refuse than to write down.

mod count;
mod kinds;
mod measure;
mod narrowing;

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{
        ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType,
        Selection, SelectionSet,
    },
};
use async_graphql_value::{ConstValue, Value};

pub(crate) use self::measure::Cost;
use self::{
    count::Count,
    kinds::{Kinds, Parts},
    measure::{Measure, too_deep},
};
use super::Limits;
use crate::content::refusal::{MISTAKES, Refusal};

/// Values on one page of a list, at most.
pub(crate) const LARGEST_PAGE: u32 = 100;
/// Values on one page of a list where neither `first` nor `last` is given.
pub(crate) const USUAL_PAGE: u32 = 20;
/// Operations in one text.
const OPERATIONS: usize = 20;
/// What a field costs and where it leads.
#[derive(Clone, Debug)]
pub(crate) struct Price {
    /// Its own price.
    pub(crate) own: u32,
    /// How many values stand under it.
    pub(crate) times: Times,
    /// The GraphQL type of what it gives.
    pub(crate) to: Box<str>,
    /// Arguments with which it is asked by itself only, not of every item of a list.
    pub(crate) alone: &'static [&'static str],
}

/// How many values stand under a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    /// One.
    Once,
    /// As many as `first` or `last` say.
    Paged,
    /// About so many.
    About(u32),
    /// One, once for the list it hangs on and not for each of its values.
    Aside,
}

/// Prices by type and field, and which types exclude each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prices {
    of_fields: HashMap<Box<str>, HashMap<Box<str>, Price>>,
    kinds: Kinds,
}

impl Prices {
    /// Sets the price of one field.
    pub(crate) fn set(&mut self, of_type: &str, field: &str, price: Price) {
        self.of_fields.entry(of_type.into()).or_default().insert(field.into(), price);
    }

    /// Adds an object type and the interfaces it implements.
    pub(crate) fn add_object(&mut self, name: &str, implements: &[&str]) {
        self.kinds.add_object(name, implements);
    }

    /// Adds a union of object types that were added.
    pub(crate) fn add_union(&mut self, name: &str, of: &[&str]) {
        self.kinds.add_union(name, of);
    }

    /// Adds the types that describe the schema itself, of which there are `types`.
    pub(crate) fn add_introspection(&mut self, types: usize) {
        let types = u32::try_from(types).unwrap_or(u32::MAX);
        for (of_type, field, times, to) in [
            ("Query", "__schema", Times::Once, "__Schema"),
            ("Query", "__type", Times::Once, "__Type"),
            ("__Schema", "types", Times::About(types), "__Type"),
            ("__Schema", "queryType", Times::Once, "__Type"),
            ("__Schema", "mutationType", Times::Once, "__Type"),
            ("__Schema", "subscriptionType", Times::Once, "__Type"),
            ("__Schema", "directives", Times::About(8), "__Directive"),
            ("__Type", "fields", Times::About(20), "__Field"),
            ("__Type", "interfaces", Times::About(2), "__Type"),
            ("__Type", "possibleTypes", Times::About(20), "__Type"),
            ("__Type", "enumValues", Times::About(20), "__EnumValue"),
            ("__Type", "inputFields", Times::About(15), "__InputValue"),
            ("__Type", "ofType", Times::Once, "__Type"),
            ("__Field", "args", Times::About(2), "__InputValue"),
            ("__Field", "type", Times::Once, "__Type"),
            ("__Directive", "args", Times::About(2), "__InputValue"),
            ("__InputValue", "type", Times::Once, "__Type"),
        ] {
            self.set(of_type, field, Price { own: 1, times, to: to.into(), alone: &[] });
        }
    }

    /// Whether it has the prices of all fields of a type.
    fn has(&self, of_type: &str) -> bool {
        !of_type.starts_with("__") && self.of_fields.contains_key(of_type)
    }

    fn price(&self, of_type: Option<&str>, field: &str) -> Option<&Price> {
        self.of_fields.get(of_type?)?.get(field)
    }
}

/// Refuses a query that goes too deep, costs too much, or has too many aliases, directives or
/// operations; gives what its most costly operation costs. What is wrong with it otherwise is
/// left to validation.
///
/// # Errors
/// The first limit it goes beyond.
pub(crate) fn check(
    document: &ExecutableDocument,
    variables: &Variables,
    prices: &Prices,
    limits: &Limits,
) -> Result<Cost, Refusal> {
    let operations: Vec<&Positioned<OperationDefinition>> =
        document.operations.iter().map(|(_, operation)| operation).collect();
    if operations.len() > OPERATIONS {
        return Err(Refusal::new(
            "TOO_MANY_OPERATIONS",
            format!("一份查询最多 {OPERATIONS} 个操作"),
            format!("a query text has at most {OPERATIONS} operations"),
        ));
    }
    let mut count = Count::default();
    for fragment in document.fragments.values() {
        count.selections(&fragment.node.selection_set.node);
        count.directives += fragment.node.directives.len();
    }
    for operation in &operations {
        count.selections(&operation.node.selection_set.node);
        count.directives += operation.node.directives.len();
    }
    count.check(limits)?;
    let mut greatest = Cost::default();
    for operation in operations {
        let mut walk = Walk {
            fragments: &document.fragments,
            operation: &operation.node,
            variables,
            prices,
            limits,
            measured: HashMap::new(),
            unknown: 0,
        };
        let root = match operation.node.ty {
            OperationType::Query => "Query",
            OperationType::Subscription => "Subscription",
            // There is none: validation says so.
            OperationType::Mutation => "Mutation",
        };
        let set = &operation.node.selection_set.node;
        let measure = walk.selections(set, Some(root), Place::default())?;
        measure.check(limits)?;
        greatest = greatest.max(Cost { cost: measure.cost, introspection: measure.introspection });
    }
    Ok(greatest)
}

struct Walk<'query> {
    fragments: &'query HashMap<Name, Positioned<FragmentDefinition>>,
    operation: &'query OperationDefinition,
    variables: &'query Variables,
    prices: &'query Prices,
    limits: &'query Limits,
    /// By name and whether it stands in a list; `None` while it is being measured.
    measured: HashMap<(&'query str, bool), Option<Measure>>,
    /// Fields that their types do not have.
    unknown: usize,
}

/// Where the walk is.
#[derive(Clone, Copy, Default)]
struct Place {
    /// Selections and fragments on the way here: what bounds the recursion.
    level: usize,
    /// What stands here is asked of every item of some list.
    is_listed: bool,
}

impl Place {
    fn below(self, times: Times) -> Self {
        Self {
            level: self.level + 1,
            is_listed: self.is_listed || !matches!(times, Times::Once | Times::Aside),
        }
    }
}

impl<'query> Walk<'query> {
    fn selections(
        &mut self,
        set: &'query SelectionSet,
        of_type: Option<&str>,
        place: Place,
    ) -> Result<Measure, Refusal> {
        if place.level > 2 * self.limits.nesting {
            return Err(too_deep(self.limits.depth));
        }
        let mut parts = Parts::default();
        for item in &set.items {
            let (on, measure) = match &item.node {
                Selection::Field(field) => (None, self.field(&field.node, of_type, place)?),
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let on = condition.map(|condition| condition.node.on.node.as_str());
                    let inner = &inline.node.selection_set.node;
                    (on, self.selections(inner, on.or(of_type), place.below(Times::Once))?)
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let condition = self.fragments.get(name).map(|it| &it.node.type_condition);
                    let on = condition.map(|condition| condition.node.on.node.as_str());
                    (on, self.fragment(name, place)?)
                }
            };
            parts.add(on.and_then(|on| self.prices.kinds.chosen(of_type, on)), measure);
        }
        Ok(parts.measure())
    }

    fn fragment(&mut self, name: &'query str, place: Place) -> Result<Measure, Refusal> {
        let Some(fragment) = self.fragments.get(name) else { return Ok(Measure::default()) };
        let key = (name, place.is_listed);
        match self.measured.get(&key) {
            Some(Some(measure)) => return Ok(*measure),
            Some(None) => {
                return Err(Refusal::new(
                    "INVALID_QUERY",
                    format!("片段 {name} 包含自身"),
                    format!("the fragment {name} contains itself"),
                ));
            }
            None => {}
        }
        self.measured.insert(key, None);
        let on = fragment.node.type_condition.node.on.node.as_str();
        let measure =
            self.selections(&fragment.node.selection_set.node, Some(on), place.below(Times::Once))?;
        self.measured.insert(key, Some(measure));
        Ok(measure)
    }

    fn field(
        &mut self,
        field: &'query Field,
        of_type: Option<&str>,
        place: Place,
    ) -> Result<Measure, Refusal> {
        let name = field.name.node.as_str();
        if name == "__typename" {
            // Not free: fragments that multiply nothing else must be refused too.
            return Ok(Measure { cost: 1, introspection: 1, depth: 1, ..Measure::default() });
        }
        let prices = self.prices;
        let price = prices.price(of_type, name);
        if price.is_none() && of_type.is_some_and(|of_type| prices.has(of_type)) {
            self.count_unknown(of_type.unwrap_or_default(), name)?;
        }
        let to = price.map(|price| price.to.as_ref());
        let times = price.map_or(Times::Once, |price| price.times);
        if let Some(price) = price.filter(|_| place.is_listed) {
            check_alone(field, price)?;
        }
        let inner = self.selections(&field.selection_set.node, to, place.below(times))?;
        let narrowing = narrowing::price(field, |name| self.given(name));
        let own = price.map_or(1, |price| u64::from(price.own)) + narrowing;
        let is_aside = times == Times::Aside;
        let times = self.times(field, times);
        let spent = |inner: u64| own.saturating_add(times.saturating_mul(inner));
        if to.is_some_and(|to| to.starts_with("__"))
            || of_type.is_some_and(|of| of.starts_with("__"))
        {
            let introspection = spent(inner.introspection);
            return Ok(Measure { introspection, depth: 1, ..Measure::default() });
        }
        let cost = spent(inner.cost).saturating_add(inner.aside);
        let (cost, aside) = if is_aside { (0, cost) } else { (cost, 0) };
        Ok(Measure { cost, aside, introspection: 0, depth: inner.depth + 1 })
    }

    /// Validation names the fields that are not there, and for each looks through all that are for
    /// one of a name like it: a text with many is refused before.
    fn count_unknown(&mut self, of_type: &str, name: &str) -> Result<(), Refusal> {
        self.unknown += 1;
        if self.unknown <= MISTAKES {
            return Ok(());
        }
        Err(Refusal::new(
            "INVALID_QUERY",
            format!("查询有误：{of_type} 没有字段 {name}，此前还有 {MISTAKES} 个字段不存在"),
            format!("{of_type} has no field {name}, nor do {MISTAKES} fields before it exist"),
        ))
    }

    fn times(&self, field: &Field, times: Times) -> u64 {
        match times {
            Times::Once | Times::Aside => 1,
            Times::About(times) => u64::from(times),
            Times::Paged => {
                let given = |name| field.get_argument(name).map(|value| self.number(&value.node));
                let page = given("first").or_else(|| given("last")).unwrap_or(USUAL_PAGE);
                u64::from(page)
            }
        }
    }

    /// A page size as written or as its variable says; what is no number counts as the most.
    fn number(&self, value: &Value) -> u32 {
        let number = match value {
            Value::Number(number) => number.as_u64(),
            Value::Null => Some(u64::from(USUAL_PAGE)),
            Value::Variable(name) => match self.given(name) {
                Some(ConstValue::Number(number)) => number.as_u64(),
                Some(ConstValue::Null) | None => Some(u64::from(USUAL_PAGE)),
                Some(_) => None,
            },
            _ => None,
        };
        number
            .and_then(|number| u32::try_from(number).ok())
            .map_or(LARGEST_PAGE, |number| number.min(LARGEST_PAGE))
    }

    /// The value of a variable, if it has one.
    fn given(&self, name: &Name) -> Option<&ConstValue> {
        let definitions = &self.operation.variable_definitions;
        let of_name = || definitions.iter().find(|it| it.node.name.node == *name);
        self.variables.get(name).or_else(|| Some(&of_name()?.node.default_value.as_ref()?.node))
    }
}

fn check_alone(field: &Field, price: &Price) -> Result<(), Refusal> {
    let given = field.arguments.iter().map(|(name, _)| name.node.as_str());
    let Some(alone) = given.into_iter().find(|name| price.alone.contains(name)) else {
        return Ok(());
    };
    let name = &field.name.node;
    Err(Refusal::new(
        "NOT_IN_A_LIST",
        format!("列表各项的 {name} 不能带参数 {alone}：请逐个查询"),
        format!("{name} of every item of a list takes no {alone}: ask for one of them by itself"),
    ))
}

#[cfg(test)]
mod tests;
