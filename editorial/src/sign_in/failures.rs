//! Counting tries before they are made, so that many at once are as many as one after another.

use jiff::Timestamp;
use schema::{
    access::Login,
    digest::Digest,
    ids::ActorId,
    permission::Actor,
    sign_in::{FORGOTTEN_AFTER, wait_until},
};
use serde_json::json;
use store::{
    UnitOfWork,
    access::{people::Person, sign_in_failures},
    audit,
};

use super::SignInRefusal;
use crate::{
    Desk, Error,
    access::{find, permit_to_let_in},
};

/// Who tries before anybody is known.
pub(super) fn stranger() -> Actor {
    let (id, name) = audit::STRANGER;
    Actor { id: ActorId::from(id), name: name.into(), grants: Vec::new() }
}

/// The row of an account name, whether it is one or not.
pub(super) fn row(login: &str) -> Digest {
    Digest::of_parts(&[b"gongbao login", login.as_bytes()])
}

/// A try that was counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tried {
    row: Digest,
    /// Failures before it.
    before: u32,
}

/// Counts a try with `login`.
///
/// # Errors
/// [`SignInRefusal::Wait`].
pub(super) async fn count(desk: &Desk, login: &str) -> Result<Tried, Error> {
    let row = row(login);
    let (tried, _) = crate::work!(desk, &stranger(), work => {
        let now = work.now();
        let known = sign_in_failures::of(work.session(), &row).await?;
        let before = remembered(known, now);
        if let Some((failures, last)) = known
            && let Some(until) = wait_until(before.min(failures), last, now)
        {
            return Err(SignInRefusal::Wait(until).into());
        }
        if !sign_in_failures::set(work, &row, known, before.saturating_add(1)).await? {
            return Err(store::Error::Again.into());
        }
        Ok(Tried { row, before })
    })?;
    Ok(tried)
}

fn remembered(known: Option<(u32, Timestamp)>, now: Timestamp) -> u32 {
    let counts = |last: Timestamp| now.duration_since(last) < FORGOTTEN_AFTER;
    known.filter(|(_, last)| counts(*last)).map_or(0, |(failures, _)| failures)
}

impl Tried {
    /// It did not fail: all failures are forgotten.
    pub(super) async fn forgive(self, work: &mut UnitOfWork) -> Result<(), Error> {
        sign_in_failures::forget(work, &self.row).await?;
        Ok(())
    }

    /// It did not fail, but those before it still count.
    pub(super) async fn take_back(self, work: &mut UnitOfWork) -> Result<(), Error> {
        if self.before == 0 {
            return self.forgive(work).await;
        }
        let known = sign_in_failures::of(work.session(), &self.row).await?;
        if let Some((failures, _)) = known {
            sign_in_failures::set(work, &self.row, known, failures.saturating_sub(1)).await?;
        }
        Ok(())
    }

    /// It failed: that stands in the audit of the account, which the wait keeps short. Where there is
    /// no such account nothing is written here: strangers could fill the disk.
    pub(super) async fn failed(
        self,
        desk: &Desk,
        person: Option<ActorId>,
        what: &'static str,
        address: Option<&str>,
    ) -> Result<(), Error> {
        let Some(person) = person else { return Ok(()) };
        let subject = format!("person:{person}");
        let details = json!({ "what": what, "failures": self.before + 1, "address": address });
        crate::work!(desk, &stranger(), work => {
            Ok(audit::record(work, "session.refuse", &subject, &details).await?)
        })?;
        Ok(())
    }
}

/// Lets somebody try again at once who failed too often. Doing it again changes nothing.
///
/// # Errors
/// An account that does not exist; missing permission to administer it and all it holds.
pub async fn unlock(work: &mut UnitOfWork, login: &Login) -> Result<Person, Error> {
    let person = find(work, login).await?;
    permit_to_let_in(work, &person.grants)?;
    if sign_in_failures::forget(work, &row(login.as_str())).await? {
        let details = json!({ "login": login });
        audit::record(work, "person.unlock", &format!("person:{}", person.id), &details).await?;
    }
    Ok(person)
}
