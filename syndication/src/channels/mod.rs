//! Channels: each kind of target behind one trait, one folder or file each.

pub mod purge;
pub mod webhook;

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use editorial::ports::{self, ChannelTest, Minted, Shown};
use jiff::Timestamp;
use schema::{
    canonical::NotCanonical,
    delivery::{Class, Declaration, Form, Owed, TargetParticulars},
    ids::TargetId,
    message::{Bilingual, Fault},
    names::SiteKey,
    parameters::{Entropy, new_uuid},
};
use store::{
    deliveries::targets::Target,
    vault::{MasterKey, Sealed},
};
use zeroize::Zeroizing;

use crate::{facts::Facts, outbound::Transport, verdict::Outcome};

/// How long a test waits for its answer. Somebody waits for it, behind a request that has its
/// own limit.
const TEST: Duration = Duration::from_secs(15);

/// What is sent.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The message's id: the same for every try.
    pub id: String,
    /// The bytes: the same for every try.
    pub body: Bytes,
    /// When this try is made.
    pub at: Timestamp,
}

/// Secrets of a target as its channel keeps them, opened.
pub type Secrets = Zeroizing<Vec<u8>>;

/// Secrets that were made, and what of them is shown, once.
pub struct Made {
    /// As the channel keeps them.
    pub secrets: Secrets,
    /// What the other side needs to know.
    pub shown: Vec<Shown>,
}

/// One kind of target.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// What a target of it is given unless its administrator says otherwise.
    fn declaration(&self) -> Declaration;

    /// Whether its targets tell a repeated call from a new one, so that a call whose answer was
    /// lost can be made again.
    fn repeats_safely(&self) -> bool;

    /// Whether its targets are caches: they may hold what they were never sent, and are told what
    /// to drop instead of what to hold.
    fn is_cache(&self) -> bool {
        false
    }

    /// Everything that is wrong with an address and particulars.
    fn faults(&self, address: &str, particulars: &TargetParticulars) -> Vec<Fault>;

    /// Secrets for a new target.
    fn mint(&self, entropy: &dyn Entropy) -> Made;

    /// A secret that the other side gave out, where this channel takes one and can send this one.
    fn take(&self, _: &str) -> Option<Made> {
        None
    }

    /// New secrets in place of `old`, which hold on for a while from `now`.
    fn rotate(&self, old: &[u8], now: Timestamp, entropy: &dyn Entropy) -> Option<Made>;

    /// What of its secrets anybody may see.
    fn public(&self, secrets: &[u8]) -> Vec<Shown>;

    /// The bytes that tell of an event. They depend on nothing but what is given here: the
    /// same event gives the same bytes.
    ///
    /// # Errors
    /// [`NotCanonical`] never happens for texts that were checked.
    fn render(&self, facts: &Facts, form: Form) -> Result<Vec<u8>, NotCanonical>;

    /// A parcel that asks for nothing and changes nothing.
    fn harmless(&self, id: String, at: Timestamp) -> Parcel;

    /// Makes one call.
    async fn send(
        &self,
        target: &Target,
        secrets: &[u8],
        parcel: Parcel,
        transport: &dyn Transport,
    ) -> Outcome;
}

/// The channels of this hub, with what they need to call out.
pub struct Channels {
    all: BTreeMap<&'static str, Box<dyn Channel>>,
    master: MasterKey,
    transport: Arc<dyn Transport>,
    entropy: Arc<dyn Entropy>,
}

impl Channels {
    /// Every channel of the product.
    pub fn new(
        master: MasterKey,
        transport: Arc<dyn Transport>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self::with(
            vec![Box::new(webhook::Webhook), Box::new(purge::Purge)],
            master,
            transport,
            entropy,
        )
    }

    /// These channels.
    pub fn with(
        channels: Vec<Box<dyn Channel>>,
        master: MasterKey,
        transport: Arc<dyn Transport>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let all = channels.into_iter().map(|channel| (channel.name(), channel)).collect();
        Self { all, master, transport, entropy }
    }

    /// The channel of this name.
    pub fn get(&self, name: &str) -> Option<&dyn Channel> {
        self.all.get(name).map(AsRef::as_ref)
    }

    /// How a rendering for `target`, pointed at `site`, is called: targets with the same name
    /// share its bytes. What is an edition for one may be an absence for another, by the same
    /// event: a document that moved.
    pub(crate) fn form(target: &Target, site: &SiteKey, owed: Owed) -> String {
        let form = format!("{}/{}/{site}", target.channel, target.particulars.form.as_str());
        match owed {
            Owed::Edition(_) => form,
            Owed::Absent(absence) => format!("{form}/{}", absence.as_str()),
        }
    }

    /// Sends `parcel` to `target`.
    pub(crate) async fn send(&self, target: &Target, parcel: Parcel) -> Outcome {
        let Some(channel) = self.get(&target.channel) else {
            let why = format!("this program knows no channel {:?}", target.channel);
            return Outcome::without_answer(Class::Blocked, why);
        };
        match self.open(target) {
            Ok(secrets) => channel.send(target, &secrets, parcel, &*self.transport).await,
            Err(sealed) => Outcome::without_answer(Class::Blocked, format!("secrets: {sealed}")),
        }
    }

    fn open(&self, target: &Target) -> Result<Secrets, Sealed> {
        match &target.secrets {
            Some(sealed) => self.master.open(target.id.uuid().as_bytes(), sealed),
            None => Ok(Secrets::default()),
        }
    }

    fn seal(&self, target: TargetId, made: Made) -> Minted {
        let whom = target.uuid();
        Minted {
            sealed: self.master.seal(&*self.entropy, whom.as_bytes(), &made.secrets),
            shown: made.shown,
        }
    }
}

#[async_trait]
impl ports::Channels for Channels {
    fn is_cache(&self, channel: &str) -> bool {
        self.get(channel).is_some_and(|channel| channel.is_cache())
    }

    fn declaration(&self, channel: &str) -> Option<Declaration> {
        Some(self.get(channel)?.declaration())
    }

    fn faults(&self, channel: &str, address: &str, particulars: &TargetParticulars) -> Vec<Fault> {
        let unknown = || {
            let names = self.all.keys().copied().collect::<Vec<_>>().join(", ");
            vec![Fault::new(
                "channel",
                "unknown_channel",
                format!("没有“{channel}”通道，可用的有：{names}"),
                format!("there is no channel {channel:?}; there are: {names}"),
            )]
        };
        self.get(channel).map_or_else(unknown, |channel| channel.faults(address, particulars))
    }

    fn mint(&self, channel: &str, target: TargetId) -> Option<Minted> {
        Some(self.seal(target, self.get(channel)?.mint(&*self.entropy)))
    }

    fn take(&self, channel: &str, target: TargetId, secret: &str) -> Option<Minted> {
        Some(self.seal(target, self.get(channel)?.take(secret)?))
    }

    fn rotate(&self, target: &Target, now: Timestamp) -> Result<Minted, Bilingual> {
        let secrets = self.open(target).map_err(|sealed| cannot_open(&sealed))?;
        let channel = self.get(&target.channel);
        let made = channel.and_then(|channel| channel.rotate(&secrets, now, &*self.entropy));
        made.map(|made| self.seal(target.id, made)).ok_or_else(|| cannot_open(&Sealed::Damaged))
    }

    fn public(&self, target: &Target) -> Result<Vec<Shown>, Bilingual> {
        let secrets = self.open(target).map_err(|sealed| cannot_open(&sealed))?;
        Ok(self.get(&target.channel).map(|channel| channel.public(&secrets)).unwrap_or_default())
    }

    async fn test(&self, target: &Target, now: Timestamp) -> ChannelTest {
        let id = format!("test_{}", new_uuid(now, &*self.entropy).simple());
        let outcome = match self.get(&target.channel) {
            Some(channel) => {
                let call = self.send(target, channel.harmless(id, now));
                tokio::time::timeout(TEST, call).await.unwrap_or_else(|_| {
                    let why = format!("no answer within {} seconds", TEST.as_secs());
                    Outcome::without_answer(Class::Unknown, why)
                })
            }
            None => Outcome::without_answer(Class::Blocked, "unknown channel"),
        };
        ChannelTest {
            explanation: explained(&outcome),
            class: outcome.class,
            status: outcome.status,
            answer: outcome.answer,
        }
    }
}

fn not_dialled(refused: &dyn fmt::Display) -> Fault {
    Fault::new(
        "address",
        "not_dialled",
        format!("不能访问该地址：{refused}"),
        format!("this address is not dialled: {refused}"),
    )
}

fn cannot_open(sealed: &Sealed) -> Bilingual {
    Bilingual::new(
        format!("无法解密该投放对象的密钥：{sealed}；请检查 GONGBAO_MASTER_KEY"),
        format!("the target's secrets cannot be opened: {sealed}; look at GONGBAO_MASTER_KEY"),
    )
}

/// What an outcome means to whoever set the target up.
fn explained(outcome: &Outcome) -> Bilingual {
    let (zh, en) = match outcome.class {
        Class::Ok => {
            ("对方已接收，签名等由对方验证", "it was taken; checking the signature is theirs")
        }
        Class::Transient => ("对方服务器出错，请联系对方", "their server failed: ask them"),
        Class::Throttled => ("对方要求放慢，稍后再试", "they ask for less at once: try later"),
        Class::TargetDown => (
            "连接不上：请检查域名、端口、防火墙与证书",
            "nobody was reached: look at the name, the port, the firewall and the certificate",
        ),
        Class::Unknown => ("已发出但没有等到回应", "it was sent and no answer came"),
        Class::Auth => (
            "对方不认识本系统（401/403），请核对密钥",
            "they do not know us (401/403): compare the secrets",
        ),
        Class::Refused => (
            "对方拒绝；重定向也视为失败，请直接填写最终地址",
            "they refused it; a redirect counts as a refusal, so give the final address",
        ),
        Class::Gone => ("对方称该地址已停用（410）", "they say that the address is no more (410)"),
        Class::Blocked => (
            "该地址不允许访问；内网地址须由管理员用 --allow 放行",
            "the address may not be dialled; an administrator allows a private range with --allow",
        ),
    };
    Bilingual::new(zh, en)
}
