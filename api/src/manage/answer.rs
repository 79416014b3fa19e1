//! What a mutation answers: its result, or everything that kept it from being done.
//!
//! A refusal that can be foreseen is a value with a code, never a GraphQL error. What is left
//! to errors are faults of ours, which are logged once and not told.

use async_graphql::{ErrorExtensions as _, InputObject, SimpleObject};
use editorial::{Held, Refusal};
use schema::message::{Bilingual, Fault};
use serde::{Deserialize, Serialize};

/// 中英文文本 / A text in both languages
#[derive(Clone, Debug, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "TextInput")]
pub(crate) struct Text {
    /// 简体中文 / Simplified Chinese
    pub(crate) zh: String,
    /// 英文 / English
    pub(crate) en: String,
}

impl From<Bilingual> for Text {
    fn from(text: Bilingual) -> Self {
        Self { zh: text.zh, en: text.en }
    }
}

impl From<Text> for Bilingual {
    fn from(text: Text) -> Self {
        Self::new(text.zh, text.en)
    }
}

/// 操作者 / Somebody or something that acts
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Who {
    /// 在日志与审计中的编号 / The id that stands in log and audit
    pub(crate) id: String,
    /// 名称；命令行与已不存在的账号没有 / The name; the command line has none
    pub(crate) name: Option<String>,
}

/// 有人先改了 / Somebody else changed it first
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Stale {
    /// 请求所依据的版本号 / The version the request was made to
    expected: i64,
    /// 现在的版本号 / The version it has now
    actual: i64,
    /// 谁改的 / Who changed it
    pub(crate) changed_by: Who,
    /// 何时改的 / When
    changed_at: String,
}

/// 未能执行的一个原因 / One reason why it was not done
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct UserError {
    /// 供程序识别的代码 / Stable code for programs
    code: String,
    /// 输入中的位置 / Where in the input
    field: Option<String>,
    /// 供人阅读的说明 / What is wrong and what to do
    message: Text,
    /// 代码为 stale 时：谁在何时改的 / With the code stale: who changed it, and when
    pub(crate) stale: Option<Stale>,
}

impl UserError {
    /// Everything that `refusal` says.
    pub(crate) fn all(refusal: &Refusal) -> Vec<Self> {
        if let Refusal::Invalid(faults) = refusal {
            return faults.iter().map(Self::of_fault).collect();
        }
        if let Refusal::SetHeld(held) = refusal {
            return held.iter().flat_map(Self::of_held).collect();
        }
        let stale = match refusal {
            Refusal::Stale { expected, actual, changed_by, changed_at } => Some(Stale {
                expected: *expected,
                actual: *actual,
                changed_by: Who { id: changed_by.to_string(), name: None },
                changed_at: changed_at.to_string(),
            }),
            _ => None,
        };
        vec![Self {
            code: refusal.code().to_owned(),
            field: field(refusal),
            message: refusal.message().into(),
            stale,
        }]
    }

    /// Each reason of one document of a release set, told as `items[2]`, or of a field within it.
    fn of_held(held: &Held) -> Vec<Self> {
        let place = format!("items[{}]", held.place);
        let mut errors = Self::all(&held.refusal);
        for error in &mut errors {
            error.field = Some(match &error.field {
                Some(field) => format!("{place}.{field}"),
                None => place.clone(),
            });
        }
        errors
    }

    fn of_fault(fault: &Fault) -> Self {
        Self {
            code: fault.code.to_owned(),
            field: (!fault.path.is_empty()).then(|| fault.path.clone()),
            message: fault.message.clone().into(),
            stale: None,
        }
    }
}

/// The field a refusal is about, where it is about one.
fn field(refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::NotUnique { field, .. }
        | Refusal::LinkToNothing(field, _)
        | Refusal::SharedField(field) => Some(format!("fields.{field}")),
        Refusal::Words { field, .. } => Some((*field).to_owned()),
        _ => None,
    }
}

/// The error of a resolver whose store failed: the log learns why; the caller, that it did and
/// whether trying again may help.
pub(crate) fn fault(error: &store::Error) -> async_graphql::Error {
    tracing::error!(error = %error, "the management API met a fault");
    let (code, text) = if error.is_full() {
        (
            "FULL",
            "存储空间已满，未作任何修改；请联系运维人员，腾出空间后重试 / \
             the storage is full, nothing was changed: tell whoever runs the hub, and try again \
             when there is room",
        )
    } else if error.is_unavailable() {
        (
            "UNAVAILABLE",
            "数据库暂时不可用，请稍后用同一 Idempotency-Key 重试 / \
             the database is unavailable: try again later under the same Idempotency-Key",
        )
    } else {
        ("INTERNAL", "服务内部出错，已记入日志 / something went wrong inside; it is in the log")
    };
    async_graphql::Error::new(text).extend_with(|_, values| values.set("code", code))
}

/// A payload: the result of a mutation under its own name, or the reasons why there is none.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident: $result:ty }) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub(crate) struct $name {
            $(#[$field_doc])*
            $field: Option<$result>,
            /// 未能执行的全部原因；为空即已执行 / All reasons why it was not done; empty when it was
            user_errors: Vec<$crate::manage::answer::UserError>,
        }

        impl From<Result<$result, Vec<$crate::manage::answer::UserError>>> for $name {
            fn from(outcome: Result<$result, Vec<$crate::manage::answer::UserError>>) -> Self {
                match outcome {
                    Ok(done) => Self { $field: Some(done), user_errors: Vec::new() },
                    Err(user_errors) => Self { $field: None, user_errors },
                }
            }
        }
    };
}
