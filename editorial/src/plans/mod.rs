//! Publication plans (发布计划): to which targets a text goes, in which order, and when. Proposed by
//! the rules of its places, changed by its editors, approved with the text, and heeded by fan-out.
//!
//! While a text lies before its reviewers its plan is settled: it stays what they look at, whatever
//! becomes of the rules. Before that it is what the rules propose, with what was said of it.

mod change;
mod rules;

use std::collections::BTreeSet;

use schema::{
    digest::Digest,
    edition::{Place, PlacedAt},
    gate::Shut,
    ids::{ColumnId, DocumentId, EditionId, SiteId},
    names::{Locale, TypeName},
    plan::{Occasion, Plan, Rule, propose},
};
use store::{
    Session, UnitOfWork, columns,
    deliveries::targets,
    documents::{self, Document},
    editions, placed_rules,
    plans::{self, Written},
    trees,
};

use crate::{Error, Refusal};

pub use change::{Change, change, let_go};
pub use rules::{remove_rule, set_rule};

/// A plan, with what is signed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Its digest: what an approval names.
    pub digest: Digest,
}

impl Planned {
    fn of(plan: Plan) -> Result<Self, Error> {
        let digest = plan.digest().map_err(|error| store::Error::Corrupt {
            what: "publication_plan",
            why: error.to_string(),
        })?;
        Ok(Self { plan, digest })
    }
}

/// What a plan is made for.
pub(crate) struct Text<'a> {
    pub(crate) r#type: &'a TypeName,
    pub(crate) locale: &'a Locale,
    /// Where it is to stand, as its edition says.
    pub(crate) positions: &'a [PlacedAt],
}

/// The plan of the draft of a document, which is `edition` and is to stand at `place`.
///
/// # Errors
/// [`Error::Store`].
pub async fn of_draft(
    session: &mut Session,
    document: &Document,
    edition: EditionId,
    place: &Place,
) -> Result<Planned, Error> {
    let of =
        Text { r#type: &document.r#type, locale: &document.locale, positions: &place.placements };
    of_text(session, document.live, edition, &of).await
}

/// The same of any text that is the draft `edition` of a document of which `live` is public.
pub(crate) async fn of_text(
    session: &mut Session,
    live: Option<EditionId>,
    edition: EditionId,
    text: &Text<'_>,
) -> Result<Planned, Error> {
    let said = match plans::of_edition(session, edition).await? {
        Some(Written { plan, settled: true }) => return Planned::of(plan),
        Some(written) => Some(written.plan),
        None => before(session, live).await?,
    };
    let mut columns = Vec::new();
    for placed in text.positions {
        let Some(site) = trees::site_by_key(session, &placed.site).await? else { continue };
        for path in &placed.columns {
            let column = columns::by_path(session, site.id, path).await?;
            columns.extend(column.map(|column| (site.id, column.id)));
        }
    }
    Planned::of(proposed(session, text, &columns, said.as_ref(), Occasion::Written).await?)
}

/// The plan with which a document was published last.
///
/// # Errors
/// [`Error::Store`].
pub async fn of_live(session: &mut Session, document: &Document) -> Result<Option<Planned>, Error> {
    let plan = of_edition(session, document.live).await?;
    plan.map(Planned::of).transpose()
}

async fn of_edition(
    session: &mut Session,
    edition: Option<EditionId>,
) -> Result<Option<Plan>, Error> {
    let Some(edition) = edition else { return Ok(None) };
    Ok(plans::of_edition(session, edition).await?.map(|written| written.plan))
}

/// What a correction starts from.
async fn before(session: &mut Session, live: Option<EditionId>) -> Result<Option<Plan>, Error> {
    Ok(of_edition(session, live).await?.map(Plan::again))
}

/// What the rules of `columns` propose for a text.
async fn proposed(
    session: &mut Session,
    text: &Text<'_>,
    columns: &[(SiteId, ColumnId)],
    said: Option<&Plan>,
    occasion: Occasion,
) -> Result<Plan, Error> {
    let mut rules: Vec<placed_rules::PlacedRule<Rule>> = Vec::new();
    for (site, column) in columns {
        let (site, column) = (Some(*site), Some(*column));
        let holding = placed_rules::holding(session, site, column, Some(text.r#type)).await?;
        if let Some(nearest) = holding.into_iter().next()
            && !rules.contains(&nearest)
        {
            rules.push(nearest);
        }
    }
    let mut takes = BTreeSet::new();
    for named in rules.iter().flat_map(|placed| &placed.rule.targets) {
        let target = targets::by_key(session, &named.target).await?;
        let selector = target.map(|target| target.particulars.selector);
        if selector.is_some_and(|selector| {
            selector.wants(text.r#type, text.locale) && selector.stands(text.positions).is_some()
        }) {
            takes.insert(named.target.clone());
        }
    }
    let rules: Vec<&Rule> = rules.iter().map(|placed| &placed.rule).collect();
    Ok(propose(&rules, |target| takes.contains(target), said, occasion))
}

/// The plan of a draft that is on its way to the gate, and is written there with it.
pub(crate) async fn entering(
    work: &mut UnitOfWork,
    document: &Document,
    edition: EditionId,
    text: Text<'_>,
    (columns, occasion): (&[(SiteId, ColumnId)], Occasion),
) -> Result<Planned, Error> {
    let session = work.session();
    let said = match plans::of_edition(session, edition).await? {
        Some(Written { plan, settled: true }) => return Planned::of(plan),
        Some(written) => Some(written.plan),
        None => before(session, document.live).await?,
    };
    Planned::of(proposed(session, &text, columns, said.as_ref(), occasion).await?)
}

/// Keeps a plan as it is: it is looked at from now on, or was heeded.
pub(crate) async fn settle(
    work: &mut UnitOfWork,
    edition: EditionId,
    plan: Plan,
) -> Result<(), Error> {
    // Most places have no rule: nothing is written that says nothing.
    if plan.is_empty() && plans::of_edition(work.session(), edition).await?.is_none() {
        return Ok(());
    }
    Ok(plans::write(work, edition, &Written { plan, settled: true }).await?)
}

/// Settles the plan of a draft that is laid before its reviewers, from what the rules say now.
pub(crate) async fn settle_draft(
    work: &mut UnitOfWork,
    document: &Document,
    edition: EditionId,
    place: &Place,
) -> Result<(), Error> {
    loosen(work, edition).await?;
    let planned = of_draft(work.session(), document, edition, place).await?;
    settle(work, edition, planned.plan).await
}

/// What was settled of a draft is what was said of it again.
async fn loosen(work: &mut UnitOfWork, edition: EditionId) -> Result<(), Error> {
    if let Some(Written { plan, settled: true }) =
        plans::of_edition(work.session(), edition).await?
    {
        plans::write(work, edition, &Written { plan, settled: false }).await?;
    }
    Ok(())
}

/// A text that takes the place of the draft `former` keeps what was said of its plan.
pub(crate) async fn carry_over(
    work: &mut UnitOfWork,
    former: EditionId,
    edition: EditionId,
) -> Result<(), Error> {
    match plans::of_edition(work.session(), former).await? {
        Some(Written { plan, .. }) => {
            Ok(plans::write(work, edition, &Written { plan, settled: false }).await?)
        }
        None => Ok(()),
    }
}

/// What is signed of the plan of a draft, by whoever publishes it among others, each as it was
/// looked at.
pub(crate) async fn digest_of(
    work: &mut UnitOfWork,
    document: DocumentId,
    edition: EditionId,
) -> Result<Option<Digest>, Error> {
    let not_found = || Refusal::not_found("document", document);
    let document = documents::lock(work, document).await?.ok_or_else(not_found)?;
    let text = editions::of_work(work, edition).await?;
    let place = &crate::documents::text_of(&text)?.place;
    Ok(Some(of_draft(work.session(), &document, edition, place).await?.digest))
}

/// Refuses who did not look at the plan that is signed with a draft. A plan that says nothing
/// need not be named.
pub(crate) async fn looked_at(
    work: &mut UnitOfWork,
    document: &Document,
    edition: EditionId,
    named: Option<Digest>,
) -> Result<(), Error> {
    let text = editions::of_work(work, edition).await?;
    let place = &crate::documents::text_of(&text)?.place;
    let planned = of_draft(work.session(), document, edition, place).await?;
    match named {
        None if planned.plan.is_empty() => Ok(()),
        None => Err(Refusal::Gate(Shut::PlanMissing).into()),
        Some(named) if named == planned.digest => Ok(()),
        Some(_) => Err(Refusal::Gate(Shut::PlanDiffers).into()),
    }
}
