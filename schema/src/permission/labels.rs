//! What roles and actions are called to people.

use super::{Action, Role};
use crate::message::Bilingual;

impl Role {
    /// Its name.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::PlatformAdministrator => ("平台管理员", "platform administrator"),
            Self::SiteAdministrator => ("站点管理员", "site administrator"),
            Self::Contributor => ("信息员", "contributor"),
            Self::Editor => ("编辑", "editor"),
            Self::FirstReviewer => ("初审", "first reviewer"),
            Self::SecondReviewer => ("审核", "second reviewer"),
            Self::Approver => ("审发", "approver"),
            Self::SecrecyReviewer => ("保密审查", "secrecy reviewer"),
            Self::Cosigner => ("会签", "co-signer"),
            Self::Operator => ("运维", "operator"),
            Self::Auditor => ("审计", "auditor"),
            Self::Reader => ("阅稿", "reader"),
        };
        Bilingual::new(zh, en)
    }
}

impl Action {
    /// What is done.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Draft => ("起草、修改和放弃草稿", "create, change and discard drafts"),
            Self::ReadDrafts => ("阅读草稿", "read drafts"),
            Self::ReadPast => ("阅读历史与已下线的文本", "read past and removed texts"),
            Self::ReviewFirst => ("初审", "take the first step of a review"),
            Self::ReviewSecond => ("审核", "take the second step of a review"),
            Self::ReviewSecrecy => ("保密审查", "conclude secrecy reviews"),
            Self::Publish => ("审发与发布", "approve and publish"),
            Self::TakeBack => ("撤回、删除和召回", "withdraw, remove and recall"),
            Self::Erase => ("销毁", "erase"),
            Self::SetOriginalTime => ("填写原发布时间", "claim an original publication time"),
            Self::Import => ("导入", "import"),
            Self::Arrange => ("管理站点与栏目", "arrange sites and columns"),
            Self::ArrangeAuthorities => {
                ("管理机构与内容类型", "arrange authorities and content types")
            }
            Self::Operate => ("运维投放与系统", "operate deliveries and the hub"),
            Self::Administer => ("管理账号与令牌", "administer accounts and tokens"),
            Self::Cosign => (
                "代表所授予的机构会签",
                "answer for the very authority it is granted on, when that is asked to co-sign",
            ),
        };
        Bilingual::new(zh, en)
    }
}
