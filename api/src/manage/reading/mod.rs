//! What editors read: their documents with everything behind them, the house, the accounts,
//! the content types, and what was done to something.

mod document;
mod event;
mod findings;
mod house;
mod records;
mod types;
mod worklist;

use async_graphql::MergedObject;

/// 编辑与管理人员可读的内容 / What editors and administrators read
#[derive(Default, MergedObject)]
pub(crate) struct Query(OfTexts, OfTheHub, OfWork);

#[derive(Default, MergedObject)]
struct OfTexts(
    document::Documents,
    findings::Findings,
    worklist::Worklist,
    super::documents::Limited,
);

#[derive(Default, MergedObject)]
struct OfTheHub(house::House, types::Types, records::Records, super::access::SigningInTold);

#[derive(Default, MergedObject)]
struct OfWork(
    super::targets::Targets,
    super::reviews::Reviews,
    super::schedules::Schedules,
    super::plans::Plans,
);

/// Most items of one page.
const PAGE: i32 = 100;

/// A page's length as it was asked for, within bounds.
pub(crate) fn page(first: i32) -> u32 {
    u32::try_from(first.clamp(1, PAGE)).unwrap_or(1)
}

/// An argument of a query that cannot be used as given.
fn bad(fault: &schema::message::Fault) -> async_graphql::Error {
    use async_graphql::ErrorExtensions as _;
    async_graphql::Error::new(format!("{}: {}", fault.path, fault.message))
        .extend_with(|_, values| values.set("code", "BAD_ARGUMENT"))
}

/// What could not be read out of arguments, as an error.
pub(crate) fn read<T>(outcome: Result<T, editorial::Error>) -> async_graphql::Result<T> {
    outcome.map_err(|error| match error {
        editorial::Error::Store(error) => super::answer::fault(&error),
        editorial::Error::Refused(refusal) => match *refusal {
            editorial::Refusal::Invalid(faults) => match faults.first() {
                Some(first) => bad(first),
                None => async_graphql::Error::new("BAD_ARGUMENT"),
            },
            other => async_graphql::Error::new(other.message().to_string()),
        },
    })
}
