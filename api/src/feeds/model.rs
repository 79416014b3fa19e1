//! A feed before it is written in one of its formats.

use jiff::Timestamp;
use schema::{digest::Digest, message::Bilingual, names::Locale};
use uuid::{Builder, Uuid};

/// What a feed says, whatever its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Feed {
    /// Never changes, whatever the site or column is called and wherever it is reached.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) subtitle: String,
    /// The language of everything in it.
    pub(crate) locale: Locale,
    /// Whose site it is.
    pub(crate) author: String,
    /// The page that shows the same to people.
    pub(crate) home: String,
    /// The feed's own address, without the ending that names the format.
    pub(crate) address: String,
    /// What follows the ending: `?locale=…`, where it is not the site's main language.
    pub(crate) query: String,
    /// The newest time of anything in it.
    pub(crate) updated: Timestamp,
    /// Newest first.
    pub(crate) entries: Vec<Entry>,
    /// What left, the last first.
    pub(crate) departed: Vec<Departed>,
}

/// One live document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Never changes, wherever the document moves ([`identity`]).
    pub(crate) id: String,
    /// Its name across languages and sites.
    pub(crate) content_id: String,
    pub(crate) r#type: String,
    pub(crate) title: String,
    pub(crate) address: String,
    /// The original time where there is one, else the first publication.
    pub(crate) published: Timestamp,
    /// The last change that readers are told of.
    pub(crate) updated: Timestamp,
    /// The authority that answers for it.
    pub(crate) author: String,
    pub(crate) source: Option<Source>,
    pub(crate) summary: String,
    /// The whole text; `None` where the type has none, or it is too long to be carried along.
    pub(crate) html: Option<String>,
    pub(crate) categories: Vec<Category>,
    /// The cover first, then attachments in the order of the type's fields.
    pub(crate) files: Vec<Enclosure>,
}

/// Who a text is credited to, and where it was first to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) url: Option<String>,
}

/// A column it stands in, or its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Category {
    /// What the term is a term of.
    pub(crate) scheme: String,
    pub(crate) term: String,
    pub(crate) label: String,
}

/// A file that comes with an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Enclosure {
    pub(crate) url: String,
    pub(crate) media_type: String,
    pub(crate) name: String,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) is_cover: bool,
}

/// A document that is no longer to be shown. Nothing of it stands here but its id, which says
/// nothing to those who never had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Departed {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    /// `withdrawn`, `gone`, `redirect` or `recalled`; nothing where it is as if it had never
    /// been.
    pub(crate) state: Option<&'static str>,
    /// What the public is told.
    pub(crate) explanation: Option<Bilingual>,
}

impl Feed {
    /// Its own address in the format with this ending.
    pub(crate) fn address_as(&self, ending: &str) -> String {
        format!("{}.{ending}{}", self.address, self.query)
    }
}

/// The id under which something goes in one language: a UUIDv8 made of the first 16 bytes of
/// SHA-256 over the 16 bytes of `id` and the language tag. Whoever knows the content id can
/// compute it; it says nothing of host, path or title, so no move and no renaming changes it,
/// and a new text that takes over a recalled content id takes over the place in readers' lists.
pub(crate) fn identity(id: Uuid, locale: &Locale) -> String {
    let digest = Digest::of_parts(&[id.as_bytes(), locale.as_str().as_bytes()]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    Builder::from_custom_bytes(bytes).into_uuid().urn().to_string()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn moment(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    /// A feed with everything in it, and titles that no writer likes.
    pub(crate) fn full() -> Feed {
        let entry = Entry {
            id: identity(Uuid::from_u128(7), &locale("zh-CN")),
            content_id: Uuid::from_u128(7).to_string(),
            r#type: "article".into(),
            title: "关于\u{0}\u{b}“]]>” <b>&amp;</b> 的通知 😀\u{fffe}".into(),
            address: "https://www.lanqiao.gov.cn/policy/7".into(),
            published: moment("2020-05-06T07:08:09Z"),
            updated: moment("2026-03-02T01:00:05.25Z"),
            author: "蓝桥市人民政府".into(),
            source: Some(Source {
                name: "南河日报 & 'A'".into(),
                url: Some("https://paper.example/?a=1&b=2".into()),
            }),
            summary: "摘要 <i>不是</i>标记".into(),
            html: Some(
                "<p>全文 ]]> &amp; <a href=\"https://www.lanqiao.gov.cn/a?b&amp;c\">链接</a></p>"
                    .into(),
            ),
            categories: vec![
                Category {
                    scheme: "https://www.lanqiao.gov.cn/".into(),
                    term: "policy/finance".into(),
                    label: "财政".into(),
                },
                Category {
                    scheme: "urn:gongbao:type".into(),
                    term: "article".into(),
                    label: "文章".into(),
                },
            ],
            files: vec![
                Enclosure {
                    url: "https://www.lanqiao.gov.cn/assets/00/a.png".into(),
                    media_type: "image/png".into(),
                    name: "封面".into(),
                    size: 11,
                    is_cover: true,
                },
                Enclosure {
                    url: "https://www.lanqiao.gov.cn/assets/11/b.pdf".into(),
                    media_type: "application/pdf".into(),
                    name: "附件.pdf".into(),
                    size: 1_234,
                    is_cover: false,
                },
            ],
        };
        let bare = Entry {
            id: identity(Uuid::from_u128(8), &locale("zh-CN")),
            content_id: Uuid::from_u128(8).to_string(),
            title: String::new(),
            source: None,
            summary: String::new(),
            html: None,
            categories: Vec::new(),
            files: Vec::new(),
            ..entry.clone()
        };
        Feed {
            id: identity(Uuid::from_u128(1), &locale("zh-CN")),
            title: "蓝桥市人民政府 & 财政".into(),
            subtitle: "政策文件".into(),
            locale: locale("zh-CN"),
            author: "蓝桥市人民政府".into(),
            home: "https://www.lanqiao.gov.cn/policy/finance".into(),
            address: "https://www.lanqiao.gov.cn/sites/lanqiao/columns/policy/finance/feed".into(),
            query: String::new(),
            updated: moment("2026-03-02T01:00:05.25Z"),
            entries: vec![entry, bare],
            departed: vec![
                Departed {
                    id: identity(Uuid::from_u128(9), &locale("zh-CN")),
                    at: moment("2026-03-01T01:00:00Z"),
                    state: Some("withdrawn"),
                    explanation: Some(Bilingual::new("内容有误 <更正中>", "Being corrected")),
                },
                Departed {
                    id: identity(Uuid::from_u128(10), &locale("zh-CN")),
                    at: moment("2026-02-01T01:00:00Z"),
                    state: None,
                    explanation: None,
                },
            ],
        }
    }

    pub(crate) fn locale(tag: &str) -> Locale {
        tag.parse().expect("a locale")
    }

    #[test]
    fn an_id_is_of_one_content_in_one_language() {
        let ids = [
            identity(Uuid::from_u128(7), &locale("zh-CN")),
            identity(Uuid::from_u128(7), &locale("en")),
            identity(Uuid::from_u128(8), &locale("zh-CN")),
        ];
        assert_eq!(ids[0], identity(Uuid::from_u128(7), &locale("zh-CN")));
        assert!(ids[0] != ids[1] && ids[0] != ids[2]);
        let uuid: Uuid = ids[0].strip_prefix("urn:uuid:").expect("a URN").parse().expect("a UUID");
        assert_eq!(uuid.get_version_num(), 8);
    }
}
