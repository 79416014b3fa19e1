//! Co-signing (会签): which bodies are asked besides those who review a text, what their silence
//! means, and who answers for one.
//!
//! A body answers for exactly the text it was asked about: an edit ends the round, and with it every
//! answer. An objection stands in the way until it is withdrawn, or overruled by the role that the
//! rule names for that; no force replaces either.

use serde::{Deserialize, Serialize};

use super::Missing;
use crate::{
    calendar::Span,
    ids::AuthorityId,
    message::{Bilingual, Fault},
    names::AuthorityKey,
    permission::{Action, Actor, Role, Scope},
};

/// Bodies that one text is laid before, at the most.
const COSIGNERS: usize = 20;

/// A body that has to co-sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cosigner {
    /// The key of the body.
    pub body: AuthorityKey,
    /// The time allowed, from when it is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// What no answer within that time means.
    #[serde(default)]
    pub silence: Silence,
    /// Who may overrule its objection, with a reason; `None` where nobody may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overruled_by: Option<Role>,
}

/// What no answer within the time allowed means.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Silence {
    /// It counts as agreed (逾期视为同意); the hub records it when the time is over.
    Agrees,
    /// Nothing: the answer is late, and waited for.
    #[default]
    Blocks,
}

impl Silence {
    /// Every meaning.
    pub const ALL: [Self; 2] = [Self::Agrees, Self::Blocks];

    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Blocks => "blocks",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|silence| silence.as_str() == word)
    }
}

/// How it stands with a body that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CosignState {
    /// It has not answered.
    Asked,
    /// It agreed (会签同意).
    Confirmed,
    /// It objects (会签有异议).
    Objected,
    /// It did not answer in time, which counts as agreed (逾期视为同意).
    Silent,
    /// Its objection was overruled.
    Overruled,
    /// The round ended before it answered.
    Void,
}

impl CosignState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Asked, Self::Confirmed, Self::Objected, Self::Silent, Self::Overruled, Self::Void];

    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Confirmed => "confirmed",
            Self::Objected => "objected",
            Self::Silent => "silent",
            Self::Overruled => "overruled",
            Self::Void => "void",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// What it is called to people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Asked => ("待会签", "not answered yet"),
            Self::Confirmed => ("会签同意", "agreed"),
            Self::Objected => ("有异议", "objects"),
            Self::Silent => ("逾期视为同意", "silent, which counts as agreed"),
            Self::Overruled => ("异议已裁定", "objection overruled"),
            Self::Void => ("已失效", "void"),
        };
        Bilingual::new(zh, en)
    }
}

/// A body that was asked in the round that is under way: how it stands, and what people call it.
pub type Asked = (CosignState, Bilingual);

/// The first objection that stands among those who were asked: what no force replaces.
pub(super) fn objection(asked: &[Asked]) -> Option<Missing> {
    let mut objecting = asked.iter().filter(|(state, _)| *state == CosignState::Objected);
    objecting.next().map(|(_, body)| Missing::Objection(body.clone()))
}

/// The first answer that is missing.
pub(super) fn unanswered(asked: &[Asked]) -> Option<Missing> {
    let mut waiting = asked.iter().filter(|(state, _)| *state == CosignState::Asked);
    waiting.next().map(|(_, body)| Missing::Cosignature(body.clone()))
}

/// Whether `actor` answers for `body`: somebody granted that role on this very body. A right over
/// the whole hub, or over one of its sites, makes nobody its voice.
pub fn answers_for(actor: &Actor, body: AuthorityId) -> bool {
    bodies_of(actor).any(|own| own == body)
}

/// The bodies that `actor` answers for.
pub fn bodies_of(actor: &Actor) -> impl Iterator<Item = AuthorityId> {
    actor.grants.iter().filter(|grant| grant.role.carries(Action::Cosign)).filter_map(|grant| {
        match grant.scope {
            Scope::Authority(body) => Some(body),
            _ => None,
        }
    })
}

/// The bodies of both lists, each with the stricter of its terms.
pub(super) fn joined(mut whole: Vec<Cosigner>, other: Vec<Cosigner>) -> Vec<Cosigner> {
    for cosigner in other {
        match whole.iter_mut().find(|own| own.body == cosigner.body) {
            Some(own) => {
                own.silence = own.silence.max(cosigner.silence);
                own.within = own.within.or(cosigner.within);
                if own.overruled_by != cosigner.overruled_by {
                    own.overruled_by = None;
                }
            }
            None => whole.push(cosigner),
        }
    }
    whole
}

/// What is wrong with the bodies of a chain.
pub(super) fn faults(cosigners: &[Cosigner], mut fault: impl FnMut(Fault)) {
    if cosigners.len() > COSIGNERS {
        fault(Fault::new(
            "cosigners",
            "too_many",
            format!("会签机构最多 {COSIGNERS} 个"),
            format!("at most {COSIGNERS} bodies"),
        ));
    }
    for (place, cosigner) in cosigners.iter().enumerate() {
        let at = |what: &str| format!("cosigners[{place}].{what}");
        if cosigners[..place].iter().any(|other| other.body == cosigner.body) {
            fault(Fault::new(
                at("body"),
                "duplicate",
                "该机构已列入会签",
                "the body is named already",
            ));
        }
        if cosigner.silence == Silence::Agrees && cosigner.within.is_none() {
            fault(Fault::new(
                at("within"),
                "required",
                "逾期视为同意的，须规定时限",
                "say within what time: without one no silence means anything",
            ));
        }
        let overrules = cosigner.overruled_by.map(Role::reviews);
        if overrules.is_some_and(|action| {
            !matches!(action, Some(Action::ReviewFirst | Action::ReviewSecond | Action::Publish))
        }) {
            fault(Fault::new(
                at("overruledBy"),
                "not_a_reviewer",
                "异议由初审、审核或审发人员裁定",
                "an objection is overruled by a first reviewer, a second reviewer or an approver",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::permission::Grant;

    fn body(key: &str, silence: Silence, overruled_by: Option<Role>) -> Cosigner {
        let body = key.parse().expect("a key");
        Cosigner { body, within: "2wd".parse().ok(), silence, overruled_by }
    }

    #[test]
    fn every_word_that_is_kept_reads_back() {
        for state in CosignState::ALL {
            assert_eq!(CosignState::parse(state.as_str()), Some(state));
        }
        for silence in Silence::ALL {
            assert_eq!(Silence::parse(silence.as_str()), Some(silence));
        }
    }

    #[test]
    fn nobody_is_the_voice_of_a_body_but_who_holds_the_role_on_it() {
        let id = |number| AuthorityId::from(Uuid::from_u128(number));
        let actor = |role, scope| Actor {
            id: Uuid::nil().into(),
            name: "t".into(),
            grants: vec![Grant { role, scope }],
        };

        assert!(answers_for(&actor(Role::Cosigner, Scope::Authority(id(1))), id(1)));
        assert!(!answers_for(&actor(Role::Cosigner, Scope::Authority(id(2))), id(1)));
        assert!(!answers_for(&actor(Role::Cosigner, Scope::Hub), id(1)));
        assert!(!answers_for(&actor(Role::Cosigner, Scope::Site(Uuid::nil().into())), id(1)));
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Cosigner) {
            assert!(!answers_for(&actor(role, Scope::Authority(id(1))), id(1)), "{role:?}");
        }
    }

    #[test]
    fn an_objection_stands_before_what_is_only_late() {
        let name = |zh: &str| Bilingual::new(zh, zh);
        let asked = [
            (CosignState::Asked, name("财政局")),
            (CosignState::Objected, name("司法局")),
            (CosignState::Silent, name("档案局")),
        ];

        assert_eq!(objection(&asked), Some(Missing::Objection(name("司法局"))));
        assert_eq!(unanswered(&asked), Some(Missing::Cosignature(name("财政局"))));
        let done = [(CosignState::Silent, name("甲")), (CosignState::Overruled, name("乙"))];
        assert_eq!((objection(&done), unanswered(&done)), (None, None));
    }

    #[test]
    fn two_rules_join_in_what_is_stricter() {
        let lax = vec![body("finance", Silence::Agrees, Some(Role::Approver))];
        let strict =
            vec![body("finance", Silence::Blocks, None), body("justice", Silence::Agrees, None)];

        let both = joined(lax, strict);

        assert_eq!((both[0].silence, both[0].overruled_by), (Silence::Blocks, None));
        assert_eq!(both.len(), 2);
    }

    #[test]
    fn silence_means_nothing_without_a_time() {
        let mut found = Vec::new();
        let mut lax = body("finance", Silence::Agrees, Some(Role::Operator));
        lax.within = None;

        faults(&[lax.clone(), lax], |fault| found.push((fault.path, fault.code)));

        let paths: Vec<_> = found.iter().map(|(path, code)| (path.as_str(), *code)).collect();
        assert!(paths.contains(&("cosigners[0].within", "required")));
        assert!(paths.contains(&("cosigners[0].overruledBy", "not_a_reviewer")));
        assert!(paths.contains(&("cosigners[1].body", "duplicate")));
    }
}
