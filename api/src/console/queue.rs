//! `/console`: what waits for whoever looks.

use std::str::FromStr as _;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use schema::{review::Track, viewer::Viewer};
use store::reviews::queue::{self, Position, Wait, Waiting};

use super::{
    Shared, Visitor,
    frame::{Frame, Tongue},
    page as sent,
};
use crate::{Problem, manage::Cursor};

/// Texts on a page.
const LENGTH: usize = 30;

#[derive(Template)]
#[template(path = "console/queue.html")]
struct Queue {
    frame: Frame,
    here: String,
    items: Vec<Item>,
    next: Option<String>,
}

struct Item {
    /// Where it is done.
    page: String,
    title: String,
    kind: String,
    waits: Vec<String>,
    track: Option<String>,
    by: String,
    since: String,
    due: String,
    late: bool,
}

/// `GET /console`
pub(super) async fn page(
    State(console): Shared,
    address: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let here = address.to_string();
    let signed_in = match console.visitor(&headers, &here).await? {
        Visitor::Works(signed_in) => signed_in,
        Visitor::Elsewhere(response) => return Ok(response),
    };
    let desk = &console.state.desk;
    let asked = url::form_urlencoded::parse(address.query().unwrap_or_default().as_bytes())
        .find_map(|(name, value)| (name == "after").then_some(value));
    // A place in the list that is none begins the list: nothing is lost by that.
    let after = asked.and_then(|text| Cursor::from_str(&text).ok());
    let after = after.map(|Cursor { at, id }| Position { since: at, review: id.into() });
    let mut session = desk.store.reader().await?;
    let viewer = Viewer::Known(signed_in.actor.clone());
    let length = u32::try_from(LENGTH + 1).unwrap_or(u32::MAX);
    let mut waiting = queue::of_viewer(&mut session, &viewer, after, length).await?;
    let more = waiting.len() > LENGTH;
    waiting.truncate(LENGTH);
    let last = waiting.last().filter(|_| more).map(Waiting::position);
    let next = last.map(|last| Cursor { at: last.since, id: last.review.uuid() }.to_string());
    let frame = console.frame(&headers, &signed_in, ("我的待办", "My queue"));
    let now = desk.clock.now();
    let l = frame.l;
    let items = waiting.into_iter().map(|waiting| {
        let content_type = desk.types.get(&waiting.r#type);
        let title = waiting.card.as_ref().zip(content_type).and_then(|(card, content_type)| {
            content_type.title_of(&card.fields).map(str::to_owned)
        });
        Item {
            page: page_of(&waiting),
            title: title.unwrap_or_else(|| l.t("（无标题）", "(no title)").to_owned()),
            kind: content_type.map_or_else(
                || waiting.r#type.to_string(),
                |content_type| l.of_both(&content_type.label),
            ),
            waits: waiting.waits.iter().map(|wait| wait_for(l, *wait)).collect(),
            track: (waiting.track != Track::Ordinary).then(|| l.of_both(&waiting.track.label())),
            by: waiting.by.unwrap_or_else(|| l.t("命令行", "command line").to_owned()),
            since: Tongue::moment(waiting.since),
            due: waiting.due_at.map(Tongue::moment).unwrap_or_default(),
            late: waiting.due_at.is_some_and(|at| at < now),
        }
    });
    let items = items.collect();
    sent(StatusCode::OK, &Queue { frame, here, items, next })
}

/// The page of the document; of somebody whose body alone is asked, the text that was laid before it.
fn page_of(waiting: &Waiting) -> String {
    match waiting.waits.as_slice() {
        [Wait::Cosignature(id, _)] => format!("/console/cosigning/{id}"),
        _ => format!("/console/documents/{}", waiting.document),
    }
}

fn wait_for(l: Tongue, wait: Wait) -> String {
    match wait {
        Wait::Step(role) => l.of_both(&role.label()),
        Wait::Publication => l.t("发布", "publish").to_owned(),
        Wait::Confirmation(kind, _) => {
            format!("{}（{}）", l.t("事后确认", "confirm"), l.of_both(&kind.label()))
        }
        Wait::Cosignature(..) => l.t("会签", "co-sign").to_owned(),
    }
}
