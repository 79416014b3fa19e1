//! Which chain of steps a text takes, and setting it.

use schema::review::{Chain, Rule, Track, usual};
use store::{
    UnitOfWork,
    documents::Document,
    placed_rules::{self as placed, PlacedRule},
    trees,
};

use crate::{
    Desk, Error, Refusal,
    documents::place::Found,
    placed_rules::{self, Holding, NamedPlace},
};

/// Sets the rule of a place over the one it has. Setting it to what it is changes nothing.
///
/// # Errors
/// [`Refusal::Invalid`], [`Refusal::Stale`] where it was changed since version `seen`, a body that does
/// not exist; as [`placed_rules::rule`] otherwise.
pub async fn set_rule(
    desk: &Desk,
    work: &mut UnitOfWork,
    at: &NamedPlace,
    seen: Option<i64>,
    rule: Rule,
) -> Result<PlacedRule<Rule>, Error> {
    // Whether they may arrange there comes first: a stranger learns nothing of bodies.
    placed_rules::rule::<Rule>(desk, work, at).await?;
    for chain in Track::ALL.into_iter().filter_map(|track| rule.chain(track)) {
        for cosigner in &chain.cosigners {
            let body = trees::authority_by_key(work.session(), &cosigner.body).await?;
            body.ok_or_else(|| Refusal::not_found("authority", &cosigner.body))?;
        }
    }
    placed_rules::set(desk, work, at, seen, rule).await
}

/// The chain of a text in all the columns where it is to stand: the steps of each of them.
pub(super) async fn chain(
    work: &mut UnitOfWork,
    document: &Document,
    found: &[Found],
    track: Track,
) -> Result<Chain, Error> {
    let mut chain: Option<Chain> = None;
    for placed in found.iter().map(|found| &found.placed) {
        for column in &placed.columns {
            let holding = placed::holding(
                work.session(),
                Some(placed.site),
                Some(*column),
                Some(&document.r#type),
            );
            let here = of_rules(&holding.await?, track);
            chain = Some(match chain {
                Some(chain) if chain != here => chain.and(here),
                _ => here,
            });
        }
    }
    Ok(chain.unwrap_or_else(|| of_rules(&[], track)))
}

/// The chain that the nearest of `holding` names, or the usual one.
fn of_rules(holding: &[PlacedRule<Rule>], track: Track) -> Chain {
    let named = holding.iter().find_map(|placed| placed.rule.chain(track));
    let usual = || usual().chain(track).cloned().unwrap_or_else(strictest);
    named.cloned().unwrap_or_else(usual)
}

/// What no text passes: a track that nobody named, which the embedded rule leaves none.
fn strictest() -> Chain {
    Chain {
        steps: Vec::new(),
        persons: schema::review::Persons::Different,
        secrecy: true,
        confirmation: None,
        cosigners: Vec::new(),
    }
}

impl Holding<Rule> {
    /// The chain of `track`.
    pub fn chain(&self, track: Track) -> Chain {
        of_rules(&self.rules, track)
    }
}
