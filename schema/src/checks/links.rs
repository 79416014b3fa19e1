//! Links: where they lead, and whether readers find anything there.
//!
//! Whether an address is one that government uses, whether a document of the hub that is linked to
//! is live, and what came of it when an address outside was opened last: nothing is opened here.

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::{Check, Finding, Findings, Severity, Standing, Subject, SubjectText, Surroundings};
use crate::{content_type::FieldKind, message::Bilingual, rich_text::Link};

/// Ends of host names that government uses: `.gov.cn`, and `.政务` as it is asked for
/// (互联网政务应用安全管理规定 art. 4).
const GOVERNMENT: [&str; 2] = ["gov.cn", "xn--zfr164b"];

/// Bytes of an address that is opened.
const LONGEST: usize = 2_000;

/// See the module.
pub(super) struct Links;

impl Check for Links {
    fn key(&self) -> &'static str {
        "links"
    }

    fn look(
        &self,
        subject: &Subject<'_>,
        surroundings: &Surroundings,
        findings: &mut Findings<'_>,
    ) {
        for field in &subject.content_type.fields {
            let targets = subject.content.links.get(&field.name).into_iter().flatten();
            let is_list = matches!(&field.kind, FieldKind::Link { many: Some(_), .. });
            for (place, target) in targets.enumerate() {
                let path = match is_list {
                    true => format!("fields.{}[{place}]", field.name),
                    false => format!("fields.{}", field.name),
                };
                let standing = surroundings.linked.get(target).copied();
                if let Some((code, message)) = standing.and_then(not_found) {
                    findings.push(Finding::about(path, code, Severity::Error, message));
                }
            }
        }
        for text in &subject.texts {
            for link in &text.links {
                look_at(text, link, surroundings, findings);
            }
        }
    }
}

fn not_found(standing: Standing) -> Option<(&'static str, Bilingual)> {
    match standing {
        Standing::Live => None,
        Standing::NotLive => Some((
            "link_not_live",
            Bilingual::new(
                "所链接的信息未发布或已撤回，读者无法看到",
                "what is linked to is not public, or not any more: readers find nothing there",
            ),
        )),
        Standing::Missing => Some((
            "link_to_nothing",
            Bilingual::new("所链接的信息不存在", "what is linked to does not exist"),
        )),
    }
}

fn look_at(
    text: &SubjectText<'_>,
    link: &Link,
    surroundings: &Surroundings,
    findings: &mut Findings<'_>,
) {
    let mut tell = |code, severity, zh: String, en: String, suggestion: Option<String>| {
        let message = Bilingual::new(zh, en);
        let finding = text.finding(link.at.clone(), code, severity, message);
        findings.push(finding.suggesting(suggestion));
    };
    if let Some((code, message)) =
        surroundings.addresses.get(&link.href).copied().and_then(not_found)
    {
        let href = &link.href;
        tell(
            code,
            Severity::Error,
            format!("{}：{href}", message.zh),
            format!("{}: {href}", message.en),
            None,
        );
        return;
    }
    let address = match Url::parse(&link.href) {
        Ok(address) => address,
        // Without a scheme it belongs to the page it stands on.
        Err(url::ParseError::RelativeUrlWithoutBase) => return,
        Err(_) => {
            return tell(
                "link_malformed",
                Severity::Warning,
                format!("网址有误：{}", link.href),
                format!("not a valid address: {}", link.href),
                None,
            );
        }
    };
    if !matches!(address.scheme(), "http" | "https") {
        if !matches!(address.scheme(), "mailto" | "tel" | "asset") {
            let scheme = address.scheme();
            tell(
                "link_scheme",
                Severity::Warning,
                format!("{scheme}: 链接在浏览器和客户端中可能无法打开"),
                format!("a link with {scheme}: may open nothing in browsers and apps"),
                None,
            );
        }
        return;
    }
    if let Some(dead) = opened(&link.href).and_then(|href| surroundings.dead.get(&href)) {
        let (zh, en) = match dead.status {
            Some(status) => (format!("（{status}）"), format!(" ({status})")),
            None => ("（无应答）".to_owned(), " (nobody answers)".to_owned()),
        };
        tell(
            "link_broken",
            Severity::Warning,
            format!("链接打不开{zh}：{}", link.href),
            format!("nothing is found there{en}: {}", link.href),
            None,
        );
        return;
    }
    match address.host() {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => tell(
            "link_to_ip",
            Severity::Warning,
            format!("链接使用 IP 地址：{}", link.href),
            format!("the link names an IP address: {}", link.href),
            None,
        ),
        Some(Host::Domain(host)) => {
            if surroundings.own_hosts.contains(host) {
                if address.scheme() == "http" {
                    let mut safe = address.clone();
                    let suggestion = safe.set_scheme("https").ok().map(|()| safe.to_string());
                    tell(
                        "link_without_tls",
                        Severity::Notice,
                        format!("本站链接未使用 https：{}", link.href),
                        format!("a link to a site of the hub without https: {}", link.href),
                        // It would replace the words of the link, where they are not the address.
                        suggestion.filter(|_| link.text == link.href),
                    );
                }
            } else if !is_of_government(host) {
                tell(
                    "link_outside",
                    Severity::Notice,
                    format!("链接到非政府网站 {host}，页面应提示即将离开本站"),
                    format!(
                        "the link leaves for {host}, which is no site of government: readers are to be told"
                    ),
                    None,
                );
            }
        }
        None => {}
    }
}

/// An address that may be one of the hub's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Its host, in small letters; `None` where it belongs to the site of the page.
    pub host: Option<String>,
    /// Its path, as documents of the hub have it.
    pub path: String,
}

impl Address {
    /// Reads `href`, as it is written in a text; `None` for what leads to no page of a site.
    pub fn of(href: &str) -> Option<Self> {
        let (host, path) = if href.starts_with('/') && !href.starts_with("//") {
            (None, href.split(['?', '#']).next()?.to_owned())
        } else {
            let address = Url::parse(href).ok()?;
            if !matches!(address.scheme(), "http" | "https") {
                return None;
            }
            (Some(address.host_str()?.to_owned()), address.path().to_owned())
        };
        let path = percent_decode_str(&path).decode_utf8().ok()?.into_owned();
        Some(Self { host, path })
    }
}

/// The address that `href` is opened under, without what stands behind `#`; `None` of what belongs to
/// the page it stands on, and of what no browser opens as a page.
pub fn opened(href: &str) -> Option<String> {
    let mut address = Url::parse(href).ok()?;
    if !matches!(address.scheme(), "http" | "https") || !address.has_host() || href.len() > LONGEST
    {
        return None;
    }
    address.set_fragment(None);
    Some(address.into())
}

/// The host of an http(s) address, in small letters.
pub(super) fn host(address: &str) -> Option<String> {
    let address = Url::parse(address).ok()?;
    matches!(address.scheme(), "http" | "https").then(|| address.host_str().map(str::to_owned))?
}

/// Whether a host is one that government uses.
pub(super) fn is_of_government(host: &str) -> bool {
    GOVERNMENT.iter().any(|known| is_below(host, known))
}

/// Whether `host` is `above` or a host below it.
pub(super) fn is_below(host: &str, above: &str) -> bool {
    host.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::json;

    use super::*;
    use crate::{
        checks::tests::{codes_of, content, found_in},
        ids::ContentId,
    };

    fn surroundings() -> Surroundings {
        Surroundings {
            own_hosts: BTreeSet::from(["www.lanqiao.gov.cn".to_owned()]).into(),
            addresses: BTreeMap::from([
                ("/policy/1".to_owned(), Standing::Live),
                ("https://www.lanqiao.gov.cn/policy/2".to_owned(), Standing::NotLive),
            ]),
            ..Surroundings::default()
        }
    }

    #[test]
    fn where_a_link_leads_is_told_from_its_address() {
        for (href, expected) in [
            ("https://www.lanqiao.gov.cn/search", vec![]),
            ("http://www.lanqiao.gov.cn/search", vec!["link_without_tls"]),
            ("https://WWW.GOV.CN/zhengce/", vec![]),
            ("http://www.miit.gov.cn/", vec![]),
            ("https://蓝桥市人民政府.政务/", vec![]),
            ("https://www.example.com/a", vec!["link_outside"]),
            ("https://notgov.cn/", vec!["link_outside"]),
            ("https://www.gov.cn.example.com/", vec!["link_outside"]),
            ("http://10.1.2.3:8080/a", vec!["link_to_ip"]),
            ("http://[::1]/", vec!["link_to_ip"]),
            ("mailto:office@lanqiao.gov.cn", vec![]),
            ("tel:12345", vec![]),
            ("#h-1", vec![]),
            ("/policy/1", vec![]),
            ("https://www.lanqiao.gov.cn/policy/2", vec!["link_not_live"]),
        ] {
            let body = format!("<p>前文，<a href=\"{href}\">详见</a>。</p>");
            let content = content(json!({ "title": "甲", "body": body }));

            let found = found_in(&Links, &content, &surroundings());

            assert_eq!(codes_of(&found), expected, "{href}");
            for finding in found {
                assert_eq!((finding.start, finding.end), (3, 5), "{href}");
                assert_eq!(finding.excerpt, "前文，详见。");
                assert!(!finding.message.zh.is_empty());
            }
        }
    }

    #[test]
    fn what_cleaning_would_not_let_through_is_told_all_the_same() {
        let content = content(
            json!({ "title": "甲", "body": "<p><a href=\"ftp://f.gov.cn/1\">下载</a></p>" }),
        );
        // Cleaned where it enters: the link is gone, and there is nothing to find.
        assert_eq!(codes_of(&found_in(&Links, &content, &surroundings())), [""; 0]);
    }

    #[test]
    fn an_address_has_a_host_and_the_path_that_documents_have() {
        let read = |href| Address::of(href).map(|it| (it.host.unwrap_or_default(), it.path));
        let read_as = |host: &str, path: &str| Some((host.to_owned(), path.to_owned()));
        for (href, expected) in [
            ("/policy/1?from=home#top", read_as("", "/policy/1")),
            ("/%E6%94%BF%E7%AD%96/1", read_as("", "/政策/1")),
            ("https://WWW.Lanqiao.gov.cn/政策/1?a=b", read_as("www.lanqiao.gov.cn", "/政策/1")),
            ("//other.gov.cn/1", None),
            ("policy/1", None),
            ("#top", None),
            ("mailto:a@gov.cn", None),
            ("/%ff", None),
        ] {
            assert_eq!(read(href), expected, "{href}");
        }
    }

    #[test]
    fn contents_that_are_linked_to_must_be_live() {
        let ids: Vec<ContentId> =
            (1..=4).map(|number| uuid::Uuid::from_u128(number).into()).collect();
        let mut content = content(json!({ "title": "甲" }));
        let field: crate::names::FieldName = "implements".parse().expect("a field");
        content.links.insert(field, ids.clone());
        let linked = BTreeMap::from([
            (ids[0], Standing::Live),
            (ids[1], Standing::NotLive),
            (ids[2], Standing::Missing),
        ]);

        let found = found_in(&Links, &content, &Surroundings { linked, ..surroundings() });

        let told: Vec<_> = found.iter().map(|it| (it.path.as_str(), it.code)).collect();
        assert_eq!(
            told,
            [
                ("fields.implements[1]", "link_not_live"),
                ("fields.implements[2]", "link_to_nothing"),
            ],
            "nobody has looked after the fourth"
        );
    }
}
