//! What is said of each chapter on the terminal.

use std::path::Path;

use console::measure_text_width;
use schema::message::Bilingual;

use super::{
    Stage,
    deliveries::Whereabouts,
    receivers::Receiver,
    report::{ItemFacts, Outage, PostedNotice, Published, Reads, StepFacts, Tree},
    table::{self, Head, state, time},
    voice::{Voice, padded},
};
use crate::language::Language;

pub(super) fn title(voice: &Voice) {
    voice.print(
        &console::style(voice.language.say("公报 · 演示", "Gongbao · demo")).bold().to_string(),
    );
    voice.aside(voice.language.say(
        "一次入库，处处发布，可查可撤。以下各步均经公开接口完成并逐一核对；内容全为虚构。",
        "Stored once, published everywhere, provable, retractable. Every step goes through public APIs and is checked; all content is made up.",
    ));
}

pub(super) fn tree(voice: &Voice, stage: &Stage, tree: &Tree) {
    let Tree { authorities, sites, columns } = tree;
    let folder: &Path = &stage.folder;
    let address = stage.hub;
    voice.done(&match voice.language {
        Language::Zh => {
            format!("平台已启动：http://{address}，SQLite 与文件在 {}", folder.display())
        }
        Language::En => {
            format!("a hub on http://{address}, SQLite and files in {}", folder.display())
        }
    });
    voice.done(&match voice.language {
        Language::Zh => format!("国家、省、市、县：{authorities} 个机构，{sites} 个站点，{columns} 个栏目"),
        Language::En => format!(
            "nation, province, city, county: {authorities} authorities, {sites} sites, {columns} columns"
        ),
    });
}

pub(super) fn receivers(voice: &Voice, receivers: &[Receiver]) {
    voice.done(&match voice.language {
        Language::Zh => format!("{} 个接收方，各为独立进程，以 webhook 接收：", receivers.len()),
        Language::En => {
            format!("{} receivers by webhook, each a process of its own:", receivers.len())
        }
    });
    let names = receivers.iter().map(|receiver| voice.of(&receiver.part.name));
    let width = names.map(measure_text_width).max().unwrap_or_default() + 2;
    for receiver in receivers {
        let name = padded(voice.of(&receiver.part.name), width);
        let takes = voice.of(&receiver.part.takes);
        voice.print(&format!("    {name}{}", receiver.page()));
        voice.print(&format!("    {}{takes}", " ".repeat(width)));
    }
}

pub(super) fn published(voice: &Voice, published: &Published) {
    let Published { documents, files, types, translations, milliseconds } = published;
    let took = time(u64::try_from(*milliseconds).unwrap_or(u64::MAX));
    voice.done(&match voice.language {
        Language::Zh => format!(
            "{documents} 篇信息（{types} 种类型，{translations} 篇译文）、{files} 个附件，经管理接口发布，用时 {took}"
        ),
        Language::En => format!(
            "{documents} documents of {types} types, {translations} of them translations, and {files} files, through the management API in {took}"
        ),
    });
}

pub(super) fn delivered(voice: &Voice, receivers: &[Receiver], found: &[Whereabouts]) {
    let counts: Vec<_> = receivers
        .iter()
        .map(|receiver| {
            let held = found.iter().filter_map(|one| one.at(&receiver.part.key)?.holds).count();
            format!("{} {held}", voice.of(&receiver.part.short))
        })
        .collect();
    let mut times: Vec<u64> = found
        .iter()
        .flat_map(|one| &one.standings)
        .filter_map(|standing| Some(standing.holds?.milliseconds))
        .collect();
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let (counts, median) = (counts.join(voice.language.say("，", ", ")), time(median));
    voice.done(&match voice.language {
        Language::Zh => format!("已送达：{counts}；从发布到回执的中位数 {median}"),
        Language::En => {
            format!("delivered: {counts}; from publication to receipt {median} (median)")
        }
    });
}

pub(super) fn down(voice: &Voice, receiver: &Receiver) {
    let name = voice.of(&receiver.part.name);
    voice.broken(&match voice.language {
        Language::Zh => format!("{name}的进程被强行结束（SIGKILL），以下各步它都不在"),
        Language::En => format!("{name} is killed (SIGKILL): it is not there for what follows"),
    });
}

pub(super) fn step(voice: &Voice, receivers: &[Receiver], step: &StepFacts) {
    let mut label = Bilingual::new("公众所见", "public");
    for seen in &step.seen {
        let line = format!("{} → {} {}", seen.place, seen.status, voice.of(&seen.said));
        voice.seen(&label, &line);
        label = Bilingual::default();
    }
    let told = receivers.iter().filter_map(|receiver| {
        let standing = step.targets.iter().find(|one| one.target == receiver.part.key)?;
        let name = voice.of(&receiver.part.short);
        if standing.waits {
            let tries = standing.tries;
            return Some(match voice.language {
                Language::Zh => format!("{name} 无应答（已试{tries}次，将重试）"),
                Language::En => format!("{name} no answer (tried {tries}×, will be again)"),
            });
        }
        standing
            .holds
            .map(|holds| format!("{name} {} {}", state(voice, holds), time(holds.milliseconds)))
    });
    let told: Vec<_> = told.collect();
    voice.seen(&Bilingual::new("接收方", "copies"), &told.join(" · "));
}

pub(super) fn returned(voice: &Voice, receiver: &Receiver, outage: &Outage, found: &[Whereabouts]) {
    let name = voice.of(&receiver.part.name);
    let (owed, tries) = (outage.owed.len(), outage.most_tries);
    let took = time(u64::try_from(outage.milliseconds).unwrap_or(u64::MAX));
    voice.done(&match voice.language {
        Language::Zh => format!("{name}重新启动，端口不变，原有副本在它自己的文件里"),
        Language::En => format!("{name} starts again on its port, with the copies of its file"),
    });
    let absent = found
        .iter()
        .filter_map(|one| one.at(&outage.target)?.holds)
        .filter(|holds| holds.edition.is_none())
        .count();
    voice.done(&match voice.language {
        Language::Zh => format!(
            "错过的 {owed} 条在 {took} 内全部补到，最多试了 {tries} 次；其中应撤除的 {absent} 条已撤除"
        ),
        Language::En => format!(
            "the {owed} it missed arrived within {took}, after {tries} tries at most; {absent} to be taken away were"
        ),
    });
}

pub(super) fn notices(voice: &Voice, notices: &[PostedNotice]) {
    for notice in notices {
        let sites = notice.shown_on.join(voice.language.say("、", ", "));
        voice.done(&match voice.language {
            Language::Zh => format!("站点公告“{}”，显示在 {sites} 的每一页上", notice.text.zh),
            Language::En => {
                format!("the notice {:?} is shown on every page of {sites}", notice.text.en)
            }
        });
    }
}

pub(super) fn reads(voice: &Voice, reads: &Reads) {
    let Reads { graphql, feed, sitemap } = reads;
    let (policies, links) = (graphql.policies, graphql.links);
    voice.done(&match voice.language {
        Language::Zh => format!("GraphQL：{policies} 件政策文件，{links} 条政策与解读的关联，两个方向都能走"),
        Language::En => format!(
            "GraphQL: {policies} policies; links from policy to interpretation, followed both ways: {links}"
        ),
    });
    let (entries, tombstones, again) = (feed.entries, feed.tombstones, feed.asked_again);
    voice.done(&match voice.language {
        Language::Zh => {
            format!("Atom 订阅源：{entries} 条，{tombstones} 个墓碑（已撤下的），再次询问 {again}")
        }
        Language::En => format!(
            "Atom feed: {entries} entries, {tombstones} tombstones of what was taken back, {again} when asked again"
        ),
    });
    let (shards, addresses) = (sitemap.shards, sitemap.addresses);
    voice.done(&match voice.language {
        Language::Zh => format!("站点地图：{shards} 个分片，{addresses} 个网址，撤下的不在其中"),
        Language::En => {
            format!("sitemap: {shards} shards, {addresses} addresses, none of what was taken back")
        }
    });
}

pub(super) fn table(voice: &Voice, receivers: &[Receiver], items: &[ItemFacts]) {
    let pages: Vec<_> = receivers.iter().map(Receiver::page).collect();
    let heads: Vec<_> = receivers
        .iter()
        .zip(&pages)
        .map(|(receiver, page)| Head { name: &receiver.part.short, page })
        .collect();
    for line in table::lines(voice, &heads, items) {
        voice.print(&line);
    }
    voice.print("");
    voice.aside(voice.language.say(
        "所持版本或“已撤”；投放次数；从发布到回执的时间。– 不在其投放范围。副本见各接收方的网页。",
        "Edition held, or absent; tries; time from publication to receipt. – is not selected. The receivers' pages show the copies.",
    ));
}
