//! What the filter and the order of a list add to its price: each condition is tried on the rows
//! that are passed on the way to a page, each further term of an order is sorted by.

use async_graphql::{Name, parser::types::Field};
use async_graphql_value::{ConstValue, Value};

/// Price of a condition, and of every further term of an order.
const CONDITION: u64 = 10;

/// What the filter and the order of `field` cost; `given` has the values of variables.
pub(super) fn price<'query>(
    field: &'query Field,
    given: impl Fn(&Name) -> Option<&'query ConstValue>,
) -> u64 {
    let argument = |name| field.get_argument(name).map(|value| &value.node);
    let conditions = argument("filter").map_or(0, |filter| conditions(filter, &given));
    let terms = argument("orderBy").map_or(0, |order| match order {
        Value::List(terms) => terms.len(),
        Value::Variable(name) => match given(name) {
            Some(ConstValue::List(terms)) => terms.len(),
            _ => 1,
        },
        _ => 1,
    });
    CONDITION * (conditions + terms.saturating_sub(1) as u64)
}

fn conditions<'query>(filter: &Value, given: &impl Fn(&Name) -> Option<&'query ConstValue>) -> u64 {
    match filter {
        Value::Object(members) => members.values().map(|value| 1 + conditions(value, given)).sum(),
        Value::List(items) => items.iter().map(|item| conditions(item, given)).sum(),
        Value::Variable(name) => given(name).map_or(0, conditions_given),
        _ => 0,
    }
}

fn conditions_given(filter: &ConstValue) -> u64 {
    match filter {
        ConstValue::Object(members) => {
            members.values().map(|value| 1 + conditions_given(value)).sum()
        }
        ConstValue::List(items) => items.iter().map(conditions_given).sum(),
        _ => 0,
    }
}
