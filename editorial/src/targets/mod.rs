//! Acts on targets (投放对象): where the hub sends what it publishes, and what people do when
//! something is stuck. Channels themselves are asked through
//! [`ports::Channels`](crate::ports::Channels).

mod change;
mod looking;

use std::fmt;

use schema::{
    delivery::{Declaration, Form, Limits, Purge, Reach, Selector, TargetParticulars, TargetState},
    ids::{AuthorityId, DocumentId, SiteId, TargetId},
    message::Fault,
    names::AuthorityKey,
    permission::{Action, Actor, Touched, may},
};
use serde_json::{Value, json};
use store::{
    Session, UnitOfWork, audit, columns,
    deliveries::{
        replays::{self, Replayed},
        targets::{self, Health, Target, TargetProgress},
    },
    log, trees,
};
use zeroize::Zeroizing;

use crate::{
    Desk, Error, Refusal,
    ports::{Channels, Shown},
};

pub use change::{TargetChange, change};
pub use looking::{counts, find, history, list, public, show, standing, stuck, test};

/// A target to be created.
#[derive(Clone, Debug)]
pub struct NewTarget {
    /// Its name in commands: small letters, digits and hyphens.
    pub key: String,
    /// Who owns it.
    pub authority: AuthorityKey,
    /// Its channel, `webhook`.
    pub channel: String,
    /// Where it is.
    pub address: String,
    /// Which documents.
    pub selector: Selector,
    /// What of their history; the channel's own word where nothing is said.
    pub declaration: Option<Declaration>,
    /// How much of a text.
    pub form: Form,
    /// How much at once.
    pub limits: Limits,
    /// What may be dialled beyond public addresses: needs the right to operate.
    pub reach: Reach,
    /// Whether it is owed what is live already. Otherwise only what happens from now on.
    pub backfill: bool,
    /// How it is told what to drop, where it is a cache.
    pub purge: Option<Purge>,
    /// The secret that the other side gave out, where it is not the channel that makes one.
    pub secret: Option<GivenSecret>,
}

/// A secret that somebody handed over. Printing it for debugging does not print it.
#[derive(Clone)]
pub struct GivenSecret(Zeroizing<String>);

impl GivenSecret {
    /// The secret.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for GivenSecret {
    fn from(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }
}

impl fmt::Debug for GivenSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("GivenSecret(…)")
    }
}

/// A target that was created, or got new secrets.
#[derive(Clone, Debug)]
pub struct Equipped {
    /// The target.
    pub target: Target,
    /// What the other side needs to know. It is never shown again.
    pub shown: Vec<Shown>,
}

/// Creates a target.
///
/// # Errors
/// [`Refusal::Invalid`] with everything that is wrong, [`Refusal::Exists`], missing permission
/// for the authority or the sites selected.
pub async fn create(
    _: &Desk,
    channels: &dyn Channels,
    work: &mut UnitOfWork,
    new: NewTarget,
) -> Result<Equipped, Error> {
    let authority = trees::authority_by_key(work.session(), &new.authority)
        .await?
        .ok_or_else(|| Refusal::not_found("authority", &new.authority))?;
    let sites = selected(work.session(), &new.selector).await?;
    authorise(work, authority.id, sites)?;
    if new.reach != Reach::default() {
        permit_reach(work)?;
    }
    let declaration = new.declaration.or_else(|| channels.declaration(&new.channel));
    let particulars = TargetParticulars {
        selector: new.selector,
        declaration: declaration.unwrap_or(Declaration::EveryEvent),
        form: new.form,
        limits: new.limits,
        reach: new.reach,
        purge: new.purge,
    };
    let mut faults: Vec<_> = key_faults(&new.key).into_iter().collect();
    faults.extend(limit_faults(particulars.limits));
    faults.extend(channels.faults(&new.channel, &new.address, &particulars));
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults).into());
    }
    if targets::by_key(work.session(), &new.key).await?.is_some() {
        return Err(Refusal::Exists { what: "target", name: new.key }.into());
    }
    let id: TargetId = work.new_id();
    let minted = match &new.secret {
        Some(secret) => channels.take(&new.channel, id, secret.expose()).ok_or_else(not_taken)?,
        None => channels
            .mint(&new.channel, id)
            .ok_or_else(|| Refusal::not_found("channel", &new.channel))?,
    };
    // Its position is the end of the log; what is live already is found by looking through.
    let position = log::head(work.session()).await?.sequence;
    let target = Target {
        id,
        key: new.key,
        authority: authority.id,
        channel: new.channel,
        address: new.address,
        particulars,
        secrets: Some(minted.sealed),
        state: TargetState::Enabled,
        reason: None,
        version: 1,
        created_at: work.now(),
        progress: TargetProgress {
            position,
            recall_position: position,
            sweep: new.backfill.then_some(position),
        },
        health: Health::default(),
    };
    targets::insert(work, &target).await.map_err(|error| {
        if error.is_unique_violation() {
            Refusal::Exists { what: "target", name: target.key.clone() }.into()
        } else {
            Error::from(error)
        }
    })?;
    record(work, "target.create", &target, json!({ "particulars": target.particulars })).await?;
    Ok(Equipped { target, shown: minted.shown })
}

/// Sends nothing to a target until it is resumed; what is owed to it is kept. `reason` is for
/// people.
///
/// # Errors
/// A target that does not exist, missing permission.
pub async fn pause(work: &mut UnitOfWork, key: &str, reason: &str) -> Result<Target, Error> {
    let mut target = own(work, key).await?;
    if target.state != TargetState::Enabled {
        return Ok(target);
    }
    target.state = TargetState::Paused;
    target.reason = Some(reason.trim().chars().take(200).collect());
    let target = targets::update(work, &target).await?;
    record(work, "target.pause", &target, json!({ "reason": target.reason })).await?;
    Ok(target)
}

/// Serves a target again, whatever stopped it; what is owed to it goes out.
///
/// # Errors
/// As [`pause`].
pub async fn resume(work: &mut UnitOfWork, key: &str) -> Result<Target, Error> {
    let mut target = own(work, key).await?;
    target.state = TargetState::Enabled;
    target.reason = None;
    let target = targets::update(work, &target).await?;
    record(work, "target.resume", &target, Value::Null).await?;
    Ok(target)
}

/// Tries again what was parked or refused: all of it, or that of one document.
///
/// # Errors
/// As [`pause`].
pub async fn replay(
    work: &mut UnitOfWork,
    key: &str,
    document: Option<DocumentId>,
) -> Result<Replayed, Error> {
    let target = own(work, key).await?;
    let replayed = replays::replay(work, target.id, document).await?;
    let details = json!({ "document": document, "replayed": replayed });
    record(work, "target.replay", &target, details).await?;
    Ok(replayed)
}

/// Gives a target new secrets; the old ones hold on for a while. `given` is the one that the
/// other side gave out, where it is not the channel that makes them: it takes the place of the
/// old one at once.
///
/// # Errors
/// As [`pause`]; [`Refusal::Invalid`] when the old ones cannot be opened, or none can be given.
pub async fn rotate_secret(
    channels: &dyn Channels,
    work: &mut UnitOfWork,
    key: &str,
    given: Option<&str>,
) -> Result<Equipped, Error> {
    let mut target = own(work, key).await?;
    let minted = match given {
        Some(secret) => channels.take(&target.channel, target.id, secret).ok_or_else(not_taken)?,
        None => channels.rotate(&target, work.now()).map_err(|message| {
            let code = "cannot_be_opened";
            Refusal::Invalid(vec![Fault { path: "secret".into(), code, message }])
        })?,
    };
    target.secrets = Some(minted.sealed);
    let target = targets::update(work, &target).await?;
    record(work, "target.rotate_secret", &target, Value::Null).await?;
    Ok(Equipped { target, shown: minted.shown })
}

/// The target of this key, if the actor may change it.
async fn own(work: &mut UnitOfWork, key: &str) -> Result<Target, Error> {
    let not_found = || Refusal::not_found("target", key);
    let target = targets::by_key(work.session(), key).await?.ok_or_else(not_found)?;
    let touched = touched(work.session(), &target).await?;
    if tends(work.actor(), &touched) { Ok(target) } else { Err(not_found().into()) }
}

async fn touched(session: &mut Session, target: &Target) -> Result<Touched, store::Error> {
    // A site that was named and is no more takes nobody's right away.
    let mut sites = Vec::new();
    for key in target.particulars.selector.named_sites() {
        sites.extend(trees::site_by_key(session, key).await?.map(|site| site.id));
    }
    Ok(Touched { authority: Some(target.authority), sites, ..Touched::default() })
}

/// Whether somebody may act on a target.
fn tends(actor: &Actor, touched: &Touched) -> bool {
    may(actor, Action::Arrange, touched) || may(actor, Action::Operate, touched)
}

/// Whether `actor` may act on a target.
///
/// # Errors
/// [`store::Error::Database`].
pub async fn tended_by(
    session: &mut Session,
    actor: &Actor,
    target: &Target,
) -> Result<bool, store::Error> {
    Ok(tends(actor, &touched(session, target).await?))
}

/// What may be dialled inside the walls is for those who operate the whole hub to say.
fn permit_reach(work: &UnitOfWork) -> Result<(), Error> {
    if may(work.actor(), Action::Operate, &Touched::default()) {
        return Ok(());
    }
    Err(Refusal::NotPermitted(Action::Operate).into())
}

fn authorise(work: &UnitOfWork, authority: AuthorityId, sites: Vec<SiteId>) -> Result<(), Error> {
    let touched = Touched { authority: Some(authority), sites, ..Touched::default() };
    if may(work.actor(), Action::Arrange, &touched) {
        return Ok(());
    }
    Err(Refusal::NotPermitted(Action::Arrange).into())
}

/// The sites that a selector names, all of which must be there, with the columns.
async fn selected(session: &mut Session, selector: &Selector) -> Result<Vec<SiteId>, Error> {
    let mut sites = Vec::new();
    for key in selector.named_sites() {
        let site = trees::site_by_key(session, key).await?;
        sites.push(site.ok_or_else(|| Refusal::not_found("site", key))?);
    }
    for column in &selector.columns {
        let site = sites.iter().find(|site| site.key == column.site);
        let found = match site {
            Some(site) => columns::by_path(session, site.id, &column.path).await?,
            None => None,
        };
        found.ok_or_else(|| Refusal::not_found("column", column))?;
    }
    Ok(sites.into_iter().map(|site| site.id).collect())
}

fn not_taken() -> Refusal {
    Refusal::Invalid(vec![Fault::new(
        "secret",
        "not_taken",
        "该通道自行生成密钥，或所给密钥不是 1 至 1000 个可见的英文字符",
        "this channel makes its own secrets, or this one is not 1 to 1,000 printable letters of ASCII",
    )])
}

fn key_faults(key: &str) -> Option<Fault> {
    key.parse::<schema::names::SiteKey>().err().map(|_| {
        Fault::new(
            "key",
            "not_a_key",
            "名称应为 2 至 63 个小写字母、数字和连字符，以字母开头",
            "a name is 2 to 63 small letters, digits and hyphens, starting with a letter",
        )
    })
}

/// Characters that a target may be said to take, at the most.
const CHARACTERS: u32 = 10_000_000;

fn limit_faults(limits: Limits) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut check = |path: &str, value: u32, most: u32| {
        if !(1..=most).contains(&value) {
            faults.push(Fault::new(
                path,
                "out_of_range",
                format!("应为 1 至 {most}"),
                format!("give 1 to {most}"),
            ));
        }
    };
    check("limits.concurrency", limits.concurrency, 64);
    check("limits.perMinute", limits.per_minute, 60_000);
    check("limits.titleCharacters", limits.title_characters.unwrap_or(1), CHARACTERS);
    check("limits.textCharacters", limits.text_characters.unwrap_or(1), CHARACTERS);
    faults
}

async fn record(
    work: &mut UnitOfWork,
    action: &str,
    target: &Target,
    details: Value,
) -> Result<(), Error> {
    let subject = targets::subject(&target.key);
    let touched = touched(work.session(), target).await?;
    Ok(audit::record_about(work, action, &subject, (&touched).into(), &details).await?)
}
