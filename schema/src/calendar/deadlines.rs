//! Within what time something must be done: rules as data, with the document that says so.

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use serde::{Deserialize, Serialize, Serializer};

use super::{Calendar, Due, FileMistake, Region, Span, Sureness, Unit, YearUnknown, deadline_file};
use crate::{
    edition::Content,
    message::Bilingual,
    names::{BadName, DeadlineKey, FieldName, TypeName},
    parameters::BEIJING,
};

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
    /// Where contents say when it began: a field, or a type whose publication it is. A repost
    /// says it by its origin.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<Basis>,
    /// The link by which something public does what is due; without one the publication of the
    /// content itself does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Basis>,
}

/// A content type, or a field of one: `emergency.occurredAt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The type.
    pub r#type: TypeName,
    /// Its field.
    pub field: Option<FieldName>,
}

impl fmt::Display for Basis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(formatter, "{}.{field}", self.r#type),
            None => self.r#type.fmt(formatter),
        }
    }
}

impl FromStr for Basis {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        Ok(match text.split_once('.') {
            Some((name, field)) => Self { r#type: name.parse()?, field: Some(field.parse()?) },
            None => Self { r#type: text.parse()?, field: None },
        })
    }
}

impl Serialize for Basis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// When the time of a rule began to run for a content, and where that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Began {
    /// When.
    pub at: Timestamp,
    /// In which of its fields.
    pub field: Option<FieldName>,
}

impl DeadlineRule {
    /// Whether a content is late that the public does not see; else one that nothing is linked to.
    pub const fn is_about_publication(&self) -> bool {
        self.by.is_none()
    }

    /// Whether it may be about a content of this type.
    pub fn concerns(&self, name: &TypeName) -> bool {
        match self.of.is_empty() {
            true => self.from == Beginning::OriginPublished,
            false => self.of.iter().any(|basis| basis.r#type == *name),
        }
    }

    /// When the time began to run for `content`, which was `published` first then; `None` where it
    /// is none of the rule's, or does not say it. Hours are counted from a moment: a day is not
    /// enough for them.
    pub fn began(&self, content: &Content, published: Option<Timestamp>) -> Option<Began> {
        if self.of.is_empty() && self.from == Beginning::OriginPublished {
            let origin = content.origin.as_ref()?;
            return Some(Began { at: origin.published_at, field: None });
        }
        let basis = self.of.iter().find(|basis| basis.r#type == content.r#type)?;
        let Some(field) = &basis.field else {
            return published.map(|at| Began { at, field: None });
        };
        let said = content.fields.get(field.as_str())?.as_str()?;
        let at = said.parse::<Timestamp>().ok().or_else(|| {
            let day: Date = said.parse().ok()?;
            let counts = self.within.unit() != Unit::Hours;
            counts.then(|| BEIJING.to_timestamp(day.to_datetime(Time::midnight())).ok())?
        })?;
        Some(Began { at, field: Some(field.clone()) })
    }
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
