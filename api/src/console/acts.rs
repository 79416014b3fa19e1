//! What can be done on the page of a document. Which forms are offered is a courtesy; whether it is
//! done is decided where the management API has it decided.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use editorial::{
    Desk, Error, Refusal,
    documents::{self as acts, Publish, Target},
    plans,
    reviews::{self, Looked, Secrecy, Submission},
    sign_in::SignedIn,
};
use schema::{
    digest::Digest,
    gate::Way,
    ids::DocumentId,
    message::Fault,
    names::AuthorityKey,
    permission::{Action, Actor, Touched, may},
    review::{Conclusion, State as Standing, Track},
};
use store::{
    documents::Document,
    past::Reading,
    reviews::{Awaits, cases::Record},
};

use super::{
    Console, Visitor, Whence, document, form::Form as Sent, frame::Tongue, page as sent, plan,
    sign_in::refused, to,
};
use crate::Problem;

/// A form that is offered.
pub(super) struct Form {
    pub(super) act: &'static str,
    pub(super) title: &'static str,
    pub(super) hint: Option<&'static str>,
    pub(super) words: Option<Words>,
    pub(super) button: &'static str,
    pub(super) class: &'static str,
    /// Whether it lies folded until it is asked for.
    pub(super) folded: bool,
}

/// Words that come with an act.
pub(super) struct Words {
    pub(super) label: &'static str,
    pub(super) required: bool,
}

/// What `actor` may do to a document as it stands.
pub(super) fn forms(
    l: Tongue,
    actor: &Actor,
    touched: &Touched,
    document: &Document,
    record: Option<&Record>,
    draft: Option<&Reading>,
) -> Vec<Form> {
    let may = |action| may(actor, action, touched);
    let note =
        || Words { label: l.t("意见（可不填）", "A remark, if any"), required: false };
    let reason = || Words { label: l.t("理由", "The reason"), required: true };
    let plain = |act, title, button, words| Form {
        act,
        title,
        hint: None,
        words: Some(words),
        button,
        class: "",
        folded: false,
    };
    let mut forms = Vec::new();
    let review = record.map(|record| &record.review);
    let under_review =
        review.filter(|review| review.state == Standing::Submitted && draft.is_some());
    if let Some(review) = under_review {
        if let Some(Awaits::Step(role)) = review.awaits
            && role.reviews().is_some_and(may)
        {
            let (title, button) = (l.t("签署本环节", "Sign this step"), l.t("审核通过", "Approve"));
            forms.push(plain("approve", title, button, note()));
        }
        if review.awaits_secrecy && may(Action::ReviewSecrecy) {
            let title = l.t("保密审查", "Secrecy review");
            forms.push(plain("secrecy", title, l.t("提交结论", "Conclude"), note()));
        }
        if review.errors > 0 && may(Action::Publish) {
            let title = l.t("放行检查所见的错误", "Let the errors of the checks stand");
            let form = plain("waive", title, l.t("放行", "Let them stand"), reason());
            forms.push(Form { class: "second", folded: true, ..form });
        }
    }
    let is_ready = under_review.is_some_and(|review| {
        matches!(
            review.awaits,
            Some(Awaits::Publication | Awaits::Step(schema::permission::Role::Approver))
        )
    });
    if draft.is_some() && may(Action::Publish) && (is_ready || review.is_none()) {
        forms.push(Form {
            act: "publish",
            title: l.t("发布", "Publish"),
            hint: Some(l.t(
                "发布的正是本页所示的文本；按本处规定尚未完成的审核会被指出。",
                "Exactly the text of this page is published; what the rules of this place still ask for is told.",
            )),
            words: None,
            button: l.t("发布", "Publish"),
            class: "",
            folded: false,
        });
    }
    if under_review.is_some() {
        let reviews =
            [Action::ReviewFirst, Action::ReviewSecond, Action::ReviewSecrecy, Action::Publish];
        if reviews.into_iter().any(may) {
            let form =
                plain("return", l.t("退回", "Send it back"), l.t("退回", "Send back"), reason());
            forms.push(Form { class: "grave", folded: true, ..form });
        }
        if may(Action::Draft) {
            let (title, button) = (l.t("另请会签", "Ask bodies to co-sign"), l.t("请会签", "Ask"));
            forms.push(Form {
                act: "ask-to-cosign",
                title,
                hint: None,
                words: None,
                button,
                class: "second",
                folded: true,
            });
            let title = l.t("撤回送审", "Take it back");
            let form = plain("take-back", title, l.t("撤回送审", "Take back"), note());
            forms.push(Form { class: "second", folded: true, ..form });
        }
    } else if draft.is_some() && may(Action::Draft) {
        forms.push(plain("submit", l.t("送审", "Submit it"), l.t("送审", "Submit"), note()));
    }
    let owed = record.and_then(|record| record.debt.as_ref());
    if let Some(debt) = owed.filter(|debt| debt.confirmed_at.is_none())
        && debt.confirms.reviews().is_some_and(may)
        && debt.published_by != actor.id
        && document.live.is_some()
    {
        let title = l.t("事后确认", "Confirm the publication");
        forms.push(plain("confirm", title, l.t("确认", "Confirm"), note()));
    }
    forms
}

/// `POST /console/documents/{document}/{act}`
pub(super) async fn act(
    State(console): State<Arc<Console>>,
    Path((document, act)): Path<(String, String)>,
    whence: Whence,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let here = format!("/console/documents/{document}");
    let signed_in = match console.visitor(&headers, &here).await? {
        Visitor::Works(signed_in) => signed_in,
        Visitor::Elsewhere(response) => return Ok(response),
    };
    let form = Sent::of(&signed_in, &headers, &body)?;
    let id: DocumentId = document.parse().map_err(|_| Problem::not_found())?;
    let origin = Arc::new(whence.of(&signed_in));
    let desk = Desk { origin: Arc::clone(&origin), ..console.state.desk.clone() };
    match done(&desk, &signed_in, id, &act, &form).await {
        Ok(true) => Ok(to(&here)),
        Ok(false) => Err(Problem::not_found()),
        Err(error) => {
            let refusal = refused(error)?;
            if let Refusal::NotPermitted(_) = refusal {
                let trail = &console.state.trail;
                trail.refused(&signed_in.actor, &origin, &act, refusal.code());
            }
            let mut page = document::read(&console, origin, &headers, &signed_in, id).await?;
            page.frame.refused(&refusal);
            sent(Problem::from(refusal).status(), &page)
        }
    }
}

/// Does `act`; `false` where there is no such act.
async fn done(
    desk: &Desk,
    signed_in: &SignedIn,
    id: DocumentId,
    act: &str,
    form: &Sent,
) -> Result<bool, Error> {
    // A form always says which change of the document its page showed.
    let version = form.text("version").parse().ok();
    let target = Target { document: id, version };
    let (words, reason) = (form.filled("words"), form.text("words"));
    let (done, _) = editorial::work!(desk, &signed_in.actor, work => {
        match act {
            "submit" => {
                let note = words.map(ToOwned::to_owned);
                let looked = looked(target, form)?;
                let submission = Submission { looked, track: Track::Ordinary, note };
                reviews::submit(desk, work, submission).await?;
            }
            "approve" => {
                let looked = looked(target, form)?;
                reviews::approve(desk, work, looked, words).await?;
            }
            "secrecy" => {
                let secrecy = secrecy(form)?;
                let looked = looked(target, form)?;
                reviews::review_secrecy(desk, work, looked, &secrecy).await?;
            }
            "waive" => {
                let looked = looked(target, form)?;
                reviews::waive(desk, work, looked, reason).await?;
            }
            "ask-to-cosign" => {
                let looked = looked(target, form)?;
                let bodies = bodies(form.text("bodies"))?;
                reviews::ask_to_cosign(desk, work, looked, &bodies, None).await?;
            }
            "overrule" => {
                let id = form.text("cosignature").parse().map_err(|_| stale())?;
                reviews::overrule(work, id, reason).await?;
            }
            "return" => {
                reviews::return_to_author(work, target, reason).await?;
            }
            "take-back" => {
                reviews::take_back(work, target, words).await?;
            }
            "confirm" => {
                reviews::confirm(work, target, words).await?;
            }
            "plan" => {
                let change = plan::read(target, form)?;
                plans::change(work, change).await?;
            }
            "publish" => {
                let looked = looked(target, form)?;
                let publish = Publish {
                    target: looked.target,
                    way: Way::Editor,
                    forced: None,
                    approved: Some(looked.digest),
                    plan: looked.plan,
                    original: None,
                    old_text: None,
                };
                acts::publish(desk, work, publish).await?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(done)
}

/// The text that the page showed.
fn looked(target: Target, form: &Sent) -> Result<Looked, Error> {
    let digest: Digest = form.text("digest").parse().map_err(|_| stale())?;
    let plan = match form.filled("plan") {
        Some(plan) => Some(plan.parse().map_err(|_| stale())?),
        None => None,
    };
    Ok(Looked { target, digest, plan })
}

/// The keys of bodies, as somebody typed them.
fn bodies(text: &str) -> Result<BTreeSet<AuthorityKey>, Error> {
    let keys = text.split([' ', ',', '，', '、', '\n']).filter(|key| !key.is_empty());
    let read =
        |key: &str| key.parse().map_err(|_| Error::from(Refusal::not_found("authority", key)));
    keys.map(read).collect()
}

pub(super) fn stale() -> Error {
    let fault = Fault::new(
        "digest",
        "required",
        "页面不完整，请重新载入后再试",
        "the page is not whole: load it again",
    );
    Refusal::Invalid(vec![fault]).into()
}

fn secrecy(form: &Sent) -> Result<Secrecy, Error> {
    let conclusion = Conclusion::parse(form.text("conclusion")).ok_or_else(|| {
        let fault = Fault::new(
            "conclusion",
            "required",
            "请选择保密审查的结论",
            "choose what the secrecy review came to",
        );
        Error::from(Refusal::Invalid(vec![fault]))
    })?;
    Ok(Secrecy {
        conclusion,
        basis: form.text("basis").to_owned(),
        note: form.filled("words").map(ToOwned::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secrecy_review_needs_one_of_its_conclusions() {
        let headers = HeaderMap::from_iter([(
            axum::http::header::CONTENT_TYPE,
            axum::http::HeaderValue::from_static("application/x-www-form-urlencoded"),
        )]);
        let read = |body: &'static str| {
            let form = Sent::read(&headers, &Bytes::from_static(body.as_bytes()));
            secrecy(&form.expect("a form")).map(|secrecy| secrecy.conclusion)
        };

        assert!(read("conclusion=&basis=x").is_err());
        assert!(read("conclusion=yes&basis=x").is_err());
        assert_eq!(read("conclusion=open&basis=x").expect("a conclusion"), Conclusion::Open);
    }
}
