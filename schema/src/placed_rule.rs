//! Rules of places: data that holds on the hub, a site or a column with everything below it, for one
//! content type or every one. The nearest says what holds.

use serde::{Serialize, de::DeserializeOwned};

use crate::message::Fault;

/// What can be ruled of a place.
pub trait Ruled:
    Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync + Unpin + 'static
{
    /// The word it is kept under.
    const KIND: &'static str;

    /// What is wrong with it, as far as it says by itself.
    fn faults(&self) -> Vec<Fault>;
}

impl Ruled for crate::review::Rule {
    const KIND: &'static str = "review";

    fn faults(&self) -> Vec<Fault> {
        self.faults()
    }
}

impl Ruled for crate::plan::Rule {
    const KIND: &'static str = "plan";

    fn faults(&self) -> Vec<Fault> {
        self.faults()
    }
}
