//! Reading names, ids and times out of inputs: every misspelling is a typed refusal that says
//! where it stands, and all of them are said at once.

use std::{fmt::Display, str::FromStr};

use editorial::{Error, Refusal};
use jiff::{Timestamp, civil::Date};
use schema::{
    access::{Login, NotALogin},
    calendar::{BadSpan, Span},
    digest::Digest,
    message::Fault,
    names::BadName,
};

/// Gathers what is wrong with an input.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

/// A kind of value that an input spells as text.
pub(crate) trait Spelled: FromStr {
    /// What is wrong with `text`.
    fn fault(path: &str, text: &str, error: Self::Err) -> Fault;
}

impl Faults {
    /// Reads `text`, which stands at `path`.
    pub(crate) fn read<T: Spelled>(&mut self, path: impl Display, text: &str) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.push(T::fault(&path.to_string(), text, error));
                None
            }
        }
    }

    /// Reads what may be left out.
    pub(crate) fn read_some<T: Spelled>(
        &mut self,
        path: impl Display,
        text: Option<&str>,
    ) -> Option<T> {
        text.and_then(|text| self.read(path, text))
    }

    /// Reads each text of a list.
    pub(crate) fn read_all<T: Spelled>(&mut self, path: impl Display, texts: &[String]) -> Vec<T> {
        let read = |(place, text): (usize, &String)| self.read(format!("{path}[{place}]"), text);
        texts.iter().enumerate().filter_map(read).collect()
    }

    /// Whether nothing was wrong so far.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes another fault.
    pub(crate) fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// The value that was read, unless anything was wrong. A part that could not be read has
    /// left its fault here.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Error> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Refusal::Invalid(self.0).into()),
        }
    }
}

macro_rules! names {
    ($($name:ident: $zh:literal;)+) => {$(
        impl Spelled for schema::names::$name {
            fn fault(path: &str, _: &str, error: BadName) -> Fault {
                Fault::new(path, "bad_name", $zh, format!("write a {}: {}", error.kind, error.rule))
            }
        }
    )+};
}

names! {
    TypeName: "内容类型名应为 2 至 40 个字母和数字，以小写字母开头";
    Locale: "语言应写作 zh-CN、en 等语言标签";
    SiteKey: "站点代号应为 2 至 63 个小写字母、数字和连字符，以字母开头";
    AuthorityKey: "机构代号应为 2 至 63 个小写字母、数字和连字符，以字母开头";
    DeadlineKey: "时限规则的代号应为小写字母、数字和连字符";
    ColumnPath: "栏目路径应为小写字母、数字和连字符组成的各段，以 / 相连，最多 8 段、200 字节";
    DocumentPath: "路径应以 / 开头，最多 400 字节，由字母、数字、- _ . ~ 和汉字组成，不含空段、. 或 ..";
}

macro_rules! ids {
    ($($name:ident),+) => {$(
        impl Spelled for schema::ids::$name {
            fn fault(path: &str, _: &str, _: uuid::Error) -> Fault {
                Fault::new(path, "bad_id", "应为 UUID 形式的编号", "give an id, which is a UUID")
            }
        }
    )+};
}

ids!(
    ActorId,
    ContentId,
    DocumentId,
    DueTimeId,
    ErasureId,
    NoticeId,
    PreviewLinkId,
    ReleaseSetId,
    CosignatureId,
    SessionId,
    TokenId
);

impl Spelled for Digest {
    fn fault(path: &str, _: &str, _: schema::digest::NotADigest) -> Fault {
        Fault::new(
            path,
            "bad_digest",
            "摘要应写作 sha256: 加 64 位小写十六进制数",
            "write a digest as sha256: and 64 lower-case hexadecimal digits",
        )
    }
}

impl Spelled for Span {
    fn fault(path: &str, _: &str, error: BadSpan) -> Fault {
        Fault { path: path.to_owned(), code: "bad_span", message: error.message() }
    }
}

impl Spelled for Date {
    fn fault(path: &str, _: &str, _: jiff::Error) -> Fault {
        Fault::new(path, "bad_date", "日期应写作 2027-03-31", "write a date as 2027-03-31")
    }
}

impl Spelled for Timestamp {
    fn fault(path: &str, _: &str, _: jiff::Error) -> Fault {
        Fault::new(
            path,
            "bad_time",
            "时间应为带时区的 RFC 3339 形式，如 2026-03-02T09:00:00+08:00",
            "write a time with its zone, as RFC 3339 does: 2026-03-02T09:00:00+08:00",
        )
    }
}

impl Spelled for Login {
    fn fault(path: &str, _: &str, _: NotALogin) -> Fault {
        NotALogin::at(path)
    }
}

#[cfg(test)]
mod tests {
    use schema::names::{ColumnPath, SiteKey};

    use super::*;

    #[test]
    fn every_misspelling_is_said_at_once_with_its_place() {
        let mut faults = Faults::default();

        let site: Option<SiteKey> = faults.read("placements[0].site", "Lan Qiao");
        let columns: Vec<ColumnPath> =
            faults.read_all("placements[0].columns", &["news".into(), "/x/".into()]);
        let digest: Option<Digest> = faults.read_some("approvedDigest", Some("md5:1"));
        let refused = faults.finish(site.map(|site| (site, columns, digest)));

        let Err(Error::Refused(refusal)) = refused else { panic!("it is refused") };
        let Refusal::Invalid(faults) = *refusal else { panic!("with faults") };
        let said: Vec<_> = faults.iter().map(|fault| (fault.path.as_str(), fault.code)).collect();
        assert_eq!(
            said,
            [
                ("placements[0].site", "bad_name"),
                ("placements[0].columns[1]", "bad_name"),
                ("approvedDigest", "bad_digest"),
            ]
        );
    }

    #[test]
    fn what_may_be_left_out_is_no_fault_when_it_is() {
        let mut faults = Faults::default();
        let digest: Option<Digest> = faults.read_some("approvedDigest", None);
        assert_eq!(faults.finish(Some(digest)).expect("nothing is wrong"), None);
    }
}
