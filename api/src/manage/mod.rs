//! The management API: everything that changes something, and what editors read for it.
//!
//! A static GraphQL schema at `POST /manage/graphql`, for those who present a token. A mutation
//! is one unit of work; its payload holds the result or every reason why there is none. Inputs
//! name things as people do elsewhere too: keys, paths, content ids.

#[macro_use]
mod answer;
#[macro_use]
mod caller;
mod access;
mod arrange;
mod cursor;
mod documents;
mod files;
mod graphql;
mod input;
mod plans;
mod reading;
mod reviews;
mod schedules;
mod session;
mod targets;
mod uploads;
mod words;

pub(crate) use cursor::Cursor;

use async_graphql::{
    EmptySubscription, Json, MergedObject, SDLExportOptions, Schema as GraphqlSchema,
};
use axum::Router;
use serde_json::Value;

use crate::{AppState, authentication::Authentication};

/// 一切改动 / Everything that changes something
// Of a merged object each part is asked within the call to the one before it: in groups, no call
// goes deep.
#[derive(Default, MergedObject)]
pub(crate) struct Mutation(OfDocuments, OfTheHouse, OfPeople, OfReviews, OfTime, OfTargets);

#[derive(Default, MergedObject)]
struct OfDocuments(
    documents::Drafting,
    documents::TakingBack,
    documents::Elsewhere,
    documents::Previews,
    documents::Limits,
);

#[derive(Default, MergedObject)]
struct OfTheHouse(
    arrange::Authorities,
    arrange::Sites,
    arrange::Columns,
    arrange::Notices,
    arrange::Manifests,
);

#[derive(Default, MergedObject)]
struct OfPeople(access::Access, access::SigningIn);

#[derive(Default, MergedObject)]
struct OfReviews(reviews::Reviewing, reviews::Cosigning, reviews::Ruling);

#[derive(Default, MergedObject)]
struct OfTime(schedules::Scheduling, schedules::Embargoes, schedules::Releasing);

#[derive(Default, MergedObject)]
struct OfTargets(targets::Changing, plans::Planning, plans::PlanRuling);

type Schema = GraphqlSchema<reading::Query, Mutation, EmptySubscription>;

/// How deep a query may go. An introspection query of the usual tools goes 13 deep.
const DEPTH: usize = 20;
/// How many fields a query may ask for, aliases and fragments counted.
const FIELDS: usize = 1_000;
/// How many directives a field may carry.
const DIRECTIVES: usize = 5;

fn schema() -> Schema {
    GraphqlSchema::build(reading::Query::default(), Mutation::default(), EmptySubscription)
        .limit_depth(DEPTH)
        .limit_complexity(FIELDS)
        .limit_directives(DIRECTIVES)
        .override_output_type_description::<Json<Value>>("任意 JSON 值 / Any JSON value")
        .finish()
}

/// The schema in GraphQL's own language, always in the same order.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .use_space_ident();
    let text = schema().sdl_with_options(options);
    format!("{}\n", text.trim())
}

/// The routes of the management API, each within its own bounds.
pub(crate) fn routes(state: &AppState, authentication: &Authentication) -> Router {
    let authentication = authentication.with_sessions();
    graphql::routes(state, &authentication)
        .merge(files::routes(state, &authentication))
        .merge(uploads::routes(state, &authentication))
        .merge(session::routes(state, &authentication))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Set, the test writes the committed file instead of comparing with it.
    const UPDATE: &str = "GONGBAO_TEST_UPDATE";

    #[test]
    fn the_committed_schema_is_what_is_served() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/manage.graphql");
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(path, sdl()).expect("the file is written");
        }
        let committed = std::fs::read_to_string(path).expect("schema/manage.graphql");
        assert!(
            committed == sdl(),
            "schema/manage.graphql is out of date: run this with {UPDATE}=1"
        );
    }

    #[test]
    fn everything_is_described_in_both_languages() {
        let text = sdl();
        let mut lines = text.lines().map(str::trim);
        let mut described = false;
        while let Some(line) = lines.next() {
            if line == "\"\"\"" {
                let block: String = lines.by_ref().take_while(|line| *line != "\"\"\"").collect();
                // Those of GraphQL itself say what the specification says.
                described = block.contains(" / ") || block.contains("spec.graphql.org");
                continue;
            }
            let name = line.split([':', '(', ' ']).next().unwrap_or_default();
            let is_named = !name.is_empty() && name.chars().all(char::is_alphanumeric);
            let is_word_of_its_own = matches!(name, "schema" | "query" | "mutation" | "directive");
            assert!(described || !is_named || is_word_of_its_own, "{line} has no description");
            described = false;
        }
    }
}
