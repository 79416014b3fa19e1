//! How a cache outside is told what to drop: every cache has a manner of its own, which is data
//! here and not code.
//!
//! It is told tags ([`crate::parts`]), in a header or in a body, or addresses, one call for each
//! or many in a body.

use serde::{Deserialize, Serialize};

use crate::message::Fault;

/// By what a cache drops what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PurgeBy {
    /// By the tags that answers carry.
    Tags,
    /// By address: pages, columns, feeds and sitemaps. Answers of the content API and files have
    /// addresses that nobody can list.
    Addresses,
}

/// How a cache outside is told what to drop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Purge {
    /// By what.
    pub by: PurgeBy,
    /// The method of the calls: `PURGE`, `BAN`, `POST`.
    #[serde(default = "purge")]
    pub method: String,
    /// The header that names the tags, where they go in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What stands between tags in it.
    #[serde(default = "space")]
    pub separator: String,
    /// The body, JSON, where they go in one: `{tags}` or `{urls}` stands for an array of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The header that carries the secret, where the cache asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_header: Option<String>,
    /// What stands before the secret in it: `Bearer `.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub secret_prefix: String,
    /// Tags or addresses in one call, 1 to 1,000.
    #[serde(default = "thirty")]
    pub per_call: u32,
    /// Hosts under which the cache serves feeds and sitemaps, beside the domains of the sites.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Statuses that mean done as well: some say 404 or 412 of what they do not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_done: Vec<u16>,
}

fn purge() -> String {
    "PURGE".into()
}

fn space() -> String {
    " ".into()
}

const fn thirty() -> u32 {
    30
}

/// Stand in a body for what is to be dropped.
const TAGS: &str = "{tags}";
const URLS: &str = "{urls}";
/// Bytes of a body before anything is put into it.
const LONGEST_BODY: usize = 4_096;
/// Methods that read, or that mean something to those in between.
const OTHER_METHODS: [&str; 5] = ["GET", "HEAD", "OPTIONS", "CONNECT", "TRACE"];
/// Headers that are the transport's.
const OTHER_HEADERS: [&str; 7] =
    ["host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "expect"];

impl Purge {
    /// The body that drops `all`; `None` where nothing goes into a body.
    pub fn body(&self, all: &[String]) -> Option<String> {
        let place = match self.by {
            PurgeBy::Tags => TAGS,
            PurgeBy::Addresses => URLS,
        };
        let list = serde_json::Value::from(all.to_vec()).to_string();
        Some(self.body.as_ref()?.replace(place, &list))
    }

    /// Everything that is wrong with it.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut check = |is_right: bool, path: &str, zh: &str, en: &str| {
            if !is_right {
                faults.push(Fault::new(format!("purge.{path}"), "not_a_purge", zh, en));
            }
        };
        let method = &self.method;
        check(
            (3..=16).contains(&method.len())
                && method.bytes().all(|letter| letter.is_ascii_uppercase())
                && !OTHER_METHODS.contains(&method.as_str()),
            "method",
            "应为 PURGE、BAN、POST 这样的方法，3 至 16 个大写字母，不能是读取的方法",
            "give a method such as PURGE, BAN or POST: 3 to 16 capitals, none that reads",
        );
        for (path, header) in [("header", &self.header), ("secretHeader", &self.secret_header)] {
            check(
                header.as_deref().is_none_or(is_header),
                path,
                "应为请求头名称：字母、数字和连字符，不能是传输层的请求头",
                "give the name of a header: letters, digits and hyphens, none of the transport's",
            );
        }
        let carriers = usize::from(self.header.is_some()) + usize::from(self.body.is_some());
        match self.by {
            PurgeBy::Tags => check(
                carriers == 1,
                "header",
                "按标签清除时，须用 header 或 body 之一携带标签",
                "tags go in a header or in a body: say which, and only one",
            ),
            PurgeBy::Addresses => check(
                self.header.is_none(),
                "header",
                "按地址清除时，地址在请求行或 body 中，不用 header",
                "addresses go in the request or in a body, not in a header",
            ),
        }
        let body = self.body(&[]);
        check(
            body.as_deref().is_none_or(|body| {
                self.body.as_ref().is_some_and(|given| given.len() <= LONGEST_BODY && given != body)
                    && serde_json::from_str::<serde_json::Value>(body).is_ok()
            }),
            "body",
            "应为不超过 4096 字节的 JSON，按标签清除含 {tags}，按地址清除含 {urls}",
            "give JSON of at most 4,096 bytes, with {tags} where tags go and {urls} where addresses go",
        );
        check(
            matches!(self.separator.as_str(), " " | "," | ", " | "|"),
            "separator",
            "标签之间应为空格、逗号、逗号加空格或竖线",
            "between tags stands a space, a comma, both, or a bar",
        );
        check(
            self.secret_prefix.len() <= 40 && self.secret_prefix.bytes().all(is_printable),
            "secretPrefix",
            "应为不超过 40 个可见的英文字符",
            "give at most 40 printable letters of ASCII",
        );
        check((1..=1_000).contains(&self.per_call), "perCall", "应为 1 至 1000", "give 1 to 1,000");
        check(
            self.hosts.len() <= 100 && self.hosts.iter().all(|host| is_host(host)),
            "hosts",
            "应为域名，可带端口，至多 100 个",
            "give names of hosts, with a port where there is one, at most 100",
        );
        check(
            self.also_done.len() <= 10
                && self.also_done.iter().all(|status| (400..500).contains(status)),
            "alsoDone",
            "应为 400 至 499 的状态码，至多 10 个",
            "give statuses from 400 to 499, at most 10",
        );
        faults
    }
}

fn is_header(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-')
        && !OTHER_HEADERS.iter().any(|other| name.eq_ignore_ascii_case(other))
}

const fn is_printable(letter: u8) -> bool {
    letter == b' ' || letter.is_ascii_graphic()
}

fn is_host(host: &str) -> bool {
    let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || b"-.:[]".contains(&letter);
    (1..=255).contains(&host.len()) && host.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Purge {
        toml::from_str(text).expect("a purge")
    }

    fn paths(purge: &Purge) -> Vec<String> {
        purge.faults().into_iter().map(|fault| fault.path).collect()
    }

    #[test]
    fn tags_in_a_header_or_in_a_body_and_addresses_are_all_there_is() {
        let varnish = read("by = \"tags\"\nheader = \"xkey-purge\"\n");
        let api = read(
            "by = \"tags\"\nmethod = \"POST\"\nbody = '{\"tags\": {tags}}'\nsecretHeader = \"Authorization\"\nsecretPrefix = \"Bearer \"\n",
        );
        let nginx = read("by = \"addresses\"\nalsoDone = [404, 412]\n");

        for purge in [&varnish, &api, &nginx] {
            assert_eq!(paths(purge), [""; 0], "{purge:?}");
        }
        let all = ["hub".to_owned(), "a\"b".to_owned()];
        assert_eq!(api.body(&all).as_deref(), Some(r#"{"tags": ["hub","a\"b"]}"#));
        assert_eq!(varnish.body(&all), None);
        assert_eq!((varnish.method.as_str(), varnish.per_call), ("PURGE", 30));
    }

    #[test]
    fn whatever_could_not_be_sent_as_meant_is_refused() {
        for (text, path) in [
            ("by = \"tags\"", "purge.header"),
            ("by = \"tags\"\nheader = \"a\"\nbody = \"{tags}\"", "purge.header"),
            ("by = \"addresses\"\nheader = \"xkey\"", "purge.header"),
            ("by = \"tags\"\nbody = \"{}\"", "purge.body"),
            ("by = \"tags\"\nbody = \"{tags\"", "purge.body"),
            ("by = \"addresses\"\nbody = \"{tags}\"", "purge.body"),
            ("by = \"tags\"\nheader = \"x\"\nmethod = \"GET\"", "purge.method"),
            ("by = \"tags\"\nheader = \"x\"\nmethod = \"PURGE X\"", "purge.method"),
            ("by = \"tags\"\nheader = \"Content-Length\"", "purge.header"),
            ("by = \"tags\"\nheader = \"x\\r\\ny\"", "purge.header"),
            ("by = \"tags\"\nheader = \"x\"\nsecretPrefix = \"a\\nb\"", "purge.secretPrefix"),
            ("by = \"tags\"\nheader = \"x\"\nseparator = \"\\n\"", "purge.separator"),
            ("by = \"tags\"\nheader = \"x\"\nperCall = 0", "purge.perCall"),
            ("by = \"addresses\"\nhosts = [\"a/b\"]", "purge.hosts"),
            ("by = \"addresses\"\nalsoDone = [500]", "purge.alsoDone"),
        ] {
            assert_eq!(paths(&read(text)), [path], "{text}");
        }
    }
}
