//! `/console/cosigning/{cosignature}`: a text as it was laid before a body, for those who answer for
//! it; they see this text, and nothing else of its document.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use editorial::{
    Desk, Error, Refusal,
    reviews::{self, Answer},
    sign_in::SignedIn,
};
use schema::{
    difference,
    digest::Digest,
    ids::CosignatureId,
    message::Fault,
    origin::Origin,
    review::{CosignState, Silence},
    viewer::Viewer,
};
use store::reviews::cosigning;

use super::{
    Console, Shared, Visitor, Whence,
    acts::{Form, Words},
    form::Form as Sent,
    frame::{Frame, Tongue},
    page as sent, shown,
    shown::ShownField,
    sign_in::refused,
    to,
};
use crate::Problem;

#[derive(Template)]
#[template(path = "console/cosigning.html")]
struct Page {
    frame: Frame,
    form_token: String,
    cosignature: String,
    digest: Option<String>,
    title: String,
    kind: String,
    locale: String,
    body: String,
    class: &'static str,
    state: String,
    due: Option<String>,
    late: bool,
    owner: String,
    by: String,
    since: String,
    agrees_when_silent: bool,
    note: Option<String>,
    fields: Vec<ShownField>,
    changes: Option<Vec<ShownField>>,
    forms: Vec<Form>,
}

/// How a state is marked.
pub(super) const fn class(state: CosignState) -> &'static str {
    match state {
        CosignState::Confirmed | CosignState::Silent | CosignState::Overruled => "good",
        CosignState::Asked => "warning",
        CosignState::Objected => "error",
        CosignState::Void => "",
    }
}

/// `GET /console/cosigning/{cosignature}`
pub(super) async fn page(
    State(console): Shared,
    Path(cosignature): Path<String>,
    whence: Whence,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let here = format!("/console/cosigning/{cosignature}");
    let signed_in = match console.visitor(&headers, &here).await? {
        Visitor::Works(signed_in) => signed_in,
        Visitor::Elsewhere(response) => return Ok(response),
    };
    let id = cosignature.parse().map_err(|_| Problem::not_found())?;
    let origin = Arc::new(whence.of(&signed_in));
    let page = read(&console, origin, &headers, &signed_in, id).await?;
    sent(StatusCode::OK, &page)
}

async fn read(
    console: &Console,
    origin: Arc<Origin>,
    headers: &HeaderMap,
    signed_in: &SignedIn,
    id: CosignatureId,
) -> Result<Page, Problem> {
    let desk = &console.state.desk;
    let viewer = Viewer::Known(signed_in.actor.clone());
    let mut session = desk.store.reader().await?;
    let laid = cosigning::laid(&mut session, &viewer, id).await?;
    let laid = laid.ok_or_else(Problem::not_found)?;
    drop(session);
    let content_type = desk.types.get(&laid.r#type).ok_or_else(Problem::not_found)?;
    let asked = &laid.cosignature;
    if laid.text.is_some() {
        let witness = console.state.trail.witness(&signed_in.actor, origin);
        witness.saw(asked.document, Some(asked.edition), 0);
    }
    let mut frame = console.frame(headers, signed_in, ("", ""));
    let l = frame.l;
    let content = laid.text.as_ref().map(|(_, content)| content);
    let title = content.and_then(|content| content_type.title_of(&content.fields));
    let title = title.unwrap_or(l.t("（无标题）", "(no title)")).to_owned();
    frame.title.clone_from(&title);
    let changes = content.zip(laid.agreed_before.as_ref()).map(|(content, before)| {
        let found = difference::between(content_type, before, content);
        shown::differences(l, content_type, &found)
    });
    let forms = match laid.text {
        Some(_) => forms(l, asked.state),
        None => Vec::new(),
    };
    Ok(Page {
        form_token: signed_in.form_token.clone(),
        cosignature: asked.id.to_string(),
        digest: laid.text.as_ref().map(|(digest, _)| digest.to_string()),
        title,
        kind: l.of_both(&content_type.label),
        locale: laid.locale.to_string(),
        body: l.of_both(&asked.name),
        class: class(asked.state),
        state: l.of_both(&asked.state.label()),
        due: asked.due_at.map(Tongue::moment),
        late: asked.state == CosignState::Asked
            && asked.due_at.is_some_and(|at| at < desk.clock.now()),
        owner: l.of_both(&laid.owner),
        by: laid.asked_by.unwrap_or_else(|| l.t("命令行", "command line").to_owned()),
        since: Tongue::moment(asked.asked_at),
        agrees_when_silent: asked.silence == Silence::Agrees && asked.due_at.is_some(),
        note: laid.note,
        fields: content.map(|it| shown::fields(l, content_type, it)).unwrap_or_default(),
        changes,
        forms,
        frame,
    })
}

fn forms(l: Tongue, state: CosignState) -> Vec<Form> {
    let form = |act, title, words, button, class| Form {
        act,
        title,
        hint: None,
        words,
        button,
        class,
        folded: act == "object",
    };
    let remark = Words { label: l.t("意见（可不填）", "A remark, if any"), required: false };
    let reason = Words { label: l.t("理由", "The reason"), required: true };
    match state {
        CosignState::Asked => {
            let (agree, object) = (l.t("会签同意", "Agree"), l.t("提出异议", "Object"));
            vec![
                form("agree", agree, Some(remark), agree, ""),
                form("object", object, Some(reason), object, "grave"),
            ]
        }
        CosignState::Objected => {
            let withdraw = l.t("撤回异议", "Take the objection back");
            vec![form("withdraw", withdraw, None, withdraw, "second")]
        }
        _ => Vec::new(),
    }
}

/// `POST /console/cosigning/{cosignature}/{act}`
pub(super) async fn act(
    State(console): State<Arc<Console>>,
    Path((cosignature, act)): Path<(String, String)>,
    whence: Whence,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let here = format!("/console/cosigning/{cosignature}");
    let signed_in = match console.visitor(&headers, &here).await? {
        Visitor::Works(signed_in) => signed_in,
        Visitor::Elsewhere(response) => return Ok(response),
    };
    let form = Sent::of(&signed_in, &headers, &body)?;
    let id: CosignatureId = cosignature.parse().map_err(|_| Problem::not_found())?;
    let answer = match act.as_str() {
        "agree" => Answer::Agrees(form.filled("words").map(ToOwned::to_owned)),
        "object" => Answer::Objects(form.text("words").to_owned()),
        "withdraw" => Answer::Withdraws,
        _ => return Err(Problem::not_found()),
    };
    let origin = Arc::new(whence.of(&signed_in));
    let desk = Desk { origin: Arc::clone(&origin), ..console.state.desk.clone() };
    match answered(&desk, &signed_in, id, &form, &answer).await {
        Ok(()) => Ok(to(&here)),
        Err(error) => {
            let refusal = refused(error)?;
            let mut page = read(&console, origin, &headers, &signed_in, id).await?;
            page.frame.refused(&refusal);
            sent(Problem::from(refusal).status(), &page)
        }
    }
}

async fn answered(
    desk: &Desk,
    signed_in: &SignedIn,
    id: CosignatureId,
    form: &Sent,
    answer: &Answer,
) -> Result<(), Error> {
    let digest: Digest = form.text("digest").parse().map_err(|_| {
        let (zh, en) = ("页面不完整，请重新载入后再试", "the page is not whole: load it again");
        Error::from(Refusal::Invalid(vec![Fault::new("digest", "required", zh, en)]))
    })?;
    editorial::work!(desk, &signed_in.actor, work => {
        reviews::answer(work, id, digest, answer).await.map(|_| ())
    })?;
    Ok(())
}
