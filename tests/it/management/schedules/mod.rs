//! What is to become public, or not, at a moment, as its editors and the public see it. The clock
//! is turned by hand, and what the loop of a server calls is called.

mod deadlines;
mod embargoes;
mod firing;
mod once;
mod overdue;
mod scheduling;
mod sets;

use editorial::schedules::{Round, fire_due};
use serde_json::{Value, json};

use super::{Draft, Office, reviews::with, target};

/// What is asked of a schedule after each act.
const SCHEDULE: &str = "schedule { id kind state at attempts nextTry refusal { code } \
                        scheduledBy { name } closedAt closedBy { name } }";
/// 09:00 in Beijing on the third of March, a day after the stories begin.
const NINE: &str = "2026-03-03T01:00:00Z";

impl Office {
    /// Waits until something is so that another process brings about, looking again whenever the log
    /// has grown.
    async fn until(&self, is_so: impl AsyncFn() -> bool) {
        let store = &self.house.desk.store;
        let mut growth = store.log_growth();
        let waits = async {
            growth.mark_unchanged();
            while !is_so().await {
                growth.changed().await.expect("the store is open");
            }
        };
        tokio::select! {
            () = store.watch_others() => {}
            () = waits => {}
        }
    }

    /// Turns the clock to `moment` and fires what is due.
    async fn fire_at(&self, moment: &str) -> Round {
        self.house.clock.set(moment);
        fire_due(&self.house.desk).await.expect("the store answers")
    }

    /// Schedules the publication of a draft at [`NINE`]: the schedule.
    async fn schedule(&self, token: &str, draft: &Draft) -> Value {
        let payload = self.done(token, "schedulePublication", publication(draft, NINE), SCHEDULE);
        payload.await["schedule"].clone()
    }

    /// What is known of the schedules of a document, the newest first.
    async fn schedules_of(&self, document: &Value) -> Vec<(String, String)> {
        let query = "query($id: String!) { document(contentId: $id, locale: \"zh-CN\") { \
                     visibility schedules { kind state } } }";
        let id = json!({ "id": document["contentId"] });
        let read = self.query(&self.administrator, query, id).await;
        let schedules = read["document"]["schedules"].as_array().expect("schedules").clone();
        let word = |value: &Value| value.as_str().expect("a word").to_owned();
        schedules.iter().map(|one| (word(&one["kind"]), word(&one["state"]))).collect()
    }

    /// What the public sees of a document.
    async fn visibility(&self, document: &Value) -> String {
        let query =
            "query($id: String!) { document(contentId: $id, locale: \"zh-CN\") { visibility } }";
        let id = json!({ "id": document["contentId"] });
        let read = self.query(&self.administrator, query, id).await;
        read["document"]["visibility"].as_str().expect("a word").to_owned()
    }

    /// Code of the one reason why a mutation is not done.
    async fn refusal(&self, token: &str, name: &str, input: Value) -> String {
        let refused = self.refused(token, name, input).await;
        let [(code, _)] = &refused[..] else { panic!("{refused:?}") };
        code.clone()
    }
}

/// The publication of a draft at a moment.
fn publication(draft: &Draft, at: &str) -> Value {
    let document = json!({ "document": target(&draft.document) });
    with(document, &json!({ "approvedDigest": draft.digest, "at": at }))
}

/// Codes of what was refused in a round; an empty one for what was done.
fn came_of(round: &Round) -> Vec<String> {
    let code = |tried: &editorial::schedules::Tried| match &tried.refused {
        Some((refused, _)) => refused.code.clone(),
        None => String::new(),
    };
    round.tried.iter().map(code).collect()
}
