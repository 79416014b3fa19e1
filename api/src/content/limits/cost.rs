//! What a query costs, found by walking it once before anything is validated or looked up.
//!
//! Every field has a price of its own (1 for what lies ready, more for what takes a statement)
//! and says how many values stand under it: `first` or `last` of a paged list, an estimate for
//! other lists. A field costs its price and, for each value under it, what is selected there.
//! A fragment is measured once however often it is spread, so that fragments which multiply
//! cost no more to refuse than to write down.

mod count;
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

use self::count::Count;
use super::Limits;
use crate::content::refusal::Refusal;

/// Values on one page of a list, at most.
pub(crate) const LARGEST_PAGE: u32 = 100;
/// Values on one page of a list where neither `first` nor `last` is given.
pub(crate) const USUAL_PAGE: u32 = 20;
/// Operations in one text.
const OPERATIONS: usize = 20;
/// What introspection may cost by the same count: the query of GraphiQL with plenty to spare,
/// but not fields of types of fields of types.
const INTROSPECTION: u64 = 1_500_000;

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

/// Prices by type and field.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prices(HashMap<Box<str>, HashMap<Box<str>, Price>>);

impl Prices {
    /// Sets the price of one field.
    pub(crate) fn set(&mut self, of_type: &str, field: &str, price: Price) {
        self.0.entry(of_type.into()).or_default().insert(field.into(), price);
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

    fn price(&self, of_type: Option<&str>, field: &str) -> Option<&Price> {
        self.0.get(of_type?)?.get(field)
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

/// What a query costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cost {
    /// As the limit counts it.
    pub(crate) cost: u64,
    introspection: u64,
}

impl Cost {
    /// In points of a budget. What the schema says of itself lies ready in memory and is counted
    /// by a measure of its own, far larger.
    pub(crate) const fn points(self) -> u64 {
        self.cost.saturating_add(self.introspection / 100)
    }
}

/// What a part of a query comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Measure {
    cost: u64,
    introspection: u64,
    /// What the field that gives this costs beside, however many values stand under it.
    aside: u64,
    /// Levels of fields, introspection aside.
    depth: usize,
}

impl Measure {
    fn beside(self, other: Self) -> Self {
        Self {
            cost: self.cost.saturating_add(other.cost),
            introspection: self.introspection.saturating_add(other.introspection),
            aside: self.aside.saturating_add(other.aside),
            depth: self.depth.max(other.depth),
        }
    }

    fn check(self, limits: &Limits) -> Result<(), Refusal> {
        if self.depth > limits.depth {
            return Err(too_deep(limits.depth));
        }
        if self.cost > limits.cost || self.introspection > INTROSPECTION {
            let most = if self.cost > limits.cost { limits.cost } else { INTROSPECTION };
            let asked = if self.cost > limits.cost { self.cost } else { self.introspection };
            return Err(Refusal::new(
                "TOO_COSTLY",
                format!("查询的开销 {asked} 超过上限 {most}：请减少 first、减少字段或分次查询"),
                format!(
                    "the query costs {asked}, more than {most}: ask for fewer items (first), \
                     fewer fields, or in several queries"
                ),
            ));
        }
        Ok(())
    }
}

fn too_deep(most: usize) -> Refusal {
    Refusal::new(
        "TOO_DEEP",
        format!("查询的嵌套超过 {most} 层，请减少嵌套"),
        format!("the query is nested more than {most} deep: flatten it"),
    )
}

struct Walk<'query> {
    fragments: &'query HashMap<Name, Positioned<FragmentDefinition>>,
    operation: &'query OperationDefinition,
    variables: &'query Variables,
    prices: &'query Prices,
    limits: &'query Limits,
    /// By name and whether it stands in a list; `None` while it is being measured.
    measured: HashMap<(&'query str, bool), Option<Measure>>,
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
        let mut sum = Measure::default();
        for item in &set.items {
            let measure = match &item.node {
                Selection::Field(field) => self.field(&field.node, of_type, place)?,
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let on = condition.map(|condition| condition.node.on.node.as_str());
                    let inner = &inline.node.selection_set.node;
                    self.selections(inner, on.or(of_type), place.below(Times::Once))?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, place)?
                }
            };
            sum = sum.beside(measure);
        }
        Ok(sum)
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
