//! Where the engine hands over: it has parsed and validated an operation, and goes on by itself
//! only where something is asked about the schema.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{
    Error, Response, Value, async_trait,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
    indexmap::IndexMap,
    parser::types::OperationType,
};

use super::{selection::Operation, steps::Steps};

/// What is asked of a field of content when the engine comes to it: it was answered, or will be.
const ELSEWHERE: &str = "answered elsewhere";

/// Notes that an operation is valid, in the data of a request.
#[derive(Clone, Default)]
pub(crate) struct HandOver(Arc<AtomicBool>);

impl HandOver {
    /// Notes it.
    pub(crate) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the engine has found the operation valid.
    pub(crate) fn is_valid(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// What the engine gets for a field of content.
    pub(crate) fn elsewhere() -> Error {
        Error::new(ELSEWHERE)
    }

    /// The extension that hands over.
    pub(crate) fn extension(steps: Arc<Steps>) -> impl ExtensionFactory {
        Handing { steps }
    }
}

#[derive(Clone)]
struct Handing {
    steps: Arc<Steps>,
}

impl ExtensionFactory for Handing {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Extension for Handing {
    async fn execute(
        &self,
        context: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let (Some(valid), Some(operation)) =
            (context.data_opt::<HandOver>(), context.data_opt::<Arc<Operation>>())
        else {
            return next.run(context, operation_name).await;
        };
        // Everything else the engine refuses in its own words.
        if !operation.definition().is_some_and(|it| it.ty == OperationType::Query) {
            return next.run(context, operation_name).await;
        }
        valid.note();
        if !operation.asks_about_the_schema(&self.steps) {
            return Response::new(Value::Object(IndexMap::new()));
        }
        let mut response = next.run(context, operation_name).await;
        response.errors.retain(|error| error.message != ELSEWHERE);
        response
    }
}
