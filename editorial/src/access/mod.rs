//! Who may act: accounts, tokens and what they are granted.
//!
//! Nobody hands out more than they have themselves: a grant is given and taken away by those
//! who administer its scope and hold everything it allows. An account or a token is disabled
//! or revoked by those who administer everything it was granted, and a token also by its owner.

mod authenticate;
mod people;
mod secret;
mod tokens;

use schema::{
    access::{Granted, covers},
    message::Fault,
    permission::{Action, Grant, Scope, Touched, may},
};
use store::{UnitOfWork, trees};

pub use authenticate::{Authenticated, authenticate, note_use};
pub(crate) use authenticate::{actor, is_good};
pub(crate) use people::find;
pub use people::{
    NewPerson, PersonChange, Terms, change_person, create_person, disable_person, enable_person,
    grant_role, revoke_role,
};
pub use secret::{
    Kind, OfPreview, OfSession, OfToken, PreviewSecret, Secret, SessionSecret, TokenSecret,
};
pub use tokens::{IssuedToken, NewToken, create_token, revoke_token};

use crate::{Error, Refusal};

/// Characters of a name, at the most.
const NAME: usize = 100;

/// Looks up what has to be known of a grant's scope.
async fn granted(work: &mut UnitOfWork, grant: Grant) -> Result<Granted, Error> {
    let authority = match grant.scope {
        Scope::Hub => None,
        Scope::Authority(id) => {
            let found = trees::authority(work.session(), id).await?;
            found.ok_or_else(|| Refusal::not_found("authority", id))?;
            None
        }
        Scope::Site(id) => {
            let found = trees::site(work.session(), id).await?;
            Some(found.ok_or_else(|| Refusal::not_found("site", id))?.authority)
        }
    };
    Ok(Granted { grant, authority })
}

/// Refuses a grant whose scope the actor does not administer, or that allows something the
/// actor may not do.
fn permit_grant(work: &UnitOfWork, granted: &Granted) -> Result<(), Error> {
    permit(work, &granted.touched())?;
    if covers(&work.actor().grants, granted) {
        Ok(())
    } else {
        Err(Refusal::MoreThanHeld(granted.grant.role).into())
    }
}

/// Refuses unless the actor administers everything that was granted; what was granted nothing
/// belongs to the hub.
fn permit_all(work: &UnitOfWork, grants: &[Granted]) -> Result<(), Error> {
    if grants.is_empty() {
        return permit(work, &Touched::default());
    }
    grants.iter().try_for_each(|granted| permit(work, &granted.touched()))
}

/// Refuses unless the actor administers everything that was granted and may do all it allows: who
/// can let somebody in can act in their place.
pub(crate) fn permit_to_let_in(work: &UnitOfWork, grants: &[Granted]) -> Result<(), Error> {
    permit_all(work, grants)?;
    grants.iter().try_for_each(|granted| permit_grant(work, granted))
}

fn permit(work: &UnitOfWork, touched: &Touched) -> Result<(), Error> {
    if may(work.actor(), Action::Administer, touched) {
        Ok(())
    } else {
        Err(Refusal::NotPermitted(Action::Administer).into())
    }
}

pub(crate) fn name_fault(path: &str, name: &str) -> Option<Fault> {
    let length = name.trim().chars().count();
    let fits = (1..=NAME).contains(&length) && !name.chars().any(char::is_control);
    (!fits).then(|| {
        Fault::new(
            path,
            "length",
            format!("应为 1 至 {NAME} 个字，且不含控制字符"),
            format!("give 1 to {NAME} characters, none of them a control character"),
        )
    })
}
