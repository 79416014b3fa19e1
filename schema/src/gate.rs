//! The one gate before publication.
//!
//! Whatever makes a text public passes here: an editor's publication, an import, a due
//! schedule, an adopted repost. They differ only in the rule they come under, and the rules
//! are data (`schema/gate.toml`), so no second way to publish can appear unnoticed.

use std::{collections::BTreeMap, sync::LazyLock};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    digest::Digest,
    permission::{Action, Actor, Touched, may},
    review::{Missing, Track},
};

/// How a text came to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// Somebody said "publish" of a draft.
    Editor,
    /// What somebody scheduled is due.
    Schedule,
    /// A file of existing texts was imported.
    Import,
    /// A site of another authority places a text that is live.
    Place,
    /// A translation follows a fact of its main edition (dates, numbers, codes).
    Follow,
}

/// What one way demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Everything the actor must be allowed to do.
    pub permissions: Vec<Action>,
    /// Whether the digest that was looked at must be named, and be the draft's.
    pub names_digest: bool,
    /// By which track of the review a text comes that did not choose another; `None` where the
    /// text is public already.
    pub track: Option<Track>,
}

/// What stands before the gate.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// By which way it came.
    pub way: Way,
    /// Who wants it published.
    pub actor: &'a Actor,
    /// What it touches.
    pub touched: &'a Touched,
    /// The digest of the draft.
    pub digest: Digest,
    /// The digest that was approved, as far as the actor named one.
    pub approved: Option<Digest>,
    /// Digest of the publication plan that goes with it, where it says something, and of the one
    /// that the actor named.
    pub plan: Option<(Digest, Option<Digest>)>,
    /// Whether an original publication time is claimed.
    pub claims_original_time: bool,
    /// What its review lacks.
    pub missing: Option<&'a Missing>,
    /// When it wants to pass.
    pub now: Timestamp,
    /// The moment before which nobody publishes it.
    pub not_before: Option<Timestamp>,
}

/// Why the gate stays shut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shut {
    /// The actor may not do this here.
    NotPermitted(Action),
    /// No digest was named.
    DigestMissing,
    /// The draft is not the text that was approved.
    DigestDiffers,
    /// No digest of its publication plan was named, which says something.
    PlanMissing,
    /// The plan is not the one that was looked at.
    PlanDiffers,
    /// Its review is not complete.
    Unreviewed(Missing),
    /// It is not to be public before this moment.
    Embargoed(Timestamp),
}

static RULES: LazyLock<BTreeMap<Way, Rule>> = LazyLock::new(|| {
    toml::from_str(include_str!("../gate.toml"))
        .expect("the embedded gate rules are checked by a test")
});

/// The rule for `way`.
pub fn rule(way: Way) -> &'static Rule {
    &RULES[&way]
}

/// Opens, or says why not.
///
/// # Errors
/// The first reason to stay shut.
pub fn pass(candidate: Candidate<'_>) -> Result<(), Shut> {
    let rule = rule(candidate.way);
    let original_time = candidate.claims_original_time.then_some(Action::SetOriginalTime);
    for action in rule.permissions.iter().copied().chain(original_time) {
        if !may(candidate.actor, action, candidate.touched) {
            return Err(Shut::NotPermitted(action));
        }
    }
    match candidate.approved {
        None if rule.names_digest => return Err(Shut::DigestMissing),
        Some(approved) if approved != candidate.digest => return Err(Shut::DigestDiffers),
        _ => {}
    }
    match candidate.plan.filter(|_| rule.names_digest) {
        Some((_, None)) => return Err(Shut::PlanMissing),
        Some((plan, Some(named))) if named != plan => return Err(Shut::PlanDiffers),
        _ => {}
    }
    // A text that is public already is under no embargo: it holds what is new.
    let until = candidate.not_before.filter(|until| rule.track.is_some() && candidate.now < *until);
    match (until, candidate.missing) {
        (Some(until), _) => Err(Shut::Embargoed(until)),
        (None, Some(missing)) => Err(Shut::Unreviewed(missing.clone())),
        (None, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::permission::{Grant, Role, Scope};

    const ALL: [Way; 5] = [Way::Editor, Way::Schedule, Way::Import, Way::Place, Way::Follow];

    #[test]
    fn every_way_has_a_rule_that_demands_a_permission() {
        for way in ALL {
            assert!(!rule(way).permissions.is_empty(), "{way:?}");
        }
    }

    #[test]
    fn an_editor_publishes_only_the_text_that_was_looked_at() {
        let grants = vec![Grant { role: Role::Approver, scope: Scope::Hub }];
        let actor = Actor { id: Uuid::nil().into(), name: "审发".into(), grants };
        let touched = Touched::default();
        let candidate = |approved| Candidate {
            way: Way::Editor,
            actor: &actor,
            touched: &touched,
            digest: Digest::of(b"draft"),
            approved,
            plan: None,
            claims_original_time: false,
            missing: None,
            now: Timestamp::UNIX_EPOCH,
            not_before: None,
        };

        let digest = Digest::of(b"draft");
        assert_eq!(pass(candidate(Some(digest))), Ok(()));
        assert_eq!(pass(candidate(None)), Err(Shut::DigestMissing));
        assert_eq!(pass(candidate(Some(Digest::of(b"other")))), Err(Shut::DigestDiffers));
        let with_plan = |named| Candidate {
            plan: Some((Digest::of(b"plan"), named)),
            ..candidate(Some(digest))
        };
        assert_eq!(pass(with_plan(Some(Digest::of(b"plan")))), Ok(()));
        assert_eq!(pass(with_plan(None)), Err(Shut::PlanMissing));
        assert_eq!(pass(with_plan(Some(Digest::of(b"other")))), Err(Shut::PlanDiffers));
        let unreviewed =
            Candidate { missing: Some(&Missing::Secrecy), ..candidate(Some(Digest::of(b"draft"))) };
        assert_eq!(pass(unreviewed), Err(Shut::Unreviewed(Missing::Secrecy)));
    }

    #[test]
    fn nobody_passes_without_the_permission() {
        let actor = Actor { id: Uuid::nil().into(), name: "信息员".into(), grants: vec![] };
        let touched = Touched::default();
        for way in ALL {
            let digest = Digest::of(b"draft");
            let candidate = Candidate {
                way,
                actor: &actor,
                touched: &touched,
                digest,
                approved: Some(digest),
                plan: None,
                claims_original_time: false,
                missing: None,
                now: Timestamp::UNIX_EPOCH,
                not_before: None,
            };
            assert!(matches!(pass(candidate), Err(Shut::NotPermitted(_))), "{way:?}");
        }
    }

    #[test]
    fn an_embargo_holds_every_new_text_until_its_moment_and_no_text_that_is_public() {
        let grants = vec![Grant { role: Role::PlatformAdministrator, scope: Scope::Hub }];
        let actor = Actor { id: Uuid::nil().into(), name: "审发".into(), grants };
        let touched = Touched::default();
        let digest = Digest::of(b"draft");
        let noon: Timestamp = "2026-03-02T04:00:00Z".parse().expect("a moment");
        let at = |way, now: &str| {
            pass(Candidate {
                way,
                actor: &actor,
                touched: &touched,
                digest,
                approved: Some(digest),
                plan: None,
                claims_original_time: false,
                missing: None,
                now: now.parse().expect("a moment"),
                not_before: Some(noon),
            })
        };
        for way in ALL {
            let held = !matches!(way, Way::Place | Way::Follow);
            let expected = if held { Err(Shut::Embargoed(noon)) } else { Ok(()) };
            assert_eq!(at(way, "2026-03-02T03:59:59Z"), expected, "{way:?}");
            assert_eq!(at(way, "2026-03-02T04:00:00Z"), Ok(()), "{way:?}");
        }
    }
}
