//! `/console/documents/{document}`: a text before its reviewers, with what differs, what checks
//! find, how far its review is, and what whoever looks may do.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use editorial::{checks, plans, sign_in::SignedIn};
use schema::{
    checks::Severity,
    content_type::ContentType,
    difference,
    ids::DocumentId,
    origin::Origin,
    permission::{Action, Actor, Role, Touched, may},
    review::{ActKind, Conclusion, CosignState, State as Standing, Track, answers_for},
    viewer::Viewer,
};
use store::{
    Session,
    documents::{self, Document},
    past::{self, Reading},
    reviews::{
        Awaits,
        cases::{self, Record},
    },
};

use super::{
    Console, Shared, Visitor, Whence,
    acts::{Form, forms},
    cosigning,
    frame::{Frame, Tongue},
    page as sent,
    plan::{self, Plan},
    shown,
    shown::ShownField,
};
use crate::Problem;

#[derive(Template)]
#[template(path = "console/document.html")]
pub(super) struct Page {
    pub(super) frame: Frame,
    form_token: String,
    document: String,
    version: i64,
    digest: Option<String>,
    title: String,
    kind: String,
    locale: String,
    tags: Vec<Tag>,
    is_draft: bool,
    fields: Vec<ShownField>,
    places: Vec<String>,
    changes: Option<Changes>,
    findings: Vec<Finding>,
    review: Option<Review>,
    plan: Option<Plan>,
    forms: Vec<Form>,
    conclusions: Vec<(&'static str, String)>,
}

struct Tag {
    class: &'static str,
    text: String,
}

struct Changes {
    title: String,
    fields: Vec<ShownField>,
}

struct Finding {
    class: &'static str,
    severity: String,
    message: String,
    label: String,
    excerpt: String,
    suggestion: Option<String>,
}

struct Review {
    steps: Vec<Step>,
    bodies: Vec<Body>,
    acts: Vec<Act>,
}

struct Step {
    name: String,
    class: &'static str,
    state: String,
}

/// A body that was asked to co-sign.
struct Body {
    name: String,
    class: &'static str,
    state: String,
    due: Option<String>,
    late: bool,
    /// Where whoever looks answers for it.
    page: Option<String>,
    /// Its id, where whoever looks may overrule its objection.
    overruled: Option<String>,
}

struct Act {
    what: String,
    by: String,
    at: String,
    note: Option<String>,
}

/// `GET /console/documents/{document}`
pub(super) async fn page(
    State(console): Shared,
    Path(document): Path<String>,
    whence: Whence,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let here = format!("/console/documents/{document}");
    let signed_in = match console.visitor(&headers, &here).await? {
        Visitor::Works(signed_in) => signed_in,
        Visitor::Elsewhere(response) => return Ok(response),
    };
    let document = document.parse().map_err(|_| Problem::not_found())?;
    let origin = Arc::new(whence.of(&signed_in));
    let page = read(&console, origin, &headers, &signed_in, document).await?;
    sent(StatusCode::OK, &page)
}

/// The page of a document, for somebody who may read its draft.
pub(super) async fn read(
    console: &Console,
    origin: Arc<Origin>,
    headers: &HeaderMap,
    signed_in: &SignedIn,
    id: DocumentId,
) -> Result<Page, Problem> {
    let desk = &console.state.desk;
    let viewer = Viewer::Known(signed_in.actor.clone());
    let mut session = desk.store.reader().await?;
    let document = documents::document(&mut session, &viewer, id).await?;
    let document = document.ok_or_else(Problem::not_found)?;
    let touched = documents::touched(&mut session, &document).await?;
    if !may(&signed_in.actor, Action::ReadDrafts, &touched) {
        return Err(Problem::not_found());
    }
    let content_type = desk.types.get(&document.r#type).ok_or_else(Problem::not_found)?;
    let draft = past::draft(&mut session, &viewer, &document).await?;
    let live = past::live(&mut session, &viewer, &document).await?;
    if let Some(draft) = &draft {
        let witness = console.state.trail.witness(&signed_in.actor, origin);
        witness.saw(document.id, Some(draft.edition), document.version);
    }
    let records = cases::of_document(&mut session, &viewer, &document, 1).await?;
    let record = records.into_iter().next();
    let now = desk.clock.now();
    let mut frame = console.frame(headers, signed_in, ("", ""));
    let l = frame.l;
    let changes =
        changes(&mut session, &viewer, content_type, l, &document, record.as_ref(), &draft, &live);
    let changes = changes.await?;
    let planned = match &draft {
        Some(draft) => {
            Some(plans::of_draft(&mut session, &document, draft.edition, &draft.place).await)
        }
        None => plans::of_live(&mut session, &document).await.transpose(),
    };
    let plan = match planned.transpose().map_err(Problem::fault)? {
        Some(planned) => {
            let may_change = draft.is_some() && may(&signed_in.actor, Action::Draft, &touched);
            plan::told(&mut session, l, planned, may_change).await?
        }
        None => None,
    };
    drop(session);
    let text = draft.as_ref().or(live.as_ref());
    let title = text.and_then(|text| content_type.title_of(&text.content.fields));
    let title = title.unwrap_or(l.t("（无标题）", "(no title)")).to_owned();
    frame.title.clone_from(&title);
    let found =
        checks::findings(desk, &signed_in.actor, document.content, &document.locale).await?;
    let findings = found.into_iter().flat_map(|found| found.findings);
    let offered = forms(l, &signed_in.actor, &touched, &document, record.as_ref(), draft.as_ref());
    Ok(Page {
        form_token: signed_in.form_token.clone(),
        document: document.id.to_string(),
        version: document.version,
        digest: draft.as_ref().map(|draft| draft.digest.to_string()),
        title,
        kind: l.of_both(&content_type.label),
        locale: document.locale.to_string(),
        tags: tags(l, record.as_ref(), (&document, &touched), now),
        is_draft: draft.is_some(),
        fields: text.map(|text| shown::fields(l, content_type, &text.content)).unwrap_or_default(),
        places: text.map(places).unwrap_or_default(),
        changes,
        findings: findings.map(|finding| told(l, content_type, finding)).collect(),
        plan,
        review: record
            .as_ref()
            .map(|record| review(l, record, bodies(l, &signed_in.actor, &touched, record, now))),
        forms: offered,
        conclusions: Conclusion::ALL
            .map(|conclusion| (conclusion.as_str(), l.of_both(&conclusion.label())))
            .to_vec(),
        frame,
    })
}

/// What differs from what a reviewer signed last, or from what the public reads.
#[expect(clippy::too_many_arguments, reason = "what one page knows of one text")]
async fn changes(
    session: &mut Session,
    viewer: &Viewer,
    content_type: &ContentType,
    l: Tongue,
    document: &Document,
    record: Option<&Record>,
    draft: &Option<Reading>,
    live: &Option<Reading>,
) -> Result<Option<Changes>, Problem> {
    let Some(draft) = draft else { return Ok(None) };
    let signed = match record.and_then(Record::last_signed) {
        Some(edition) if edition != draft.edition => {
            past::worked_on(session, viewer, document, edition).await?
        }
        _ => None,
    };
    let since_signed = signed.is_some();
    let Some(before) = signed.or_else(|| live.as_ref().map(|live| live.content.clone())) else {
        return Ok(None);
    };
    let found = difference::between(content_type, &before, &draft.content);
    let title = match since_signed {
        true => l.t("自上次签署以来的改动", "What changed since it was signed last"),
        false => l.t("与在线版本的不同", "What differs from what the public reads"),
    };
    let fields = shown::differences(l, content_type, &found);
    Ok(Some(Changes { title: title.to_owned(), fields }))
}

fn places(text: &Reading) -> Vec<String> {
    let place = text.place.placements.iter().map(|placed| {
        let columns: Vec<String> = placed.columns.iter().map(ToString::to_string).collect();
        format!("{}：{} {}", placed.site, columns.join("、"), placed.path)
    });
    place.collect()
}

fn tags(
    l: Tongue,
    record: Option<&Record>,
    (document, touched): (&Document, &Touched),
    now: jiff::Timestamp,
) -> Vec<Tag> {
    let plain = |text: String| Tag { class: "", text };
    let mut tags = vec![plain(document.locale.to_string())];
    if touched.limit.is_some() {
        let text = l.t("阅读范围受限", "limited").to_owned();
        tags.push(Tag { class: "warning", text });
    }
    let Some(Record { review, .. }) = record else {
        tags.push(plain(l.t("尚未送审", "not submitted yet").to_owned()));
        return tags;
    };
    let register = format!(
        "{} {}-{:05}",
        l.t("登记号", "register"),
        review.register.year,
        review.register.number
    );
    tags.push(plain(register));
    tags.push(plain(l.of_both(&review.state.label())));
    if review.track != Track::Ordinary {
        tags.push(Tag { class: "warning", text: l.of_both(&review.track.label()) });
    }
    if let Some(due) = review.due_at {
        let is_late = due < now;
        let text = format!("{} {}", l.t("时限", "due"), Tongue::moment(due));
        tags.push(Tag { class: if is_late { "late" } else { "" }, text });
    }
    tags
}

fn told(l: Tongue, content_type: &ContentType, finding: schema::checks::Finding) -> Finding {
    Finding {
        class: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "",
        },
        severity: l.of_both(&finding.severity.label()),
        message: l.of_both(&finding.message),
        label: shown::label(l, content_type, &finding.path),
        excerpt: finding.excerpt,
        suggestion: finding.suggestion,
    }
}

/// The bodies that were asked, with what `actor` may do about each.
fn bodies(
    l: Tongue,
    actor: &Actor,
    touched: &Touched,
    record: &Record,
    now: jiff::Timestamp,
) -> Vec<Body> {
    let is_under_review = record.review.state == Standing::Submitted;
    let told = record.cosignatures.iter().map(|asked| {
        let objects = asked.state == CosignState::Objected && is_under_review;
        let overrules = asked.overruled_by.and_then(Role::reviews);
        let overrules = overrules.is_some_and(|action| may(actor, action, touched));
        let answers = is_under_review && answers_for(actor, asked.body);
        Body {
            name: l.of_both(&asked.name),
            class: cosigning::class(asked.state),
            state: l.of_both(&asked.state.label()),
            due: asked.due_at.map(Tongue::moment),
            late: asked.state == CosignState::Asked && asked.due_at.is_some_and(|at| at < now),
            page: answers.then(|| format!("/console/cosigning/{}", asked.id)),
            overruled: (objects && overrules).then(|| asked.id.to_string()),
        }
    });
    told.collect()
}

fn review(l: Tongue, Record { review, acts, .. }: &Record, bodies: Vec<Body>) -> Review {
    let signed = |number: usize| {
        acts.iter().rev().find(|act| {
            act.round == review.round
                && act.step == Some(number)
                && matches!(
                    act.kind,
                    ActKind::Approved | ActKind::Skipped | ActKind::Published | ActKind::Forced
                )
        })
    };
    let mut steps: Vec<Step> = Vec::new();
    let mut reached = false;
    for (number, step) in review.chain.steps.iter().enumerate() {
        let (class, state) = match signed(number) {
            Some(act) => ("good", format!("{} {}", l.of_both(&act.kind.label()), act.by_name)),
            None if !reached && review.state == Standing::Submitted => {
                reached = true;
                ("warning", l.t("待签", "to be signed").to_owned())
            }
            None => ("", l.t("未到", "not yet").to_owned()),
        };
        steps.push(Step { name: l.of_both(&step.name), class, state });
    }
    if review.chain.secrecy {
        let concluded =
            acts.iter().rev().find(|act| act.round == review.round && act.kind == ActKind::Secrecy);
        let (class, state) = match concluded.and_then(|act| Some((act, act.conclusion?))) {
            Some((act, conclusion)) => {
                let class = if conclusion == Conclusion::Open { "good" } else { "error" };
                (class, format!("{} {}", l.of_both(&conclusion.label()), act.by_name))
            }
            None => ("warning", l.t("尚无结论", "no conclusion yet").to_owned()),
        };
        let name = l.t("保密审查", "Secrecy review").to_owned();
        steps.push(Step { name, class, state });
    }
    if review.awaits == Some(Awaits::Publication) {
        let state = l.t("各环节已签，待发布", "every step is signed").to_owned();
        steps.push(Step { name: l.t("发布", "Publication").to_owned(), class: "warning", state });
    }
    let acts = acts.iter().rev().map(|act| {
        let words =
            [act.conclusion.map(|it| l.of_both(&it.label())), act.basis.clone(), act.note.clone()];
        let words: Vec<String> = words.into_iter().flatten().collect();
        Act {
            what: l.of_both(&act.kind.label()),
            by: act.by_name.clone(),
            at: Tongue::moment(act.at),
            note: (!words.is_empty()).then(|| words.join("；")),
        }
    });
    Review { steps, bodies, acts: acts.collect() }
}
