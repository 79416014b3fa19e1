//! Within what time something must be done: rules as data, with the document that says so.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Calendar, Due, FileMistake, Region, Span, Sureness, YearUnknown, deadline_file};
use crate::{message::Bilingual, names::DeadlineKey};

/// The rules that come with Gongbao.
const EMBEDDED: &str = include_str!("../../calendar/deadlines.toml");

/// What happened, so that the time began to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Beginning {
    /// Information was formed or changed (形成或者变更).
    Formed,
    /// The paper copy of a document was printed (印发).
    Printed,
    /// An activity was over.
    ActivityEnded,
    /// What is to be reposted became public at its origin.
    OriginPublished,
    /// A policy was published that needs an explanation.
    PolicyPublished,
    /// An emergency happened (突发事件).
    Emergency,
    /// A matter of public opinion came up (政务舆情).
    Opinion,
}

impl Beginning {
    /// Every beginning.
    pub const ALL: [Self; 7] = [
        Self::Formed,
        Self::Printed,
        Self::ActivityEnded,
        Self::OriginPublished,
        Self::PolicyPublished,
        Self::Emergency,
        Self::Opinion,
    ];

    /// The word in files of data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Formed => "formed",
            Self::Printed => "printed",
            Self::ActivityEnded => "activityEnded",
            Self::OriginPublished => "originPublished",
            Self::PolicyPublished => "policyPublished",
            Self::Emergency => "emergency",
            Self::Opinion => "opinion",
        }
    }

    /// What it is called to people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Formed => ("信息形成或变更", "formed or changed"),
            Self::Printed => ("纸质文件印发", "printed"),
            Self::ActivityEnded => ("活动结束", "end of the activity"),
            Self::OriginPublished => ("源网站发布", "published at its origin"),
            Self::PolicyPublished => ("政策发布", "the policy is published"),
            Self::Emergency => ("事件发生", "the emergency happens"),
            Self::Opinion => ("舆情发生", "the matter comes up"),
        };
        Bilingual::new(zh, en)
    }
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadlineRule {
    /// By what it is asked for.
    pub key: DeadlineKey,
    /// What it is about.
    pub name: Bilingual,
    /// What happened, so that the time began to run.
    pub from: Beginning,
    /// The time allowed.
    pub within: Span,
    /// Of the time, the last part in which it is due soon, in percent; 0 warns nobody.
    pub soon_percent: u8,
    /// Whose number it is; without it the nation's.
    pub preset: Option<Bilingual>,
    /// The document that says so.
    pub source: String,
    /// Whether it was seen there.
    pub sureness: Sureness,
}

impl DeadlineRule {
    /// What the rule comes to for what began at `from` in `region`.
    ///
    /// # Errors
    /// As [`Calendar::due`].
    pub fn due(
        &self,
        from: Timestamp,
        calendar: &Calendar,
        region: Option<&Region>,
    ) -> Result<Due, YearUnknown> {
        Ok(Due::new(from, calendar.due(from, self.within, region)?, self.soon_percent))
    }
}

/// The rules in force, in the order of their file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeadlineRules {
    rules: Vec<DeadlineRule>,
}

impl DeadlineRules {
    /// The rules that come with Gongbao.
    ///
    /// # Panics
    /// Never: a test reads them.
    pub fn embedded() -> Self {
        Self::parse("deadlines.toml", EMBEDDED).unwrap_or_default()
    }

    /// Reads a file of `[[rule]]`.
    ///
    /// # Errors
    /// Every mistake in the file.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<FileMistake>> {
        deadline_file::read(name, text).map(|rules| Self { rules })
    }

    /// Every rule.
    pub fn iter(&self) -> impl Iterator<Item = &DeadlineRule> {
        self.rules.iter()
    }

    /// The rule of this key.
    pub fn get(&self, key: &DeadlineKey) -> Option<&DeadlineRule> {
        self.rules.iter().find(|rule| rule.key == *key)
    }
}
