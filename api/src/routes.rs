//! Everything that can be asked, and the bounds of each part.

use axum::{Router, http::StatusCode, middleware};

use crate::{
    AppState, Problem, assets,
    authentication::Authentication,
    console, content, feeds,
    http::{
        self, as_is,
        bounds::{Bounds, bounded},
        cross_origin,
    },
    manage, operations, sitemaps,
};

/// Nothing of these has a body.
const NO_BODY: usize = 1_024;

/// The whole API over `state`.
pub fn router(state: AppState) -> Router {
    let time = state.settings.time_limit;
    let within =
        |routes: Router, body: usize| bounded(routes, Bounds { body, time }, &state.places);
    let (desk, sign_in) = (state.desk.clone(), state.sign_in.clone());
    let authentication = Authentication::new(desk, sign_in, state.trail.clone());
    let assets = assets::routes(state.clone()).layer(middleware::from_fn(as_is));
    let sites = feeds::routes(state.clone()).merge(sitemaps::routes(state.clone()));
    let previewing = authentication.previewing();
    let public = previewing.with_sessions().around(assets).merge(sites);
    let public = within(public, NO_BODY).layer(cross_origin(&state.origins));
    let content = previewing.around(content::http::routes(&state, &authentication));
    let content = within(content, content::http::BODY).layer(cross_origin(&state.origins));
    let routes = Router::new()
        .merge(operations::routes(state.clone()))
        .merge(public)
        .merge(content)
        .merge(manage::routes(&state, &authentication))
        .merge(console::routes(&state, &authentication))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::of_status(StatusCode::METHOD_NOT_ALLOWED));
    http::around(routes, state)
}
