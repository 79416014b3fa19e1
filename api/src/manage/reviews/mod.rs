//! Reviews: what lies before whom, what was signed, and which steps there are where.

mod cosigning;
mod mutations;
mod queue;
mod rules;
mod told;

use async_graphql::MergedObject;

pub(crate) use cosigning::Cosigning;
pub(crate) use mutations::Reviewing;
pub(crate) use rules::{ReviewPlaceInput, Ruling};
pub(crate) use told::Review;

/// The queries of reviews.
#[derive(Default, MergedObject)]
pub(crate) struct Reviews(queue::Queue, rules::Rules, cosigning::Laying);
