//! The closed lists of words that requests and answers use, as GraphQL enums.

use async_graphql::Enum;
use schema::{access, content_type, edition, origin, permission, standing, tree, visibility};
use serde::{Deserialize, Serialize};

/// The words of checks under the names they have in GraphQL.
mod checks {
    pub(super) use schema::checks::Severity as FindingSeverity;
}

/// The words of deliveries under the names they have in GraphQL.
mod delivery {
    pub(super) use schema::delivery::{
        Absence, Class as AnswerClass, Declaration, DeliveryState, Form as DeliveryForm,
        TargetState,
    };
}

/// The words of notices under the names they have in GraphQL.
mod notice {
    pub(super) use schema::tree::notice::{
        NoticeKind as SiteNoticeKind, NoticeSeverity as SiteNoticeSeverity,
        Phase as SiteNoticePhase,
    };
}

/// The words of reviews under the names they have in GraphQL.
mod review_words {
    pub(super) use schema::review::{
        ActKind as ReviewActKind, Conclusion as SecrecyConclusion, CosignState,
        DebtKind as ReviewDebtKind, Persons as ReviewPersons, Silence as CosignSilence,
        State as ReviewState, Track as ReviewTrack,
    };
}

/// The words of preview links under the names they have in GraphQL.
mod preview {
    pub(super) use schema::preview::LinkState as PreviewLinkState;
}

/// The words of schedules and release sets under the names they have in GraphQL.
mod due {
    pub(super) use schema::due::{DueKind as ScheduleKind, DueState as ScheduleState};
    pub(super) use store::release_sets::SetState as ReleaseSetState;
}

/// The words of deadlines under the names they have in GraphQL.
mod deadline {
    pub(super) use schema::calendar::Sureness as DeadlineSureness;
}

/// 期限的状态 / How it stands with a time allowed
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum DeadlineStanding {
    /// 未到期 / There is time left
    OnTime,
    /// 即将到期 / There is little time left
    Soon,
    /// 已逾期 / It is late
    Late,
}

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
    /// 操作经由何种途径 / Which way something came to the hub
    Via = origin {
        /// 平台自行 / The hub did it by itself
        Hub,
        /// 命令行 / A command on a machine of the hub
        CommandLine,
        /// 网络请求 / A request over the network
        Request,
        /// 记录早于此项功能 / It was written before origins were kept
        Unrecorded,
    }
    /// 检查所发现问题的级别 / How grave something is that a check found
    FindingSeverity = checks {
        /// 提示：多数情况下无须改动 / Worth knowing; often it is right as it is
        Notice,
        /// 警告：很可能有误 / Probably a mistake
        Warning,
        /// 错误：不应这样公开 / Must not be public like this
        Error,
    }
    /// 预览链接的状态 / What has become of a preview link
    PreviewLinkState = preview {
        /// 有效 / It shows the draft
        Good,
        /// 已结束：所预览的内容此后已发布，或已召回 / Its document was published since, or recalled
        Ended,
        /// 已过期 / Its time is over
        Expired,
        /// 已撤销 / Somebody took it back
        Revoked,
    }
    /// 角色 / What somebody may do
    Role = permission {
        /// 平台管理员：初审、审核、保密审查以外的一切 / Everything but first, second and secrecy review
        PlatformAdministrator,
        /// 站点管理员：站点、栏目、渠道与账号 / Site, columns, channels and accounts
        SiteAdministrator,
        /// 信息员：起草 / Drafts
        Contributor,
        /// 编辑：范围内所有人的草稿 / Drafts of everybody in scope
        Editor,
        /// 初审 / Takes the first step of a review
        FirstReviewer,
        /// 审核 / Takes the second step of a review
        SecondReviewer,
        /// 审发：最后一个审核环节，发布与撤回 / Takes the last step of a review, publishes and takes back
        Approver,
        /// 保密审查 / Says whether a text may be opened
        SecrecyReviewer,
        /// 会签：代表本机构答复 / Answers for its authority when that is asked to co-sign
        Cosigner,
        /// 运维：投放、检查、备份，不涉文本 / Deliveries, checks, backups; no texts
        Operator,
        /// 审计：可读一切未销毁的内容 / Reads everything that was not erased
        Auditor,
        /// 读者：可读草稿 / Reads drafts
        Reader,
    }

    /// 依据的可靠程度 / How sure the source of a rule is
    DeadlineSureness = deadline {
        /// 原文 / Seen in the document itself
        Text,
        /// 转述 / In a report, or in another authority's notice
        SecondHand,
        /// 未核实 / From memory, to be held against the document first
        Unverified,
    }

    /// 定时所做之事 / What is scheduled
    ScheduleKind = due {
        /// 发布草稿 / A draft is to be published
        Publication,
        /// 撤回 / A document is to be withdrawn
        Withdrawal,
        /// 移除 / A document is to be taken away from readers
        Removal,
        /// 同步发布 / A release set is to be published
        ReleaseSet,
        /// 会签期限到 / A body that was asked to co-sign counts as agreed
        Cosignature,
    }

    /// 定时的状态 / How it stands with what is scheduled
    ScheduleState = due {
        /// 待到时，或待下次执行 / It waits for its time, or for its next try
        Waiting,
        /// 到时被拒，须由人更改或取消 / It was refused when it was due; somebody has to move or cancel it
        Refused,
        /// 已执行 / It was done
        Fired,
        /// 已取消 / Somebody cancelled it
        Cancelled,
        /// 已失效：草稿有改动，或已由人执行 / What it was about is no longer so: the draft was changed, or it was done by hand
        Void,
    }

    /// 同步发布组的状态 / How it stands with a release set
    ReleaseSetState = due {
        /// 组建中 / It is put together
        Open,
        /// 已发布 / Everything in it was published
        Published,
        /// 已解散 / It was given up
        Dissolved,
    }

    /// 审核流程 / By which track a text is reviewed
    ReviewTrack = review_words {
        /// 普通 / What editors write
        Ordinary,
        /// 应急：环节较少，须事后确认 / An emergency: fewer steps, and a confirmation afterwards
        Emergency,
        /// 转载 / What was taken over from another site
        Repost,
        /// 导入 / What was public before and is imported
        Import,
    }

    /// 审核的状态 / How a review stands
    ReviewState = review_words {
        /// 审核中 / It lies before the reviewers
        Submitted,
        /// 已退回 / A reviewer sent it back
        Returned,
        /// 已撤回送审 / Its author took it back
        TakenBack,
        /// 已修改，须重新送审 / The text was changed, so every signature is void
        Edited,
        /// 已发布 / Published
        Published,
        /// 已放弃 / The draft was thrown away
        Discarded,
    }

    /// 审核中的一项记录 / What was done in a review
    ReviewActKind = review_words {
        /// 送审 / Laid before the reviewers
        Submitted,
        /// 审核通过 / A step was signed
        Approved,
        /// 跳过，附理由 / A step was passed over, with the reason
        Skipped,
        /// 退回，附理由 / Sent back, with the reason
        Returned,
        /// 撤回送审 / Taken back by its author
        TakenBack,
        /// 保密审查 / The secrecy review came to a conclusion
        Secrecy,
        /// 放行检查所见的错误，附理由 / What checks call an error was let stand, with the reason
        Waived,
        /// 修改，各项签署随之失效 / The text was changed, and every signature void
        Edited,
        /// 发布 / Published as reviewed
        Published,
        /// 强制发布，附理由 / Published before the review was complete, with the reason
        Forced,
        /// 事后确认 / Confirmed afterwards
        Confirmed,
        /// 放弃 / The draft was thrown away
        Discarded,
        /// 请某机构会签 / A body was asked to co-sign
        CosignAsked,
        /// 会签同意 / A body agreed
        Cosigned,
        /// 会签有异议，附理由 / A body objected, with the reason
        CosignObjected,
        /// 撤回异议 / A body took its objection back
        CosignWithdrawn,
        /// 逾期视为同意，由平台记录 / A body did not answer in time, which counts as agreed; recorded by the hub
        CosignSilent,
        /// 裁定异议，附理由 / The objection of a body was overruled, with the reason
        CosignOverruled,
    }

    /// 会签的状态 / How it stands with a body that was asked to co-sign
    CosignState = review_words {
        /// 待会签 / It has not answered
        Asked,
        /// 同意 / It agreed
        Confirmed,
        /// 有异议 / It objects
        Objected,
        /// 逾期视为同意 / It did not answer in time, which counts as agreed
        Silent,
        /// 异议已裁定 / Its objection was overruled
        Overruled,
        /// 已失效：答复之前本轮审核已结束 / The round ended before it answered
        Void,
    }

    /// 逾期不答复意味着什么 / What no answer within the time allowed means
    CosignSilence = review_words {
        /// 视为同意 / It counts as agreed
        Agrees,
        /// 继续等候 / Nothing: the answer is late, and waited for
        Blocks,
    }

    /// 保密审查结论 / What a secrecy review came to
    SecrecyConclusion = review_words {
        /// 可以公开 / It may be opened
        Open,
        /// 不予公开 / It may not
        Closed,
        /// 区分处理后公开 / Part of it may, after the rest was taken out
        InPart,
        /// 报请确定 / The competent or the secrecy authority is to be asked
        Referred,
    }

    /// 哪些人不能签署 / Who may not sign
    ReviewPersons = review_words {
        /// 不限 / Everybody the step is for may
        Any,
        /// 起草、送审者不能签署 / Nobody signs what they wrote or submitted
        NotAuthors,
        /// 各环节须由不同的人签署，且不得为起草、送审者 / Neither that, nor two parts of one round
        Different,
    }

    /// 须事后确认的缘由 / Why a publication is to be confirmed
    ReviewDebtKind = review_words {
        /// 应急发布 / It came by the emergency track
        Emergency,
        /// 强制发布 / It was forced past steps that were missing
        Forced,
    }

    /// 账号类别 / What stands behind an account
    PersonKind = access {
        /// 人 / Somebody
        Person,
        /// 程序 / A program
        Service,
    }

    /// 用工性质 / How somebody is employed
    Employment = standing {
        /// 在编 / On the establishment
        Permanent,
        /// 聘用 / Hired by the body itself
        Contract,
        /// 外包，不能担任有审发权的角色 / Of another company; never holds a role that publishes
        Outsourced,
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
        /// 栏目、站点、类型、机构、投放对象或站点公告调整 / A column, site, type, authority, target or notice of a site changed
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

    /// 投放的内容 / What of a document's history a target is given
    Declaration = delivery {
        /// 每个事件，依次 / Each event, in order
        EveryEvent,
        /// 最新状态 / Where it stands now
        LatestState,
    }

    /// 投放的形式 / How much of a text a target is sent
    DeliveryForm = delivery {
        /// 事实、摘要与地址 / Facts, digest and address
        Facts,
        /// 连同全文 / The text too
        Full,
    }

    /// 是否投放 / Whether a target is served
    TargetState = delivery {
        /// 投放中 / It is
        Enabled,
        /// 已暂停，应投内容保留 / Nothing is sent until it is resumed; what is owed is kept
        Paused,
        /// 对方称已停用（410），仅记下召回 / It said that it is gone (410); only recalls are still noted as owed
        Disabled,
    }

    /// 投放的现况 / What became of a delivery
    DeliveryState = delivery {
        /// 待投 / It is owed
        Pending,
        /// 已投 / The target has it
        Done,
        /// 已被取代 / A later event took its place
        Superseded,
        /// 搁置，等人处理 / It waits for a person
        Parked,
        /// 被拒 / The target will not take it
        Refused,
    }

    /// 不应持有的原因 / Why a target must not show a document
    Absence = delivery {
        /// 已删除 / Removed, with an explanation
        Gone,
        /// 转移 / Something else took its place
        Redirect,
        /// 抹除 / As if it had never been
        Vanished,
        /// 召回 / Taken back for ever
        Recalled,
        /// 仍公开，但已不在所选范围 / Still public, but not among what the target selects
        OutOfScope,
    }

    /// 一次调用的结果 / What came of one call
    AnswerClass = delivery {
        /// 已接收 / The target has it
        Ok,
        /// 对方出错 / It failed at the other end: 5xx, 408, 425
        Transient,
        /// 对方要求放慢 / Too much at once: 429, or 503 with Retry-After
        Throttled,
        /// 连接不上 / Nobody was reached: no byte was sent
        TargetDown,
        /// 已发出而无回应 / It was sent and no answer came
        Unknown,
        /// 对方不认识本系统 / The target does not know us: 401, 403
        Auth,
        /// 对方拒绝 / The target will not take it: any other 4xx, and redirects
        Refused,
        /// 对方已停用 / The target is no more: 410
        Gone,
        /// 该地址不允许访问 / The address may not be dialled
        Blocked,
    }

    /// 站点公告的类别 / What a notice of a site is about
    SiteNoticeKind = notice {
        /// 突发事件 / An emergency
        Emergency,
        /// 气象预警 / A warning of the weather
        Weather,
        /// 交通出行 / Traffic and travel
        Traffic,
        /// 服务公告，如系统维护 / Services, such as maintenance
        Service,
        /// 重要活动 / An event of the whole place
        Event,
        /// 哀悼 / Mourning
        Mourning,
    }

    /// 站点公告的级别：预警四色，或仅作提示 / How severe a notice is: the four colours of warnings, or no warning
    SiteNoticeSeverity = notice {
        /// 提示 / No warning
        Info,
        /// 蓝色（四级，一般） / Blue, the lowest
        Blue,
        /// 黄色（三级，较大） / Yellow
        Yellow,
        /// 橙色（二级，重大） / Orange
        Orange,
        /// 红色（一级，特别重大） / Red, the highest
        Red,
    }

    /// 站点公告现处的阶段 / Where a notice is in its time
    SiteNoticePhase = notice {
        /// 七天以后才开始，尚不公开 / It begins in more than seven days; nobody is told yet
        Later,
        /// 七天以内开始 / It begins within seven days
        Soon,
        /// 生效中 / It is shown
        InForce,
        /// 已结束 / It is over
        Over,
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
