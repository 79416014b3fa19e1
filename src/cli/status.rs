//! `gongbao status`: where a document is: what the public sees of it, its events in the log, and
//! how it stands with it at every target.

use ::schema::{
    delivery::{Absence, DeliveryState},
    ids::{ContentId, DocumentId},
    log::Subject,
    message::Bilingual,
    permission::Role,
    viewer::Viewer,
};
use clap::Args;
use editorial::{Error, Refusal, targets};
use serde_json::json;
use store::{
    Session,
    deliveries::status::{DeliveryStatus, Standing},
    documents::{self, Document},
    due_times::{self, DueTime},
    embargoes::{self, Embargo},
    log::{self, StoredEvent},
    past::{self, HistoryEntry},
    placements,
    reviews::{Awaits, Review, cases},
};
use uuid::Uuid;

use super::{Answer, Failure, Hub, Language, answer::table};

/// Which document.
#[derive(Args)]
pub(crate) struct Arguments {
    /// 信息或内容的标识 / Id of the document, or of its content
    document: Uuid,
}

pub(crate) async fn run(hub: &Hub, arguments: &Arguments) -> Result<Answer, Failure> {
    let viewer = Viewer::Known(hub.operator.clone());
    let mut session = hub.desk.store.snapshot().await?;
    let found = find(&mut session, &viewer, arguments.document).await?;
    let mut text = String::new();
    let mut values = Vec::new();
    for document in &found {
        let placements = placements::of_document(&mut session, document.id).await?;
        let history = past::history(&mut session, &viewer, document).await?;
        let events = log::of_document(&mut session, document.id).await?;
        let reviews = cases::of_document(&mut session, &viewer, document, 1).await?;
        let review = reviews.first().map(|record| &record.review);
        let touched = documents::touched(&mut session, document).await?;
        let (mut scheduled, mut embargo) = (Vec::<DueTime>::new(), None);
        if viewer.sees_drafts(&touched) {
            scheduled = due_times::of_subject(&mut session, document.id.uuid(), 20).await?;
            scheduled.retain(|due| !due.state.is_closed());
            scheduled.reverse();
            embargo = embargoes::of_document(&mut session, document.id).await?;
        }
        let standings = targets::standing(&hub.desk, &hub.operator, document.id).await?;
        let places: Vec<_> = placements
            .iter()
            .map(|placement| format!("{}{}", placement.site_key, placement.path))
            .collect();
        if !text.is_empty() {
            text.push('\n');
        }
        let head = told_head(document, &places, review, hub.language);
        text.push_str(&head);
        text.push_str(&told_schedules(&scheduled, embargo.as_ref(), hub.language));
        text.push_str(&told(&history, &events, &standings, hub.language));
        values.push(json!({
            "document": document.id,
            "content": document.content,
            "locale": document.locale,
            "type": document.r#type,
            "visibility": document.visibility,
            "edition": document.last_edition,
            "hasDraft": document.draft.is_some(),
            "review": review.map(|review| json!({
                "register": { "year": review.register.year, "number": review.register.number },
                "track": review.track,
                "state": review.state,
                "round": review.round,
                "awaits": review.awaits.map(Awaits::as_str),
                "awaitsSecrecy": review.awaits_secrecy,
                "dueAt": review.due_at,
            })),
            "schedules": scheduled.iter().map(schedule).collect::<Vec<_>>(),
            "embargo": embargo.as_ref().map(|embargo| json!({
                "notBefore": embargo.not_before,
                "reason": embargo.reason,
            })),
            "placements": places,
            "history": history.iter().map(|entry| json!({
                "number": entry.publication.number,
                "publishedAt": entry.publication.published_at,
                "readable": entry.is_readable(),
            })).collect::<Vec<_>>(),
            "events": events.iter().map(event).collect::<Vec<_>>(),
            "targets": standings,
        }));
    }
    Ok(Answer::new(text, &values))
}

/// The document of this id, or every language of the content of this id.
async fn find(session: &mut Session, viewer: &Viewer, id: Uuid) -> Result<Vec<Document>, Failure> {
    if let Some(document) = documents::document(session, viewer, DocumentId::from(id)).await? {
        return Ok(vec![document]);
    }
    let all = documents::of_content(session, viewer, ContentId::from(id)).await?;
    if all.is_empty() {
        return Err(Error::from(Refusal::not_found("document", id)).into());
    }
    Ok(all)
}

fn event(stored: &StoredEvent) -> serde_json::Value {
    let edition = match &stored.event.subject {
        Subject::Document(event) => Some(event.edition),
        Subject::Arrangement(_) => None,
    };
    json!({
        "sequence": stored.event.sequence,
        "at": stored.event.at,
        "kind": stored.event.kind,
        "edition": edition,
    })
}

/// What the document is, where it stands, and how its review does.
fn told_head(
    document: &Document,
    places: &[String],
    review: Option<&Review>,
    language: Language,
) -> String {
    let draft =
        if document.draft.is_some() { language.say("，有草稿", ", with a draft") } else { "" };
    let mut text = format!(
        "{}  {}  {}\n{} {}{draft}\n{} {}\n",
        document.id,
        document.r#type,
        document.locale,
        language.say("状态：", "state:"),
        document.visibility.as_str(),
        language.say("位置：", "stands at:"),
        places.join("  "),
    );
    if let Some(review) = review {
        text.push_str(&told_review(review, language));
    }
    text
}

/// One line: its number in the register, its state, and whom it waits for until when.
fn told_review(review: &Review, language: Language) -> String {
    let say = |text: Bilingual| match language {
        Language::Zh => text.zh,
        Language::En => text.en,
    };
    let register = format!("{}-{}", review.register.year, review.register.number);
    let mut waits: Vec<String> = Vec::new();
    match review.awaits {
        Some(Awaits::Step(role)) => waits.push(say(role.label())),
        Some(Awaits::Publication) => waits.push(language.say("发布", "publication").to_owned()),
        None => {}
    }
    if review.awaits_secrecy {
        waits.push(say(Role::SecrecyReviewer.label()));
    }
    let mut line =
        format!("{} {register} {}", language.say("审核：", "review:"), say(review.state.label()));
    if !waits.is_empty() {
        let (before, between) = (language.say("，待", ", waits for "), language.say("、", ", "));
        line.push_str(&format!("{before}{}", waits.join(between)));
    }
    if let Some(due) = review.due_at {
        line.push_str(&format!("{}{due}", language.say("，时限 ", ", due ")));
    }
    line.push('\n');
    line
}

fn schedule(due: &DueTime) -> serde_json::Value {
    json!({
        "id": due.id,
        "kind": due.kind(),
        "state": due.state,
        "at": due.at,
        "attempts": due.attempts,
        "nextTry": due.next_at,
        "refusal": due.refusal,
    })
}

/// One line for the embargo, and one for each schedule that is open: when, how it stands, and why
/// the last try was refused.
fn told_schedules(scheduled: &[DueTime], embargo: Option<&Embargo>, language: Language) -> String {
    let locale = language.locale();
    let mut text = String::new();
    if let Some(Embargo { not_before, reason, .. }) = embargo {
        let label = language.say("禁发至：", "embargo until:");
        text.push_str(&format!("{label} {not_before} ({reason})\n"));
    }
    for due in scheduled {
        let (kind, state) = (due.kind().label(), due.state.label());
        let (kind, state) = (kind.for_locale(locale), state.for_locale(locale));
        let label = language.say("定时：", "scheduled:");
        text.push_str(&format!("{label} {kind} {} {state}", due.at));
        if let Some(refused) = &due.refusal {
            text.push_str(&format!(": {}", refused.message.for_locale(locale)));
        }
        text.push('\n');
    }
    text
}

fn told(
    history: &[HistoryEntry],
    events: &[StoredEvent],
    standings: &[Standing],
    language: Language,
) -> String {
    let mut text = String::new();
    let rows = history.iter().map(|entry| {
        [
            entry.publication.number.to_string(),
            entry.publication.published_at.to_string(),
            entry.publication.edition.to_string(),
        ]
    });
    let header = match language {
        Language::Zh => ["版本", "发布时间", "标识"],
        Language::En => ["edition", "published", "id"],
    };
    text.push('\n');
    text.push_str(&table(header, rows));
    let rows = events.iter().map(|stored| {
        [
            stored.event.sequence.to_string(),
            stored.event.at.to_string(),
            stored.event.kind.as_str().to_owned(),
        ]
    });
    let header = match language {
        Language::Zh => ["事件", "时间", "种类"],
        Language::En => ["event", "at", "kind"],
    };
    text.push('\n');
    text.push_str(&table(header, rows));
    let rows = standings.iter().map(|standing| standing_row(standing, language));
    let header = match language {
        Language::Zh => ["投放对象", "持有", "用时", "应有", "状态", "次数", "最近回应", "下次"],
        Language::En => {
            ["target", "holds", "took", "owed", "state", "tries", "last answer", "next try"]
        }
    };
    text.push('\n');
    text.push_str(&table(header, rows));
    text
}

fn standing_row(standing: &Standing, language: Language) -> [String; 8] {
    let holds = match standing.holds {
        None => "-".to_owned(),
        Some(holding) => edition(holding.edition, None, language),
    };
    // From the event to the receipt.
    let took = standing.holds.map(|holding| format!("{:#}", holding.took())).unwrap_or_default();
    let delivery = standing.delivery.as_ref();
    let [owed, state, tries, answer, next] =
        delivery.map(|delivery| delivery_row(delivery, language)).unwrap_or_default();
    [standing.target.clone(), holds, took, owed, state, tries, answer, next]
}

/// What is owed, its state, tries, last answer, next try.
pub(super) fn delivery_row(delivery: &DeliveryStatus, language: Language) -> [String; 5] {
    let state = match delivery.state {
        DeliveryState::Pending => language.say("待投", "waiting"),
        DeliveryState::Done => language.say("已投", "done"),
        DeliveryState::Superseded => language.say("已被取代", "superseded"),
        DeliveryState::Parked => language.say("搁置", "parked"),
        DeliveryState::Refused => language.say("被拒", "refused"),
    };
    let held = delivery.held_back.as_ref().filter(|held| !held.waits_for.is_empty());
    let state = match (delivery.reason.as_deref(), held) {
        (Some(reason), _) => format!("{state}: {reason}"),
        (None, Some(held)) => {
            let targets = held.waits_for.join(", ");
            format!("{}: {targets}", language.say("等候", "after"))
        }
        (None, None) => state.to_owned(),
    };
    let answer = delivery.last.as_ref().map(|last| {
        let class =
            last.class.map_or(language.say("调用中", "under way"), |class| class.as_str());
        match last.status {
            Some(status) => format!("{status} {class}"),
            None => class.to_owned(),
        }
    });
    [
        edition(delivery.edition, delivery.absence, language),
        state,
        delivery.tries.to_string(),
        answer.unwrap_or_default(),
        delivery.next_try.map(|at| at.to_string()).unwrap_or_default(),
    ]
}

fn edition(number: Option<u32>, absence: Option<Absence>, language: Language) -> String {
    match (number, absence) {
        (Some(number), _) => match language {
            Language::Zh => format!("第 {number} 版"),
            Language::En => format!("edition {number}"),
        },
        (None, Some(absence)) => {
            format!("{} ({})", language.say("无", "nothing"), absence.as_str())
        }
        (None, None) => language.say("无", "nothing").to_owned(),
    }
}
