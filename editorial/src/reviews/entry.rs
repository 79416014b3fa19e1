//! What the gate before publication hears of a text's review, and what its publication leaves in
//! it.

use schema::{
    edition::Content,
    gate::{self, Way},
    ids::EditionId,
    permission::Role,
    review::{ActKind, Asked, DebtKind, Missing, Signed, State, may_sign, progress},
};
use store::{
    UnitOfWork,
    documents::Document,
    editions::Text,
    reviews::{
        Debt, Review,
        cases::{self, NewAct},
        cosigning, debts,
    },
};

use super::{due, note, of_round, rest, rules, words};
use crate::{Desk, Error, checks, documents::place::Found};

/// Who confirms a publication that was forced, and within what time, where the chain names
/// nobody.
const FORCED: (Role, &str) = (Role::Approver, "1wd");

/// How a text comes to the gate.
pub(crate) struct Entry {
    /// What its review lacks.
    pub(crate) missing: Option<Missing>,
    /// The review that is open, whether this text lies before the reviewers or not.
    review: Option<Review>,
    /// The last step, which whoever publishes signs by publishing.
    signs: Option<usize>,
    /// Why it is published before the review is complete.
    forced: Option<String>,
}

/// A draft on its way to be public.
pub(crate) struct Candidate<'a> {
    pub(crate) edition: EditionId,
    /// Where it is placed, and what it says.
    pub(crate) says: (&'a Text, &'a Content),
    /// Where it comes to stand.
    pub(crate) found: &'a [Found],
    pub(crate) way: Way,
    /// Why it is to be published before its review is complete.
    pub(crate) forced: Option<&'a str>,
}

/// Looks up the review of a draft. Whoever publishes signs the last step by that, where it is all
/// that is missing; and with a reason may `force` the others and the answers of bodies that have
/// not given one, but neither the secrecy review nor an objection nor what checks call an error.
pub(crate) async fn entry(
    desk: &Desk,
    work: &mut UnitOfWork,
    document: &Document,
    candidate: Candidate<'_>,
) -> Result<Entry, Error> {
    let Candidate { edition: draft, says, found, way, forced } = candidate;
    let mut entry = Entry { missing: None, review: None, signs: None, forced: None };
    let Some(track) = gate::rule(way).track else { return Ok(entry) };
    let open = match way {
        Way::Editor | Way::Schedule => cases::open(work, document.id).await?,
        _ => None,
    };
    let review = match open {
        Some(review) if review.state == State::Submitted && review.edition == draft => review,
        other => {
            let chain = rules::chain(work, document, found, track).await?;
            entry.missing = (!chain.is_direct()).then_some(Missing::Submission);
            entry.review = other.map(|review| Review { edition: draft, ..review });
            return Ok(entry);
        }
    };
    let acts = cases::acts(work.session(), &review).await?;
    let mut signed = of_round(&acts, review.round);
    let now = progress(&review.chain, &signed);
    let last = review.chain.steps.len().checked_sub(1);
    // Nobody signs by being the one whose schedule is due.
    if way == Way::Editor && now.next.is_some() && now.next == last {
        let mut authors = cases::authors(work, document).await?;
        authors.push(review.submitted_by);
        let who = work.actor().id;
        if may_sign(review.chain.persons, &signed, &authors, who).is_ok() {
            entry.signs = last;
            signed.push(Signed { kind: ActKind::Approved, step: last, conclusion: None, by: who });
        }
    }
    let then = progress(&review.chain, &signed);
    // What was an error may be none any more: the policy that this interprets is public by now.
    let errors = match review.errors {
        0 => 0,
        _ if then.waived => 0,
        _ => checks::count(desk, work.session(), document, draft, says).await?.errors,
    };
    let asked = cosigning::of_round(work.session(), review.id, review.round).await?;
    let asked: Vec<Asked> = asked.into_iter().map(|one| (one.state, one.name)).collect();
    entry.missing = then.missing(&review.chain, &asked, errors);
    if let (Some(Missing::Step(_) | Missing::Cosignature(_)), Some(reason)) =
        (&entry.missing, forced)
    {
        entry.forced = Some(words("force", reason)?);
        entry.missing = then.missing_beside(&review.chain, &asked, errors);
    }
    entry.review = Some(review);
    Ok(entry)
}

impl Entry {
    /// Writes into the review that its text was published, and what is owed for that.
    pub(crate) async fn published(
        self,
        desk: &Desk,
        work: &mut UnitOfWork,
        document: &Document,
    ) -> Result<(), Error> {
        let Some(mut review) = self.review else { return Ok(()) };
        if let Some(step) = self.signs {
            let act = NewAct { step: Some(step), ..NewAct::plain(ActKind::Approved) };
            note(work, document, &review, act).await?;
        }
        let kind = if self.forced.is_some() { ActKind::Forced } else { ActKind::Published };
        let act = NewAct { note: self.forced.as_deref(), ..NewAct::plain(kind) };
        note(work, document, &review, act).await?;
        rest(work, &mut review, State::Published).await?;
        let owed = match (&self.forced, review.chain.confirmation) {
            (Some(_), confirmation) => {
                let usual = (FORCED.0, FORCED.1.parse().ok());
                let said = confirmation.map(|said| (said.by, Some(said.within)));
                Some((DebtKind::Forced, said.unwrap_or(usual)))
            }
            (None, Some(said)) => Some((DebtKind::Emergency, (said.by, Some(said.within)))),
            (None, None) => None,
        };
        let Some((kind, (confirms, within))) = owed else { return Ok(()) };
        let due_at = match within {
            Some(within) => due(desk, work, review.authority, within).await?,
            None => None,
        };
        let debt = Debt {
            review: review.id,
            document: document.id,
            kind,
            confirms,
            owed_since: work.now(),
            due_at,
            published_by: work.actor().id,
            confirmed_at: None,
            confirmed_by: None,
        };
        Ok(debts::insert(work, &debt).await?)
    }

    /// Writes into the review that its text is what the public reads already.
    pub(crate) async fn nothing_changed(
        self,
        work: &mut UnitOfWork,
        document: &Document,
    ) -> Result<(), Error> {
        match self.review {
            Some(_) => super::discard(work, document).await,
            None => Ok(()),
        }
    }
}
