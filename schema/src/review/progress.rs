//! What is still missing of a review, and who may give it.

use super::{
    ActKind, Asked, Chain, Conclusion, Persons,
    cosigning::{objection, unanswered},
};
use crate::{ids::ActorId, message::Bilingual};

/// A signature of the round that is under way. An edit ends the round, so what is signed is
/// always exactly the text that lies before the reviewers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What was done: [`ActKind::Approved`], [`ActKind::Skipped`], [`ActKind::Secrecy`] or
    /// [`ActKind::Waived`]; other kinds say nothing here.
    pub kind: ActKind,
    /// Which step of the chain, for an approval or a step passed over.
    pub step: Option<usize>,
    /// What a secrecy review came to.
    pub conclusion: Option<Conclusion>,
    /// Who signed.
    pub by: ActorId,
}

/// How far a round is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Whose turn it is: place of the step in the chain; `None` when every step is taken.
    pub next: Option<usize>,
    /// What the last secrecy review of the round came to.
    pub secrecy: Option<Conclusion>,
    /// Whether what checks call an error was let stand.
    pub waived: bool,
}

/// The first thing that keeps a text from being published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It does not lie before the reviewers as it is now.
    Submission,
    /// A step was not taken.
    Step(Bilingual),
    /// No secrecy review came to a conclusion.
    Secrecy,
    /// The secrecy review came to another conclusion than that it may be opened.
    NotOpen(Conclusion),
    /// Checks found so many errors, and nobody let them stand.
    Findings(u32),
    /// The body of this name was asked to co-sign, and has not answered.
    Cosignature(Bilingual),
    /// The body of this name objects.
    Objection(Bilingual),
}

/// Why somebody with the right role may not sign all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// They wrote or submitted the text.
    Author,
    /// They signed another part of this round.
    SignedBefore,
}

/// How far the round with these signatures is.
pub fn progress(chain: &Chain, signed: &[Signed]) -> Progress {
    let taken = |step: usize| {
        signed.iter().any(|signature| {
            matches!(signature.kind, ActKind::Approved | ActKind::Skipped)
                && signature.step == Some(step)
        })
    };
    let last = signed.iter().rfind(|signature| signature.kind == ActKind::Secrecy);
    Progress {
        next: (0..chain.steps.len()).find(|step| !taken(*step)),
        secrecy: last.and_then(|signature| signature.conclusion),
        waived: signed.iter().any(|signature| signature.kind == ActKind::Waived),
    }
}

impl Progress {
    /// Whether a secrecy review is still to be done.
    pub fn awaits_secrecy(&self, chain: &Chain) -> bool {
        chain.secrecy && self.secrecy.is_none()
    }

    /// What the secrecy review of `chain` lacks. Nothing is published without it, not in an
    /// emergency and not by force.
    fn secrecy_missing(&self, chain: &Chain) -> Option<Missing> {
        match self.secrecy {
            _ if !chain.secrecy => None,
            None => Some(Missing::Secrecy),
            Some(Conclusion::Open) => None,
            Some(other) => Some(Missing::NotOpen(other)),
        }
    }

    /// What is missing beside the steps and the answers of bodies that were `asked`, of a text in
    /// which checks found `errors`: what no force replaces.
    pub fn missing_beside(&self, chain: &Chain, asked: &[Asked], errors: u32) -> Option<Missing> {
        let findings = (errors > 0 && !self.waived).then_some(Missing::Findings(errors));
        objection(asked).or_else(|| self.secrecy_missing(chain)).or(findings)
    }

    /// The first thing that is missing of such a text.
    pub fn missing(&self, chain: &Chain, asked: &[Asked], errors: u32) -> Option<Missing> {
        let step = self.next.and_then(|step| chain.steps.get(step));
        let step = step.map(|step| Missing::Step(step.name.clone()));
        step.or_else(|| unanswered(asked)).or_else(|| self.missing_beside(chain, asked, errors))
    }
}

/// Whether `who`, who has the role, may sign the next part of a round in which this was signed,
/// of a text that `authors` wrote and submitted.
///
/// # Errors
/// Why not.
pub fn may_sign(
    persons: Persons,
    signed: &[Signed],
    authors: &[ActorId],
    who: ActorId,
) -> Result<(), Unfit> {
    let signs = |signature: &Signed| {
        signature.by == who && matches!(signature.kind, ActKind::Approved | ActKind::Secrecy)
    };
    match persons {
        Persons::Any => Ok(()),
        Persons::NotAuthors | Persons::Different if authors.contains(&who) => Err(Unfit::Author),
        Persons::Different if signed.iter().any(signs) => Err(Unfit::SignedBefore),
        Persons::NotAuthors | Persons::Different => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::review::{Track, usual};

    fn who(number: u128) -> ActorId {
        Uuid::from_u128(number).into()
    }

    fn approved(step: usize, by: u128) -> Signed {
        Signed { kind: ActKind::Approved, step: Some(step), conclusion: None, by: who(by) }
    }

    fn secrecy(conclusion: Conclusion, by: u128) -> Signed {
        Signed { kind: ActKind::Secrecy, step: None, conclusion: Some(conclusion), by: who(by) }
    }

    fn ordinary() -> &'static Chain {
        usual().chain(Track::Ordinary).expect("it is named")
    }

    #[test]
    fn a_text_is_ready_when_every_step_and_the_secrecy_review_are_done() {
        let chain = ordinary();
        let mut signed = Vec::new();
        let missing = |signed: &[Signed]| progress(chain, signed).missing(chain, &[], 0);

        assert_eq!(missing(&signed), Some(Missing::Step(chain.steps[0].name.clone())));
        signed.push(approved(0, 1));
        assert_eq!(missing(&signed), Some(Missing::Step(chain.steps[1].name.clone())));
        signed.push(Signed { kind: ActKind::Skipped, ..approved(1, 4) });
        assert_eq!(missing(&signed), Some(Missing::Step(chain.steps[2].name.clone())));
        signed.push(approved(2, 3));
        assert_eq!(missing(&signed), Some(Missing::Secrecy));
        signed.push(secrecy(Conclusion::Referred, 5));
        assert_eq!(missing(&signed), Some(Missing::NotOpen(Conclusion::Referred)));
        assert!(!progress(chain, &signed).awaits_secrecy(chain), "it was reviewed, and not opened");
        signed.push(secrecy(Conclusion::Open, 5));
        assert_eq!(missing(&signed), None, "the last conclusion counts");
    }

    #[test]
    fn what_checks_call_an_error_is_mended_or_waived() {
        let chain = ordinary();
        let mut signed = vec![secrecy(Conclusion::Open, 5)];
        let beside = |signed: &[Signed]| progress(chain, signed).missing_beside(chain, &[], 2);

        assert_eq!(beside(&signed), Some(Missing::Findings(2)));
        signed.push(Signed { kind: ActKind::Waived, step: None, ..approved(0, 3) });
        assert_eq!(beside(&signed), None);
    }

    #[test]
    fn a_later_step_does_not_stand_for_an_earlier_one() {
        let chain = ordinary();
        let signed = [approved(2, 3), secrecy(Conclusion::Open, 5)];

        assert_eq!(progress(chain, &signed).next, Some(0));
    }

    #[test]
    fn nobody_signs_what_they_wrote_nor_twice() {
        let authors = [who(1), who(2)];
        let signed = [approved(0, 3), secrecy(Conclusion::Open, 5)];
        let sign = |persons, by| may_sign(persons, &signed, &authors, who(by));

        assert_eq!(sign(Persons::Different, 2), Err(Unfit::Author));
        assert_eq!(sign(Persons::Different, 3), Err(Unfit::SignedBefore));
        assert_eq!(sign(Persons::Different, 5), Err(Unfit::SignedBefore));
        assert_eq!(sign(Persons::Different, 4), Ok(()));
        assert_eq!(sign(Persons::NotAuthors, 3), Ok(()));
        assert_eq!(sign(Persons::NotAuthors, 1), Err(Unfit::Author));
        assert_eq!(sign(Persons::Any, 1), Ok(()));
    }

    #[test]
    fn who_passed_over_a_step_may_sign_another() {
        let skipped = [Signed { kind: ActKind::Skipped, ..approved(1, 3) }];

        assert_eq!(may_sign(Persons::Different, &skipped, &[], who(3)), Ok(()));
    }
}
