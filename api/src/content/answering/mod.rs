//! Answering an operation: what it selects is followed level by level, each level read for all of
//! its things together, and then written as JSON.
//!
//! The engine parses and validates every operation and answers what is asked about the schema
//! itself ([`engine`]); fields of content it never resolves. Resolving them one by one would cost
//! a future, a map entry and a boxed value for each, which is several times what reading and
//! writing them costs.
//!
//! | part | does |
//! | --- | --- |
//! | [`steps`] | how each field is answered: noted once, when the schema is built |
//! | [`selection`] | which fields of a type are selected, with fragments, conditions and variables |
//! | [`ahead`] | reads, a level at a time |
//! | [`writing`] | writes what was read |
//! | [`engine`] | hands operations over once they are validated |

mod ahead;
mod engine;
mod root;
mod selection;
mod steps;
mod writing;

pub(super) use self::{
    engine::HandOver,
    root::Data,
    selection::Operation,
    steps::{Start, Step, Steps, Warm, Way},
};
