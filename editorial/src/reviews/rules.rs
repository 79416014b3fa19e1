//! Which chain of steps a text takes.

use schema::review::{Chain, Rule, Track, usual};
use store::{
    UnitOfWork,
    documents::Document,
    placed_rules::{self, PlacedRule},
};

use crate::{Error, documents::place::Found, placed_rules::Holding};

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
            let holding = placed_rules::holding(
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
    }
}

impl Holding<Rule> {
    /// The chain of `track`.
    pub fn chain(&self, track: Track) -> Chain {
        of_rules(&self.rules, track)
    }
}
