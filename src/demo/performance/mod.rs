//! The demo as it runs: a hub that was started beside it is driven through its public APIs over
//! sockets, as anybody's program would, and everything it does is looked at from outside. No
//! inner function is called.
//!
//! Chapter by chapter: the tree and the receivers, publication, the story with one receiver
//! dead, its return, reading, and where each document is in the end.

mod cast;
mod client;
mod deliveries;
mod effects;
mod farewell;
mod hub;
mod notices;
mod publication;
mod reads;
mod receivers;
mod report;
mod story;
mod table;
mod telling;
mod voice;

use std::{net::SocketAddr, path::PathBuf, time::Instant};

use schema::message::Bilingual;
use serde_json::json;

pub(crate) use self::report::Report;
use self::{
    deliveries::Whereabouts,
    hub::{Hub, text},
    publication::Item,
    receivers::Receiver,
    report::{At, ItemFacts, Outage, ReceiverFacts, Standing, Tree},
    voice::Voice,
};
use crate::{
    demo::sample::{Act, Sample},
    language::Language,
};

/// The site that is read from at the end.
const SITE: &str = "lanqiao";

/// Where the demo plays.
pub(crate) struct Stage {
    /// The hub's address.
    pub(crate) hub: SocketAddr,
    /// A token of its administrator.
    pub(crate) token: String,
    /// Folder of the hub's database and files; the receivers keep theirs there too.
    pub(crate) folder: PathBuf,
    /// Whether the hub goes on serving afterwards.
    pub(crate) stays: bool,
    pub(crate) language: Language,
    /// Nothing is said on the way.
    pub(crate) silent: bool,
}

/// A demo that worked. Its receivers live as long as it does.
pub(crate) struct Performance {
    pub(crate) report: Report,
    _receivers: Vec<Receiver>,
}

/// A step that did not come out as it should.
pub(crate) struct Failed {
    /// Which one.
    pub(crate) step: Bilingual,
    /// What was seen.
    pub(crate) why: Bilingual,
}

/// Plays the whole of it, and checks every step.
///
/// # Errors
/// The first step that failed.
pub(crate) async fn perform(stage: &Stage) -> Result<Performance, Failed> {
    let started = Instant::now();
    let voice = Voice::new(stage.language, stage.silent);
    let hub = Hub::new(stage.hub, &stage.token);
    let sample = Sample::embedded();

    telling::title(&voice);
    let set_up = named("搭起平台", "setting up");
    voice.chapter(&Bilingual::new("一、搭起平台", "1. A hub and its receivers"));
    let tree = plant(&hub, &sample).await.map_err(in_step(&set_up))?;
    telling::tree(&voice, stage, &tree);
    let mut receivers = open(&hub, stage).await.map_err(in_step(&set_up))?;
    telling::receivers(&voice, &receivers);

    let publishing = named("发布", "publication");
    voice.chapter(&Bilingual::new("二、发布", "2. Publication"));
    let all = publication::publish_all(&hub, &sample, &voice).await;
    let (mut items, published) = all.map_err(in_step(&publishing))?;
    telling::published(&voice, &published);
    let found = everywhere(&hub, &receivers, &items).await.map_err(in_step(&publishing))?;
    telling::delivered(&voice, &receivers, &found);

    voice.chapter(&Bilingual::new("三、更正、移动、撤回、召回", "3. Corrected, moved, taken back"));
    let before = items.clone();
    let outage = named("接收方故障", "a receiver's outage");
    let down = take_down(&mut receivers).await.map_err(in_step(&outage))?;
    telling::down(&voice, &receivers[down]);
    let mut steps = Vec::with_capacity(sample.steps().len());
    for (number, step) in (1..).zip(sample.steps()) {
        voice.step(number, voice.of(&step.narration));
        let taken = story::take(&hub, &sample, &receivers, &mut items, number, step).await;
        let taken = taken.map_err(|why| Failed { step: step.narration.clone(), why })?;
        telling::step(&voice, &receivers, &taken);
        steps.push(taken);
    }

    voice.chapter(&Bilingual::new("四、故障恢复", "4. The dead receiver returns"));
    let waiting = voice.waiting("等待按计划的重试", "waiting for the next try");
    let returned = come_back(&hub, &mut receivers, down, &items).await;
    waiting.finish_and_clear();
    let (found, outage) = returned.map_err(in_step(&outage))?;
    telling::returned(&voice, &receivers[down], &outage, &found);

    let reading = named("读取", "reading");
    voice.chapter(&Bilingual::new("五、读取", "5. Reading"));
    let posted = notices::put_up(&hub).await.map_err(in_step(&named("公告", "notices")))?;
    telling::notices(&voice, &posted);
    let away = away(&sample, &before);
    let reads = reads::read(&hub, SITE, &away).await.map_err(in_step(&reading))?;
    telling::reads(&voice, &reads);

    voice.chapter(&Bilingual::new("六、每一条现在何处", "6. Where each document is"));
    let items = facts(&receivers, &items, &found);
    taken_back(&sample, &items).map_err(in_step(&named("召回", "recall")))?;
    telling::table(&voice, &receivers, &items);

    let report = Report {
        hub: format!("http://{}", stage.hub),
        data: stage.folder.display().to_string(),
        tree,
        receivers: receivers.iter().map(receiver_facts).collect(),
        published,
        steps,
        outage,
        notices: posted,
        reads,
        items,
        links: farewell::links(&hub, stage),
        milliseconds: started.elapsed().as_millis(),
    };
    farewell::say(&voice, stage, &report);
    Ok(Performance { report, _receivers: receivers })
}

fn named(zh: &str, en: &str) -> Bilingual {
    Bilingual::new(zh, en)
}

fn in_step(step: &Bilingual) -> impl Fn(Bilingual) -> Failed {
    let step = step.clone();
    move |why| Failed { step: step.clone(), why }
}

/// Sets up authorities, sites and columns.
async fn plant(hub: &Hub, sample: &Sample) -> Result<Tree, Bilingual> {
    let selection = "applied { created }";
    let input = json!({ "manifest": sample.tree() });
    let payload = hub.change("applyManifest", input, selection).await?;
    let created = payload["applied"]["created"].as_array().cloned().unwrap_or_default();
    let count = |kind: &str| created.iter().filter(|line| text(line).starts_with(kind)).count();
    Ok(Tree { authorities: count("authority"), sites: count("site"), columns: count("column") })
}

/// Starts the receivers and creates a target for each.
async fn open(hub: &Hub, stage: &Stage) -> Result<Vec<Receiver>, Bilingual> {
    let mut receivers = Vec::new();
    for part in cast::cast() {
        let locale = stage.language.locale();
        let mut receiver = Receiver::start(part, &stage.folder, locale).await?;
        let input = receiver.part.target(receiver.address);
        let payload =
            hub.change("createTarget", input, "equipped { secrets { name value } }").await?;
        let secrets = payload["equipped"]["secrets"].as_array().cloned().unwrap_or_default();
        let key = secrets.iter().find(|secret| secret["name"] == "publicKey");
        receiver.equip(key.map(|key| text(&key["value"])).unwrap_or_default()).await?;
        receivers.push(receiver);
    }
    Ok(receivers)
}

async fn everywhere(
    hub: &Hub,
    receivers: &[Receiver],
    items: &[Item],
) -> Result<Vec<Whereabouts>, Bilingual> {
    let all: Vec<&Item> = items.iter().collect();
    deliveries::settled(hub, receivers, &all).await
}

/// Kills the receiver that is to be killed, and gives its place among all.
async fn take_down(receivers: &mut [Receiver]) -> Result<usize, Bilingual> {
    let down = receivers.iter().position(|receiver| receiver.part.goes_down).unwrap_or_default();
    receivers[down].kill().await?;
    Ok(down)
}

/// Starts it again and waits until it has everything that it missed.
async fn come_back(
    hub: &Hub,
    receivers: &mut [Receiver],
    down: usize,
    items: &[Item],
) -> Result<(Vec<Whereabouts>, Outage), Bilingual> {
    let target = receivers[down].part.key.clone();
    let missed = everywhere(hub, receivers, items).await?;
    let waits = |one: &&Whereabouts| one.at(&target).is_some_and(|standing| standing.waits);
    let owed: Vec<_> = items
        .iter()
        .zip(&missed)
        .filter(|(_, one)| waits(one))
        .map(|(item, _)| item.key().to_string())
        .collect();
    if owed.is_empty() {
        return Err(Bilingual::new(
            format!("{target} 停机期间没有错过任何内容"),
            format!("{target} missed nothing while it was dead"),
        ));
    }
    receivers[down].revive().await?;
    let started = Instant::now();
    let found = everywhere(hub, receivers, items).await?;
    let tries = |one: &Whereabouts| one.at(&target).map_or(0, |standing| standing.tries);
    let most_tries = found.iter().map(tries).max().unwrap_or_default();
    if most_tries < 2 {
        return Err(Bilingual::new("没有看到重试", "nothing was tried again"));
    }
    let milliseconds = started.elapsed().as_millis();
    Ok((found, Outage { target, owed, most_tries, milliseconds }))
}

/// Paths at which the story leaves nothing to be read.
fn away(sample: &Sample, before: &[Item]) -> Vec<String> {
    let left = sample.steps().iter().filter(|step| {
        matches!(step.act, Act::Move(_) | Act::Withdraw(_) | Act::Remove(_) | Act::Recall(_))
    });
    left.filter_map(|step| before.iter().find(|item| *item.key() == step.document))
        .filter(|item| item.view.site == SITE)
        .map(|item| item.view.path.clone())
        .collect()
}

/// No receiver may hold anything of what was recalled.
fn taken_back(sample: &Sample, items: &[ItemFacts]) -> Result<(), Bilingual> {
    let recalled = sample.steps().iter().filter(|step| matches!(step.act, Act::Recall(_)));
    let keys: Vec<_> = recalled.map(|step| step.document.as_str()).collect();
    for item in items.iter().filter(|item| keys.contains(&item.key.as_str())) {
        if let Some(at) = item.targets.iter().find(|at| at.state == "edition") {
            let target = &at.standing.target;
            return Err(Bilingual::new(
                format!("{target} 仍持有已召回的 {}", item.key),
                format!("{target} still holds {}, which was recalled", item.key),
            ));
        }
    }
    Ok(())
}

fn receiver_facts(receiver: &Receiver) -> ReceiverFacts {
    ReceiverFacts {
        target: receiver.part.key.clone(),
        name: receiver.part.name.clone(),
        takes: receiver.part.takes.clone(),
        page: receiver.page(),
        process: receiver.process(),
    }
}

fn facts(receivers: &[Receiver], items: &[Item], found: &[Whereabouts]) -> Vec<ItemFacts> {
    let at = |item: &Item, one: &Whereabouts, receiver: &Receiver| {
        let target = &receiver.part.key;
        let never = || Standing { target: target.clone(), holds: None, waits: false, tries: 0 };
        let standing = one.at(target).cloned().unwrap_or_else(never);
        let copy = standing
            .holds
            .map(|_| format!("{}items/{}/{}", receiver.page(), item.content, item.locale()));
        At { state: standing.state(), standing, copy }
    };
    let of_item = |(item, one): (&Item, &Whereabouts)| ItemFacts {
        key: item.key().to_string(),
        content_id: item.content.to_string(),
        locale: item.locale().to_owned(),
        title: item.view.title.clone(),
        visibility: one.visibility.clone(),
        targets: receivers.iter().map(|receiver| at(item, one, receiver)).collect(),
    };
    items.iter().zip(found).map(of_item).collect()
}
