//! Who a text is credited to: reposts name their source, and come from those one may repost.
//!
//! 国办发〔2018〕123号 lets government repost from Party and government sites and from the list of
//! 稿源单位 that its competent departments keep. The list is a CSV file of the operator's:
//!
//! | column | holds |
//! | --- | --- |
//! | `name` | what the source is called; needed |
//! | `host` | where its texts stand, divided by bars: `people.com.cn`, with all hosts below it |
//! | `sites` | keys of the sites that may repost it, divided by bars; else all may |
//!
//! Without a list nobody is told that a source is not on it.

use std::collections::HashMap;

use super::{
    Check, Finding, Findings, Severity, Subject, Surroundings,
    dictionary::fold,
    links,
    list::{BadList, Table},
};
use crate::{content_type::PageTag, edition::Source, message::Bilingual, names::SiteKey};

const CHARACTERS: usize = 200;

/// Somebody whose texts may be reposted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedSource {
    /// What it is called.
    pub name: Box<str>,
    /// Hosts of its sites, in small letters; hosts below them are its, too.
    pub hosts: Box<[Box<str>]>,
    /// The sites that may repost it; empty for all.
    pub sites: Box<[SiteKey]>,
}

/// Whose texts may be reposted. Empty: nobody has said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    allowed: Vec<AllowedSource>,
    by_name: HashMap<Box<[char]>, Vec<usize>>,
}

impl Sources {
    /// Reads a list.
    ///
    /// # Errors
    /// The first mistake, with its line.
    pub fn parse(text: &str) -> Result<Self, BadList> {
        let mut table = Table::new(text, &["name", "host", "sites"], &["name"])?;
        let mut sources = Self::default();
        while let Some(line) = table.next()? {
            let name = line.text("name", CHARACTERS)?.unwrap_or_default();
            let mut hosts: Vec<Box<str>> = Vec::new();
            for host in line.list("host") {
                match url::Host::parse(host) {
                    Ok(url::Host::Domain(domain)) => hosts.push(domain.into()),
                    _ => {
                        return Err(line.bad(
                            format!("“{host}”不是域名，应如 people.com.cn"),
                            format!("{host:?} is no host name such as people.com.cn"),
                        ));
                    }
                }
            }
            let sites = line.sites()?;
            sources.by_name.entry(fold(&name)).or_default().push(sources.allowed.len());
            sources.allowed.push(AllowedSource { name, hosts: hosts.into(), sites });
        }
        Ok(sources)
    }

    /// All of them, in the order of the list.
    pub fn all(&self) -> &[AllowedSource] {
        &self.allowed
    }

    /// Whether a text credited to `source` may stand there.
    fn allow(&self, source: &Source, surroundings: &Surroundings) -> bool {
        if surroundings.own_names.contains(source.name.trim()) {
            return true;
        }
        let host = source.url.as_deref().and_then(links::host);
        if host.as_deref().is_some_and(links::is_of_government) {
            return true;
        }
        let is_for = |source: &&AllowedSource| {
            source.sites.is_empty()
                || source.sites.iter().any(|site| surroundings.sites.contains(site))
        };
        let named = self.by_name.get(&fold(source.name.trim())).into_iter().flatten();
        let mut named = named.map(|place| &self.allowed[*place]);
        let is_at = |source: &AllowedSource| {
            let is_its = |host: &str| source.hosts.iter().any(|known| links::is_below(host, known));
            host.as_deref().is_some_and(is_its)
        };
        named.any(|source| is_for(&source)) || self.allowed.iter().filter(is_for).any(is_at)
    }
}

impl Check for Sources {
    fn key(&self) -> &'static str {
        "sources"
    }

    fn look(
        &self,
        subject: &Subject<'_>,
        surroundings: &Surroundings,
        findings: &mut Findings<'_>,
    ) {
        let tag = subject.content_type.page_tags.get(&PageTag::ContentSource);
        let is_tagged =
            tag.is_some_and(|field| subject.content.fields.contains_key(field.as_str()));
        match &subject.content.source {
            None if subject.content.origin.is_some() && !is_tagged => {
                let message = Bilingual::new(
                    "转载的信息未注明来源，请填写来源",
                    "a reposted text does not say whose it is: give its source",
                );
                let code = "repost_without_source";
                findings.push(Finding::about("source", code, Severity::Error, message));
            }
            Some(source) if !self.allowed.is_empty() && !self.allow(source, surroundings) => {
                let message = Bilingual::new(
                    format!("来源“{}”不在可转载的稿源单位之列", source.name),
                    format!("the source {:?} is not among those that may be reposted", source.name),
                );
                let code = "source_not_allowed";
                findings.push(match subject.text("source.name") {
                    Some(text) => text.finding(.., code, Severity::Warning, message),
                    None => Finding::about("source.name", code, Severity::Warning, message),
                });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::{
        checks::tests::{codes_of, content, found_in},
        edition::Origin,
    };

    const LIST: &str = "name,host,sites\n\
                        人民日报,people.com.cn|paper.people.com.cn,\n\
                        蓝桥日报,lanqiao-daily.cn,lanqiao\n";

    fn source(name: &str, url: Option<&str>) -> Option<Source> {
        Some(Source { name: name.into(), url: url.map(Into::into) })
    }

    fn codes(
        list: &str,
        reposted: bool,
        source: Option<Source>,
        sites: &[&str],
    ) -> Vec<&'static str> {
        let sources = Sources::parse(list).expect("a list");
        let mut content = content(json!({ "title": "甲" }));
        content.source = source;
        content.origin = reposted.then(|| Origin {
            site: "people.com.cn".into(),
            url: "https://www.people.com.cn/1.html".into(),
            published_at: jiff::Timestamp::UNIX_EPOCH,
        });
        let surroundings = Surroundings {
            sites: sites.iter().map(|site| site.parse().expect("a key")).collect(),
            own_names: BTreeSet::from(["蓝桥市人民政府".to_owned()]).into(),
            ..Surroundings::default()
        };
        codes_of(&found_in(&sources, &content, &surroundings))
    }

    #[test]
    fn a_repost_names_its_source() {
        assert_eq!(codes("name\n", true, None, &[]), ["repost_without_source"]);
        assert_eq!(codes("name\n", true, source("任何媒体", None), &[]), [""; 0]);
        assert_eq!(codes("name\n", false, None, &[]), [""; 0]);
    }

    #[test]
    fn sources_are_those_of_the_list_our_own_and_governments() {
        for (given, sites, allowed) in [
            (source("人民日报", None), vec!["lanqiao"], true),
            (source(" 人民日報 ", None), vec!["lanqiao"], false),
            (source("某公众号", None), vec!["lanqiao"], false),
            (source("人民网", Some("https://society.people.com.cn/1.html")), vec!["lanqiao"], true),
            (source("人民网", Some("https://fakepeople.com.cn/1.html")), vec!["lanqiao"], false),
            (source("蓝桥日报", None), vec!["lanqiao"], true),
            (source("蓝桥日报", None), vec!["nanhe"], false),
            (source("南河省财政厅", Some("https://czt.nanhe.gov.cn/1")), vec!["lanqiao"], true),
            (source("蓝桥市人民政府", None), vec!["lanqiao"], true),
        ] {
            let expected = if allowed { vec![] } else { vec!["source_not_allowed"] };
            assert_eq!(codes(LIST, false, given.clone(), &sites), expected, "{given:?} {sites:?}");
        }
    }

    #[test]
    fn a_wrong_list_is_told_with_its_line() {
        for (text, line, why) in [
            ("host\nx.cn\n", 1, "name is missing"),
            ("name,host\n甲,https://x.cn/\n", 2, "no host name"),
            ("name,host\n甲,10.0.0.1\n", 2, "no host name"),
            ("name,sites\n\n甲,X Y\n", 3, "no key of a site"),
            ("name,host\n,x.cn\n", 2, "name is 1 to 200"),
        ] {
            let error = Sources::parse(text).expect_err(text);
            assert_eq!(
                (error.line, error.reason.en.contains(why)),
                (line, true),
                "{text}: {error}"
            );
        }
    }
}
