//! What checks find in a text, for those who write it.

use async_graphql::{Context, Object, Result, SimpleObject};
use schema::{checks, ids::ContentId, names::Locale};

use super::read;
use crate::manage::{
    answer::{Text, fault},
    caller::Caller,
    input::Faults,
    words::FindingSeverity,
};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Findings;

/// 内容检查的一处发现 / Something that a check found in a text
#[derive(SimpleObject)]
pub(crate) struct Finding {
    /// 供程序识别的代码，如 wrong_term、identity_number / Stable code for programs, such as wrong_term, identity_number
    code: String,
    /// 级别 / How grave it is
    severity: FindingSeverity,
    /// 位置，如 fields.body；针对整条信息时为空 / Where, such as fields.body; empty for the whole document
    field: String,
    /// 起始字符，从 0 起，按该字段的纯文本计 / The first character concerned, from 0, in the plain text of the field
    start: usize,
    /// 末字符之后的位置；与 start 相同表示缺少内容 / The character after the last one; the same as start where something is missing
    end: usize,
    /// 所涉文字及上下文 / What is concerned, with a little of what stands around it
    excerpt: String,
    /// 建议改写为 / What to write in its place, where that is known
    suggestion: Option<String>,
    /// 问题与处理 / What is wrong and what to do
    message: Text,
}

impl From<checks::Finding> for Finding {
    fn from(finding: checks::Finding) -> Self {
        Self {
            code: finding.code.to_owned(),
            severity: finding.severity.into(),
            field: finding.path,
            start: finding.start,
            end: finding.end,
            excerpt: finding.excerpt,
            suggestion: finding.suggestion,
            message: finding.message.into(),
        }
    }
}

#[Object]
impl Findings {
    /// 草稿中的问题，无草稿则为已发布的版本；无此信息或无权看其草稿则为空值 / What is found in the draft, or in the live edition where there is no draft; null where there is neither, and for those who may not see the draft
    async fn findings(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "内容编号 / Content id")] content_id: String,
        #[graphql(desc = "语言 / Language")] locale: String,
    ) -> Result<Option<Vec<Finding>>> {
        let caller = Caller::of(context);
        let mut faults = Faults::default();
        let content: Option<ContentId> = faults.read("contentId", &content_id);
        let locale: Option<Locale> = faults.read("locale", &locale);
        let (content, locale) = read(faults.finish(content.zip(locale)))?;
        match editorial::checks::findings(&caller.desk, &caller.actor, content, &locale).await {
            Ok(found) => {
                Ok(found.map(|found| found.findings.into_iter().map(Into::into).collect()))
            }
            Err(editorial::Error::Store(error)) => Err(fault(&error)),
            Err(editorial::Error::Refused(refusal)) => {
                Err(async_graphql::Error::new(refusal.message().to_string()))
            }
        }
    }
}
