//! The closed lists of words that requests and answers use, as GraphQL enums.

use async_graphql::Enum;
use schema::{access, content_type, edition, permission, tree, visibility};
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(
        $(#[$doc:meta])*
        $name:ident = $module:ident { $($(#[$word_doc:meta])* $word:ident,)+ }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
        pub(crate) enum $name { $($(#[$word_doc])* $word,)+ }

        impl From<$name> for $module::$name {
            fn from(word: $name) -> Self {
                match word { $($name::$word => Self::$word,)+ }
            }
        }

        impl From<$module::$name> for $name {
            fn from(word: $module::$name) -> Self {
                match word { $($module::$name::$word => Self::$word,)+ }
            }
        }
    )+};
}

words! {
    /// 角色 / What somebody may do
    Role = permission {
        /// 平台管理员：审核以外的一切 / Everything but reviewing
        PlatformAdministrator,
        /// 站点管理员：站点、栏目、渠道与账号 / Site, columns, channels and accounts
        SiteAdministrator,
        /// 信息员：起草 / Drafts
        Contributor,
        /// 编辑：范围内所有人的草稿 / Drafts of everybody in scope
        Editor,
        /// 审发：发布与撤回 / Publishes and takes back
        Approver,
        /// 运维：投放、检查、备份，不涉文本 / Deliveries, checks, backups; no texts
        Operator,
        /// 审计：可读一切未销毁的内容 / Reads everything that was not erased
        Auditor,
        /// 读者：可读草稿 / Reads drafts
        Reader,
    }

    /// 账号类别 / What stands behind an account
    PersonKind = access {
        /// 人 / Somebody
        Person,
        /// 程序 / A program
        Service,
    }

    /// 公众所见 / What the public sees
    Visibility = visibility {
        /// 未发布 / Never published
        Unpublished,
        /// 在线 / The text
        Live,
        /// 撤回（附说明） / A notice, with the text or alone
        Withdrawn,
        /// 已删除 / 410 with an explanation
        Gone,
        /// 转移 / A redirect
        Redirect,
        /// 抹除 / 404
        Vanished,
        /// 召回 / Taken back for ever
        Recalled,
        /// 销毁 / Recalled, and the text destroyed
        Erased,
    }

    /// 移除方式 / How something is taken away from readers
    Removal = visibility {
        /// 已删除，附说明 / 410 with an explanation
        Gone,
        /// 转移 / A redirect
        Redirect,
        /// 抹除 / 404
        Vanish,
    }

    /// 发布事件种类 / What a row of the publication log says
    EventKind = visibility {
        /// 发布 / It became live
        Publish,
        /// 更正 / It has a new text
        Correct,
        /// 移动 / The same text stands elsewhere
        Move,
        /// 撤回 / A notice is shown
        Withdraw,
        /// 移除 / Gone, redirected or vanished
        Remove,
        /// 召回 / Taken back for ever
        Recall,
        /// 栏目、站点、类型或机构调整 / A column, site, type or authority changed
        Arrange,
    }

    /// 改动的轻重 / How much a change matters to readers
    Importance = edition {
        /// 告知读者 / Readers are told
        Major,
        /// 文字小误 / A slip of the pen
        Minor,
    }

    /// 旧文本的去留 / What becomes of the text that is superseded
    OldTexts = content_type {
        /// 当时有效，仍可查阅 / It was right in its time and stays readable
        Amended,
        /// 原文有误，不再可读 / It was wrong and closes
        Error,
    }

    /// 层级 / Level of government
    Level = tree {
        /// 国家 / National
        National,
        /// 省级 / Province
        Province,
        /// 地市级 / City
        City,
        /// 县级 / County
        County,
        /// 乡镇级 / Township
        Township,
    }
}
