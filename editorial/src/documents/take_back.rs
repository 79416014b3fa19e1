//! Withdraw, remove, recall: what was published is taken back, each in its own way.

use schema::{
    due::DueKind,
    edition::{Importance, is_web_address},
    ids::ContentId,
    message::{Bilingual, Fault},
    permission::{Action, Touched, may},
    visibility::{Act, Decision, Difference, Notice, Removal, Visibility, decide},
};
use serde_json::json;
use store::{
    UnitOfWork,
    documents::{self, Document},
    embargoes, likeness, links, listing, placements, routes, search, unique,
};

use super::{
    Target, audit, authorise, claims, commitment_to, event, last_commitment, lock, record,
};
use crate::{Desk, Error, Refusal, reviews, schedules};

/// Characters of an explanation, at the most.
const EXPLANATION: usize = 2_000;

/// Shows a notice, with the text or alone (撤回). Withdrawing again changes the notice.
///
/// # Errors
/// [`Refusal::NotFrom`] for a document that is not live or withdrawn, [`Refusal::Invalid`]
/// without an explanation, missing permission.
pub async fn withdraw(
    _: &Desk,
    work: &mut UnitOfWork,
    target: Target,
    notice: Notice,
) -> Result<Document, Error> {
    let (mut document, _) = lock(work, target).await?;
    check_notice(&notice, true, false)?;
    unpublish(work, &mut document, Act::Withdraw, notice).await?;
    schedules::overtaken(work, document.id, &[DueKind::Withdrawal]).await?;
    Ok(document)
}

/// Takes a document away from readers: gone, redirected or vanished.
///
/// # Errors
/// [`Refusal::NotFrom`] for a document that was never published or was recalled,
/// [`Refusal::Invalid`] for a redirect that leads nowhere, missing permission.
pub async fn remove(
    desk: &Desk,
    work: &mut UnitOfWork,
    target: Target,
    removal: Removal,
    notice: Notice,
) -> Result<Document, Error> {
    let (mut document, siblings) = lock(work, target).await?;
    check_notice(&notice, false, removal == Removal::Redirect)?;
    unpublish(work, &mut document, Act::Remove(removal), notice).await?;
    schedules::overtaken(work, document.id, &[DueKind::Withdrawal, DueKind::Removal]).await?;
    let all: Vec<Document> = siblings.into_iter().chain([document.clone()]).collect();
    claims::release(desk, work, document.content, &all).await?;
    Ok(document)
}

/// What a recall came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// The documents that were recalled now, one per language.
    pub documents: Vec<Document>,
}

/// Takes a content back everywhere, in every language, for ever. Drafts are thrown away.
/// Recalling again is not an error: an order to take back must never fail for having been
/// carried out.
///
/// # Errors
/// A content that does not exist, missing permission for any of its documents.
pub async fn recall(
    _: &Desk,
    work: &mut UnitOfWork,
    content: ContentId,
    notice: Notice,
) -> Result<Recalled, Error> {
    let all = documents::lock_content(work, content).await?;
    if all.is_empty() {
        return Err(Refusal::not_found("document", content).into());
    }
    if let Some(explanation) = &notice.explanation {
        check_explanation(explanation)?;
    }
    // Nothing of it was ever public: who may not know of the drafts has nothing to take back.
    if all.iter().all(|document| document.visibility == Visibility::Unpublished) {
        for document in &all {
            let touched = documents::touched(work.session(), document).await?;
            if !may(work.actor(), Action::ReadDrafts, &touched) {
                return Err(Refusal::not_found("document", content).into());
            }
        }
    }
    let mut recalled = Vec::new();
    for mut document in all {
        let touched = documents::touched(work.session(), &document).await?;
        authorise(work, Action::TakeBack, &touched, Some(&document))?;
        reviews::discard(work, &document).await?;
        schedules::void_draft(work, document.id).await?;
        schedules::overtaken(work, document.id, &DueKind::ALL).await?;
        embargoes::lift(work, document.id).await?;
        if document.visibility == Visibility::Unpublished {
            let commitment = commitment_to(work, document.draft).await?;
            let details = json!({ "recall": true });
            audit(work, "document.discard", &document, commitment, details).await?;
            documents::delete_unpublished(work, document.id).await?;
            continue;
        }
        document.draft = None;
        document.draft_follows = None;
        if unpublish(work, &mut document, Act::Recall, notice.clone()).await? {
            recalled.push(document);
        }
    }
    unique::release_others(work, content, &[]).await?;
    Ok(Recalled { documents: recalled })
}

/// Writes what an act of unpublishing comes to; `false` when everything was so already.
async fn unpublish(
    work: &mut UnitOfWork,
    document: &mut Document,
    act: Act,
    notice: Notice,
) -> Result<bool, Error> {
    let touched: Touched = documents::touched(work.session(), document).await?;
    authorise(work, Action::TakeBack, &touched, Some(document))?;
    let nothing = Difference { text: false, positions: false };
    let (kind, visibility) = match decide(act, document.visibility, nothing) {
        Decision::Event(kind, visibility) => (kind, visibility),
        Decision::NotFrom(state) => return Err(Refusal::NotFrom(state).into()),
        Decision::NothingChanges => return Ok(false),
    };
    if document.visibility == visibility && document.notice.as_ref() == Some(&notice) {
        return Ok(false);
    }
    let was_live = document.visibility == Visibility::Live;
    let left = match was_live {
        true => placements::positions(work.session(), document.id).await?,
        false => Vec::new(),
    };
    let commitment = last_commitment(work, document).await?;
    document.visibility = visibility;
    document.notice = Some(notice);
    if visibility != Visibility::Withdrawn {
        document.live = None;
        document.live_follows = None;
    }
    if document.draft.is_none() {
        routes::release_reserved(work, document.id).await?;
    }
    documents::update(work, document).await?;
    listing::clear(work, document.id).await?;
    links::write(work, document.id, None).await?;
    search::clear(work, document.id).await?;
    likeness::clear(work, document.id).await?;
    let mut event = event(document, kind, Importance::Major, commitment);
    event.of.left = left;
    record(work, event);
    let details = json!({ "edition": document.last_edition, "visibility": visibility });
    let action = format!("document.{}", kind.as_str());
    audit(work, &action, document, Some(commitment), details).await?;
    Ok(true)
}

/// Refuses a notice that tells readers nothing, or leads them nowhere.
pub(crate) fn check_notice(notice: &Notice, explains: bool, redirects: bool) -> Result<(), Error> {
    let mut faults = Vec::new();
    match &notice.explanation {
        Some(explanation) => check_explanation(explanation)?,
        None if explains => faults.push(Fault::new(
            "notice.explanation",
            "required",
            "请向公众说明原因",
            "tell the public why",
        )),
        None => {}
    }
    match &notice.address {
        Some(address) if !is_address(address) => faults.push(Fault::new(
            "notice.address",
            "not_an_address",
            "应为本站路径（以 / 开头）或 http(s) 地址",
            "give a path of the site (starting with /) or an http(s) address",
        )),
        None if redirects => faults.push(Fault::new(
            "notice.address",
            "required",
            "请指明转到何处",
            "say where the redirect leads",
        )),
        _ => {}
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults).into()) }
}

fn check_explanation(explanation: &Bilingual) -> Result<(), Error> {
    let fits = |text: &str| {
        let length = text.trim().chars().count();
        length > 0 && length <= EXPLANATION && !text.contains('\0')
    };
    if fits(&explanation.zh) && fits(&explanation.en) {
        return Ok(());
    }
    Err(Refusal::Invalid(vec![Fault::new(
        "notice.explanation",
        "length",
        format!("说明应有中文和英文，各 1 至 {EXPLANATION} 个字"),
        format!(
            "an explanation is given in Chinese and English, 1 to {EXPLANATION} characters each"
        ),
    )])
    .into())
}

fn is_address(address: &str) -> bool {
    let is_path = address.parse::<schema::names::DocumentPath>().is_ok();
    is_path || is_web_address(address)
}
