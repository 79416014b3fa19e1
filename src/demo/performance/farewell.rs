//! What to try next.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use schema::message::Bilingual;

use super::{
    SITE, Stage,
    hub::Hub,
    reads::QUERY,
    report::{Links, Report},
    voice::{Voice, linked, padded},
};
use crate::language::Language;

/// What a query parameter may hold as it is.
const PARAMETER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(super) fn links(hub: &Hub, stage: &Stage) -> Links {
    let at = |path: &str| format!("http://{}{path}", hub.address);
    let lines = QUERY.lines().filter(|line| !line.starts_with('#'));
    let query = lines.collect::<Vec<_>>().join("\n");
    let query = utf8_percent_encode(&query, PARAMETER);
    Links {
        graphiql: at(&format!("/graphql?query={query}")),
        feed: at(&format!("/sites/{SITE}/feed.atom")),
        sitemap: at(&format!("/sites/{SITE}/sitemap.xml")),
        openapi: at("/openapi.json"),
        manage: at("/manage/graphql"),
        token: stage.token.clone(),
    }
}

pub(super) fn say(voice: &Voice, stage: &Stage, report: &Report) {
    let took = format!("{:.1}", report.milliseconds as f64 / 1_000.0);
    voice.print("");
    voice.done(&match voice.language {
        Language::Zh => format!("全部步骤均已核对，用时 {took} 秒"),
        Language::En => format!("every step was checked, in {took} s"),
    });
    if !stage.stays {
        return;
    }
    let links = &report.links;
    voice.chapter(&Bilingual::new("接下来可以试", "Try next"));
    let line = |zh: &str, en: &str, address: &str| {
        let label = padded(voice.language.say(zh, en), 24);
        voice.print(&format!("  {label}{address}"));
    };
    let graphiql = if console::colors_enabled() {
        let bare = links.graphiql.split('?').next().unwrap_or_default();
        linked(bare, &links.graphiql)
    } else {
        links.graphiql.clone()
    };
    line("GraphiQL，备好查询", "GraphiQL, with a query", &graphiql);
    line("Atom 订阅源", "Atom feed", &links.feed);
    line("站点地图", "sitemap", &links.sitemap);
    line("OpenAPI", "OpenAPI", &links.openapi);
    for receiver in &report.receivers {
        line(&receiver.name.zh, &receiver.name.en, &receiver.page);
    }
    voice.print("");
    line("管理接口的令牌", "management token", &links.token);
    voice.print(&format!(
        "  curl -s {} \\\n    -H 'authorization: Bearer '{} \\\n    \
         -H 'content-type: application/json' \\\n    \
         -d '{{\"query\":\"{{ targets {{ key counts {{ held pending }} }} }}\"}}'",
        links.manage, links.token
    ));
    voice.print("");
    voice.aside(voice.language.say("按 Ctrl-C 结束。", "Ctrl-C ends it."));
}
