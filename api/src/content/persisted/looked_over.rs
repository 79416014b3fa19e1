//! A text looked over before anybody asks for it: whether it keeps the limits and fits the
//! schema, and what it costs.

use std::sync::Arc;

use async_graphql::{
    Name, Positioned, Request, SDLExportOptions, ServerError, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition},
    },
};
use schema::{
    digest::Digest,
    message::{Bilingual, Fault},
};

use crate::content::{
    ContentApi,
    http::Unparsable,
    limits::{cost, nesting},
    refusal,
    refusal::Refusal,
    too_large,
};

/// The operation that is run in place of those of a text: no name of a query begins like this.
const PROBE: &str = "__probe";

/// A text that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedOver {
    /// Names of its operations, with commas; empty where its one operation has none.
    pub names: String,
    /// What it costs where its variables are not known: one that says how many items it wants by
    /// a variable counts as one that does not say.
    pub cost: u64,
}

impl ContentApi {
    /// Looks a text over before anybody asks for it.
    ///
    /// # Errors
    /// Everything that would keep it from being answered, whatever its variables; as path the
    /// line and the column.
    pub async fn look_over_text(&self, text: &str) -> Result<LookedOver, Vec<Fault>> {
        let document = self.parsed(text).map_err(|error| vec![fault(*error)])?;
        let cost = self.look_over_parsed(&document).await;
        let cost = cost.map_err(|errors| errors.into_iter().map(fault).collect::<Vec<_>>())?;
        let names = document.operations.iter().filter_map(|(name, _)| Some(name?.as_str()));
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        Ok(LookedOver { names: names.join(", "), cost })
    }

    /// What tells the schema, and the prices of this version of the program, from others.
    pub fn schema_digest(&self) -> Digest {
        let sdl = self.0.graph.schema.sdl_with_options(SDLExportOptions::new());
        Digest::of_parts(&[env!("CARGO_PKG_VERSION").as_bytes(), b"\n", sdl.as_bytes()])
    }

    /// A text within the limits of its own, parsed.
    pub(in crate::content) fn parsed(
        &self,
        text: &str,
    ) -> Result<ExecutableDocument, Box<ServerError>> {
        let limits = self.limits();
        let refused = |refusal: Refusal| Box::new(refusal.into_server_error());
        if text.len() > limits.query_bytes {
            return Err(refused(too_large("查询", "the query", limits.query_bytes)));
        }
        if nesting::is_deeper_than(text, limits.nesting) {
            let most = limits.nesting;
            return Err(refused(Refusal::new(
                "TOO_DEEP",
                format!("查询中括号的嵌套超过 {most} 层"),
                format!("brackets lie more than {most} deep in the query"),
            )));
        }
        parse_query(text).map_err(|error| {
            let mut error = ServerError::from(error);
            error.source = Some(Arc::new(Unparsable));
            Box::new(error)
        })
    }

    pub(super) async fn look_over_parsed(
        &self,
        document: &ExecutableDocument,
    ) -> Result<u64, Vec<ServerError>> {
        let (prices, limits) = (&self.0.graph.prices, self.limits());
        let cost = cost::check(document, &Variables::default(), prices, limits)
            .map_err(|refusal| vec![refusal.into_server_error()])?;
        // The engine validates all operations of a text before it runs one: it is given one more
        // to run.
        let mut request = Request::new("").operation_name(PROBE);
        request.set_parsed_query(with_probe(document).map_err(|error| vec![*error])?);
        let errors = self.0.graph.schema.execute(request).await.errors;
        if errors.is_empty() { Ok(cost.cost) } else { Err(errors) }
    }
}

/// The same with one operation more, which looks nothing up.
fn with_probe(document: &ExecutableDocument) -> Result<ExecutableDocument, Box<ServerError>> {
    let probe = parse_query(format!("query {PROBE} {{ __typename }}"))
        .map_err(|error| Box::new(ServerError::from(error)))?;
    let named = |(name, operation): (Option<&Name>, &Positioned<OperationDefinition>)| {
        let name = name.cloned().unwrap_or_else(|| Name::new("__only"));
        (name, operation.clone())
    };
    let operations = document.operations.iter().chain(probe.operations.iter()).map(named);
    Ok(ExecutableDocument {
        operations: DocumentOperations::Multiple(operations.collect()),
        fragments: document.fragments.clone(),
    })
}

/// An error of the engine or a limit as a fault of a text.
fn fault(mut error: ServerError) -> Fault {
    refusal::complete(&mut error);
    let place = error.locations.first();
    let path = place.map(|at| format!("{}:{}", at.line, at.column)).unwrap_or_default();
    let message =
        refusal::message(&error).unwrap_or_else(|| Bilingual::new(&error.message, &error.message));
    Fault { path, code: "invalid_query", message }
}
