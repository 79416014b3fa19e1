//! Why an act was refused: a code for programs, a sentence in both languages for people.

use jiff::Timestamp;
use schema::{
    due::DueState,
    gate::Shut,
    ids::{ActorId, ContentId, DocumentId, DueTimeId, NoticeId},
    message::{Bilingual, Fault},
    names::{ColumnPath, DocumentPath, FieldName, Locale, SiteKey},
    permission::{Action, Role},
    review::{CosignState, Missing},
    tree::notice::MOST_AT_ONCE,
    visibility::Visibility,
};
use store::release_sets::SetState;

use crate::files::{FileRefusal, uploads::UploadRefusal};
use crate::sign_in::SignInRefusal;

/// What keeps an act from being done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was refused; whoever asked can do something about it.
    #[error("{}", .0.message())]
    Refused(Box<Refusal>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// A refusal that whoever asked can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The actor may not do this here.
    NotPermitted(Action),
    /// There is no such thing, or the actor may not know of it.
    NotFound {
        /// `document`, `site`, `column`, `authority`, `type`, `edition`, `erasure`.
        what: &'static str,
        /// The name it was asked for by.
        name: String,
    },
    /// The values do not fit their content type, or the particulars are wrong.
    Invalid(Vec<Fault>),
    /// Somebody else changed it since it was read.
    Stale {
        /// The version that was read.
        expected: i64,
        /// The version it has now.
        actual: i64,
        /// Who changed it.
        changed_by: ActorId,
        /// When.
        changed_at: Timestamp,
    },
    /// There is no draft to act on.
    NoDraft,
    /// A draft stands in the way: discard it or publish it first.
    DraftInTheWay,
    /// The act cannot be done to a document in this state.
    NotFrom(Visibility),
    /// Another document holds the path.
    PathTaken {
        /// On which site.
        site: SiteKey,
        /// Which path.
        path: DocumentPath,
        /// By which document; `None` where the actor may not know of it.
        by: Option<DocumentId>,
    },
    /// Another content holds the value that must be unique.
    NotUnique {
        /// In which field.
        field: FieldName,
        /// Which content; `None` where the actor may not know of it.
        by: Option<ContentId>,
    },
    /// The content has a document in this language already.
    LocaleTaken(ContentId, Locale),
    /// A link leads to a content that does not exist, or is of a type the field does not take.
    LinkToNothing(FieldName, ContentId),
    /// A file that was never uploaded.
    FileMissing(schema::digest::Digest),
    /// A file that is not taken in.
    File(FileRefusal),
    /// An upload that does not begin, or does not go on.
    Upload(UploadRefusal),
    /// The owner's edition can only be placed on the owner's own sites.
    ForeignSite(SiteKey),
    /// The column takes no documents any more.
    ColumnClosed(SiteKey, ColumnPath),
    /// The site has as many notices in force or to come as may be.
    TooManyNotices(SiteKey),
    /// The time of the notice is over.
    NoticeOver(NoticeId),
    /// The key or path is taken.
    Exists {
        /// What is: `site`, `column`, `authority`.
        what: &'static str,
        /// Its key or path.
        name: String,
    },
    /// A parent would come to stand below itself.
    Cycle(String),
    /// It still holds documents or sites.
    NotEmpty {
        /// What does.
        what: &'static str,
        /// Its key or path.
        name: String,
    },
    /// The gate stays shut.
    Gate(Shut),
    /// Facts that are the same in every language are changed in the main one.
    SharedField(FieldName),
    /// Whoever ordered an erasure cannot confirm it.
    SamePerson,
    /// A change of the content types would orphan or invalidate what is stored.
    TypesWouldOrphan(Vec<Bilingual>),
    /// Nobody grants a role that allows more than they may themselves.
    MoreThanHeld(Role),
    /// Nobody who is employed as this person is may hold the role.
    NotForEmployment(Role),
    /// A reason, a remark or a basis of a review is missing or too long: which one.
    Words {
        /// Its name.
        field: &'static str,
        /// Characters, at the most.
        most: usize,
    },
    /// The draft does not lie before the reviewers as it is now.
    NotUnderReview,
    /// The draft lies before the reviewers already.
    UnderReview,
    /// Nobody signs what they wrote or submitted.
    OwnText,
    /// Nobody signs two parts of one round.
    SignedBefore,
    /// There is nothing left to sign here.
    NothingToSign,
    /// The step of this name may not be passed over.
    NotSkippable(Bilingual),
    /// The body that was asked to co-sign is past what was tried: how it stands.
    Cosigned(CosignState),
    /// The rule lets nobody overrule the body of this name.
    NotOverruled(Bilingual),
    /// No publication of the document is to be confirmed.
    NothingOwed,
    /// Whoever published cannot confirm it.
    OwnPublication,
    /// Somebody cannot sign in, or not change how they do.
    SignIn(SignInRefusal),
    /// The idempotency key was used for another request.
    KeyUsed,
    /// The same is scheduled of it already.
    AlreadyScheduled {
        /// By which schedule.
        schedule: DueTimeId,
        /// When.
        at: Timestamp,
    },
    /// What was scheduled is done, cancelled or void.
    ScheduleClosed(DueState),
    /// The draft says what is live already.
    NothingToPublish,
    /// Whoever scheduled it has no account any more that may be used.
    AccountClosed,
    /// The release set was published or dissolved.
    SetClosed(SetState),
    /// There is nothing in the release set.
    SetEmpty,
    /// There is no room in the release set: so many are in it.
    SetFull(usize),
    /// A content of the type of this name, which is published together with it, is not in the set.
    CounterpartNotInSet(Bilingual),
    /// These documents of the release set stand in the way.
    SetHeld(Vec<Held>),
}

/// A document that keeps its release set from being published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its place in the set, from 0.
    pub place: usize,
    /// Which it is.
    pub document: DocumentId,
    /// Why.
    pub refusal: Box<Refusal>,
}

impl Held {
    /// The document at `place`, held by `refusal`.
    pub fn of(place: usize, document: DocumentId, refusal: Refusal) -> Self {
        Self { place, document, refusal: Box::new(refusal) }
    }
}

impl Refusal {
    /// A not-found of `what`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers hand over ids and numbers as they are"
    )]
    pub fn not_found(what: &'static str, name: impl ToString) -> Self {
        Self::NotFound { what, name: name.to_string() }
    }

    /// Whether the actor was refused for what they may, and not for what they asked.
    pub const fn is_for_want_of_permission(&self) -> bool {
        matches!(
            self,
            Self::NotPermitted(_) | Self::Gate(Shut::NotPermitted(_)) | Self::MoreThanHeld(_)
        )
    }

    /// Stable code, snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotPermitted(_) | Self::Gate(Shut::NotPermitted(_)) => "not_permitted",
            Self::NotFound { .. } => "not_found",
            Self::Invalid(_) => "invalid",
            Self::Stale { .. } => "stale",
            Self::NoDraft => "no_draft",
            Self::DraftInTheWay => "draft_in_the_way",
            Self::NotFrom(_) => "not_from_this_state",
            Self::PathTaken { .. } => "path_taken",
            Self::NotUnique { .. } => "not_unique",
            Self::LocaleTaken(..) => "locale_taken",
            Self::LinkToNothing(..) => "link_to_nothing",
            Self::FileMissing(_) => "file_missing",
            Self::File(refusal) => refusal.code(),
            Self::Upload(refusal) => refusal.code(),
            Self::ForeignSite(_) => "foreign_site",
            Self::ColumnClosed(..) => "column_closed",
            Self::TooManyNotices(_) => "too_many_notices",
            Self::NoticeOver(_) => "notice_over",
            Self::Exists { .. } => "exists",
            Self::Cycle(_) => "cycle",
            Self::NotEmpty { .. } => "not_empty",
            Self::Gate(Shut::DigestMissing) => "digest_missing",
            Self::Gate(Shut::DigestDiffers) => "digest_differs",
            Self::Gate(Shut::PlanMissing) => "plan_missing",
            Self::Gate(Shut::PlanDiffers) => "plan_differs",
            Self::SharedField(_) => "shared_field",
            Self::SamePerson => "same_person",
            Self::TypesWouldOrphan(_) => "types_would_orphan",
            Self::MoreThanHeld(_) => "more_than_held",
            Self::NotForEmployment(_) => "not_for_employment",
            Self::Gate(Shut::Unreviewed(_)) => "unreviewed",
            Self::Words { .. } => "count",
            Self::NotUnderReview => "not_under_review",
            Self::UnderReview => "under_review",
            Self::OwnText => "own_text",
            Self::SignedBefore => "signed_before",
            Self::NothingToSign => "nothing_to_sign",
            Self::NotSkippable(_) => "not_skippable",
            Self::Cosigned(_) => "cosigned",
            Self::NotOverruled(_) => "not_overruled",
            Self::NothingOwed => "nothing_owed",
            Self::OwnPublication => "own_publication",
            Self::SignIn(refusal) => refusal.code(),
            Self::KeyUsed => "idempotency_key_used",
            Self::Gate(Shut::Embargoed(_)) => "embargoed",
            Self::AlreadyScheduled { .. } => "already_scheduled",
            Self::ScheduleClosed(_) => "schedule_closed",
            Self::NothingToPublish => "nothing_to_publish",
            Self::AccountClosed => "account_closed",
            Self::SetClosed(_) => "release_set_closed",
            Self::SetEmpty => "release_set_empty",
            Self::SetFull(_) => "release_set_full",
            Self::CounterpartNotInSet(_) => "counterpart_not_in_set",
            Self::SetHeld(_) => "release_set_held",
        }
    }

    /// What is wrong and what to do.
    pub fn message(&self) -> Bilingual {
        match self {
            Self::NotPermitted(action) | Self::Gate(Shut::NotPermitted(action)) => {
                let Bilingual { zh, en } = action.label();
                Bilingual::new(
                    format!("没有权限：此处需要“{zh}”的权限，请向站点管理员申请"),
                    format!(
                        "not permitted: this needs the permission to {en} here; ask the site's administrator"
                    ),
                )
            }
            Self::NotFound { what, name } => Bilingual::new(
                format!("找不到{}“{name}”", thing(what)),
                format!("there is no {what} {name:?}"),
            ),
            Self::Invalid(faults) => Bilingual::new(
                join(
                    faults.iter().map(|fault| format!("{}：{}", fault.path, fault.message.zh)),
                    "；",
                ),
                join(
                    faults.iter().map(|fault| format!("{}: {}", fault.path, fault.message.en)),
                    "; ",
                ),
            ),
            Self::Stale { expected, actual, changed_at, .. } => Bilingual::new(
                format!(
                    "内容已于 {changed_at} 被他人修改（您看到的是第 {expected} 次修改，现为第 {actual} 次），请重新载入后再改"
                ),
                format!(
                    "somebody changed it at {changed_at} (you saw change {expected}, it is now at {actual}): load it again, then make your change"
                ),
            ),
            Self::NoDraft => {
                Bilingual::new("没有草稿，请先保存草稿", "there is no draft: save one first")
            }
            Self::DraftInTheWay => Bilingual::new(
                "还有未发布的草稿，请先发布或放弃草稿",
                "there is an unpublished draft: publish or discard it first",
            ),
            Self::NotFrom(state) => Bilingual::new(
                format!("信息现为“{}”状态，不能这样操作", state_name(*state)),
                format!("this cannot be done to a document that is {}", state.as_str()),
            ),
            Self::PathTaken { site, path, by: Some(by) } => Bilingual::new(
                format!("站点 {site} 的路径 {path} 已被信息 {by} 占用，请换一个路径"),
                format!("the path {path} of {site} is held by document {by}: choose another"),
            ),
            Self::PathTaken { site, path, by: None } => Bilingual::new(
                format!("站点 {site} 的路径 {path} 已被占用，请换一个路径"),
                format!("the path {path} of {site} is held already: choose another"),
            ),
            Self::NotUnique { field, by: Some(by) } => Bilingual::new(
                format!("字段 {field} 的值已被内容 {by} 使用，不能重复"),
                format!("the value of {field} is used by content {by} and must be unique"),
            ),
            Self::NotUnique { field, by: None } => Bilingual::new(
                format!("字段 {field} 的值已被使用，不能重复"),
                format!("the value of {field} is used already and must be unique"),
            ),
            Self::LocaleTaken(content, locale) => Bilingual::new(
                format!("内容 {content} 已有语言 {locale} 的信息"),
                format!("content {content} has a document in {locale} already"),
            ),
            Self::LinkToNothing(field, target) => Bilingual::new(
                format!("字段 {field} 链接的内容 {target} 不存在，或类型不符"),
                format!(
                    "{field} links to {target}, which does not exist or is of another type than the field takes"
                ),
            ),
            Self::File(refusal) => refusal.message(),
            Self::Upload(refusal) => refusal.message(),
            Self::FileMissing(digest) => Bilingual::new(
                format!("文件 {digest} 尚未上传"),
                format!("the file {digest} was never uploaded"),
            ),
            Self::ForeignSite(site) => Bilingual::new(
                format!("站点 {site} 属于其他机构，请由该机构自行引用"),
                format!(
                    "the site {site} belongs to another authority, which places the document by an act of its own"
                ),
            ),
            Self::ColumnClosed(site, column) => Bilingual::new(
                format!("站点 {site} 的栏目 {column} 已关闭，请选择其他栏目"),
                format!("the column {column} of {site} is closed: choose another"),
            ),
            Self::TooManyNotices(site) => Bilingual::new(
                format!(
                    "站点 {site} 生效中和待生效的公告已有 {MOST_AT_ONCE} 条，请先结束不再需要的"
                ),
                format!(
                    "{site} has {MOST_AT_ONCE} notices in force or to come: end one that is not needed any more"
                ),
            ),
            Self::NoticeOver(notice) => Bilingual::new(
                format!("公告 {notice} 已结束，不能再改，请另发新公告"),
                format!("the notice {notice} is over and stays as it was: put up another one"),
            ),
            Self::Exists { what, name } => Bilingual::new(
                format!("{}“{name}”已存在", thing(what)),
                format!("the {what} {name:?} exists already"),
            ),
            Self::Cycle(name) => Bilingual::new(
                format!("“{name}”不能放到自己的下级之下"),
                format!("{name:?} cannot stand below itself"),
            ),
            Self::NotEmpty { what, name } => Bilingual::new(
                format!("{}“{name}”中还有内容，请先指定并入何处", thing(what)),
                format!("the {what} {name:?} still holds something: say where it goes"),
            ),
            Self::Gate(Shut::DigestMissing) => Bilingual::new(
                "发布时须注明所审定文本的摘要值",
                "name the digest of the text that is to be published",
            ),
            Self::Gate(Shut::PlanMissing) => Bilingual::new(
                "此信息有发布计划，请先查看并注明所看到的发布计划的摘要",
                "it has a publication plan: look at it and name its digest",
            ),
            Self::Gate(Shut::PlanDiffers) => Bilingual::new(
                "发布计划与所看到的不同，请重新查看",
                "the publication plan is not the one that was looked at: look again",
            ),
            Self::Gate(Shut::DigestDiffers) => Bilingual::new(
                "草稿在审定之后又有改动，请重新审阅",
                "the draft changed after it was looked at: look at it again",
            ),
            Self::SharedField(field) => Bilingual::new(
                format!("字段 {field} 各语言相同，请在主语言版本中修改"),
                format!("{field} is the same in every language: change it in the main one"),
            ),
            Self::SamePerson => Bilingual::new(
                "销毁须由另一人确认",
                "an erasure is confirmed by somebody other than who ordered it",
            ),
            Self::TypesWouldOrphan(changes) => Bilingual::new(
                format!(
                    "内容类型的改动会使已存数据失效：{}",
                    join(changes.iter().map(|change| change.zh.clone()), "；")
                ),
                format!(
                    "this change of content types would orphan stored data: {}",
                    join(changes.iter().map(|change| change.en.clone()), "; ")
                ),
            ),
            Self::MoreThanHeld(role) => Bilingual::new(
                format!("不能授予超出自己权限的角色“{}”，请由上级管理员授予", role.label().zh),
                format!(
                    "the role {} allows more than you may: ask an administrator who holds it",
                    role.label().en
                ),
            ),
            Self::NotForEmployment(role) => Bilingual::new(
                format!("外包人员不能担任“{}”：审发须由本单位人员负责", role.label().zh),
                format!(
                    "the role {} has the last word on what is published, which outsourced staff never have: give it to staff of the body itself",
                    role.label().en
                ),
            ),
            Self::Gate(Shut::Unreviewed(missing)) => unreviewed(missing),
            Self::Words { most, .. } => Bilingual::new(
                format!("请填写 1 至 {most} 个字"),
                format!("give 1 to {most} characters"),
            ),
            Self::NotUnderReview => Bilingual::new(
                "这份草稿不在审核中，或送审后又有改动，请先送审",
                "the draft does not lie before the reviewers as it is now: submit it first",
            ),
            Self::UnderReview => Bilingual::new(
                "这份草稿已在审核中，要修改请直接修改或先撤回送审",
                "the draft lies before the reviewers already: edit it, or take it back first",
            ),
            Self::OwnText => Bilingual::new(
                "不能审核自己起草或送审的文本，请由他人审核",
                "nobody signs what they wrote or submitted: somebody else has to",
            ),
            Self::SignedBefore => Bilingual::new(
                "您已签过本轮审核的另一环节，请由他人审核",
                "you signed another part of this round: somebody else has to sign this one",
            ),
            Self::NothingToSign => {
                Bilingual::new("这里没有待您签署的环节", "there is nothing left to sign here")
            }
            Self::NotSkippable(Bilingual { zh, en }) => Bilingual::new(
                format!("环节“{zh}”按规定不能跳过"),
                format!("the step {en:?} may not be passed over"),
            ),
            Self::Cosigned(state) => {
                let Bilingual { zh, en } = state.label();
                Bilingual::new(
                    format!("该会签现为“{zh}”，不能这样答复"),
                    format!("this body's answer stands as: {en}; so this cannot be done"),
                )
            }
            Self::NotOverruled(Bilingual { zh, en }) => Bilingual::new(
                format!("按规定，“{zh}”的异议不能裁定，须由其撤回"),
                format!("nobody overrules {en:?} here: it has to withdraw its objection itself"),
            ),
            Self::NothingOwed => Bilingual::new(
                "这条信息没有待事后确认的发布",
                "no publication of this document is to be confirmed",
            ),
            Self::OwnPublication => Bilingual::new(
                "不能确认自己的发布，请由他人确认",
                "nobody confirms what they published themselves: somebody else has to",
            ),
            Self::SignIn(refusal) => refusal.message(),
            Self::KeyUsed => Bilingual::new(
                "该幂等键已用于另一请求，请为新请求换用新的键",
                "this idempotency key was used for another request: give each request its own",
            ),
            Self::Gate(Shut::Embargoed(until)) => Bilingual::new(
                format!("在 {until} 之前不得发布：请等到那时，或由审发人员解除禁发"),
                format!(
                    "it is not to be public before {until}: wait until then, or have an approver lift the embargo"
                ),
            ),
            Self::AlreadyScheduled { schedule, at } => Bilingual::new(
                format!("已定于 {at}（定时 {schedule}），请更改或取消该定时"),
                format!(
                    "it is scheduled for {at} already (schedule {schedule}): change or cancel that"
                ),
            ),
            Self::ScheduleClosed(state) => {
                let Bilingual { zh, en } = state.label();
                Bilingual::new(
                    format!("该定时{zh}，请另行定时"),
                    format!("this schedule is {en}: make another one"),
                )
            }
            Self::NothingToPublish => Bilingual::new(
                "草稿与在线文本相同，无须发布",
                "the draft says what is live already: there is nothing to publish",
            ),
            Self::AccountClosed => Bilingual::new(
                "定时者的账号已停用或到期，请由他人重新定时",
                "the account that scheduled it is disabled or over: somebody else has to schedule it anew",
            ),
            Self::SetClosed(state) => match state {
                SetState::Published => {
                    Bilingual::new("该同步发布组已发布", "this release set is published already")
                }
                _ => Bilingual::new("该同步发布组已解散", "this release set was dissolved"),
            },
            Self::SetEmpty => Bilingual::new(
                "同步发布组中没有信息，请先加入",
                "there is nothing in the release set: add something first",
            ),
            Self::SetFull(most) => Bilingual::new(
                format!("同步发布组最多容纳 {most} 条信息"),
                format!("a release set takes {most} documents at the most"),
            ),
            Self::CounterpartNotInSet(Bilingual { zh, en }) => Bilingual::new(
                format!("须与“{zh}”同步发布：请将其加入同一组"),
                format!("it is published together with its {en:?}: add that to the same set"),
            ),
            Self::SetHeld(held) => {
                let each = |said: fn(&Held) -> String| join(held.iter().map(said), "；");
                Bilingual::new(
                    each(|one| format!("信息 {}：{}", one.document, one.refusal.message().zh)),
                    each(|one| format!("document {}: {}", one.document, one.refusal.message().en)),
                )
            }
        }
    }
}

impl From<SignInRefusal> for Error {
    fn from(refusal: SignInRefusal) -> Self {
        Refusal::SignIn(refusal).into()
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

fn unreviewed(missing: &Missing) -> Bilingual {
    match missing {
        Missing::Submission => Bilingual::new(
            "这份文本尚未送审，请先送审",
            "this text was not submitted for review: submit it first",
        ),
        Missing::Step(Bilingual { zh, en }) => Bilingual::new(
            format!("审核尚未完成：还缺“{zh}”"),
            format!("the review is not complete: {en:?} is missing"),
        ),
        Missing::Secrecy => Bilingual::new(
            "保密审查尚无结论，不得公开",
            "the secrecy review has come to no conclusion: nothing is opened without it",
        ),
        Missing::Findings(errors) => Bilingual::new(
            format!("检查发现 {errors} 处错误：请修改后重新送审，或由审发人员说明理由后放行"),
            format!(
                "checks found {errors} errors: mend the text and submit it again, or have an approver waive them with a reason"
            ),
        ),
        Missing::Cosignature(Bilingual { zh, en }) => Bilingual::new(
            format!("会签尚未完成：还缺“{zh}”的答复"),
            format!("{en:?} was asked to co-sign and has not answered"),
        ),
        Missing::Objection(Bilingual { zh, en }) => Bilingual::new(
            format!("“{zh}”会签有异议：须由其撤回，或按规定裁定后方可发布"),
            format!(
                "{en:?} objects: the objection has to be withdrawn, or overruled as the rule allows"
            ),
        ),
        Missing::NotOpen(conclusion) => {
            let Bilingual { zh, en } = conclusion.label();
            Bilingual::new(
                format!("保密审查结论为“{zh}”，不得公开"),
                format!("the secrecy review concluded: {en}; so it cannot be published"),
            )
        }
    }
}

fn join(parts: impl Iterator<Item = String>, separator: &str) -> String {
    parts.collect::<Vec<_>>().join(separator)
}

fn thing(what: &str) -> &'static str {
    match what {
        "site" => "站点",
        "column" => "栏目",
        "authority" => "机构",
        "type" => "内容类型",
        "edition" => "版本",
        "erasure" => "销毁指令",
        "notice" => "站点公告",
        "target" => "投放对象",
        "channel" => "通道",
        "person" => "账号",
        "token" => "令牌",
        "session" => "登录会话",
        "previewLink" => "预览链接",
        "client" => "客户端版本",
        "schedule" => "定时",
        "releaseSet" => "同步发布组",
        "cosignature" => "会签",
        "deadlineRule" => "时限规则",
        _ => "信息",
    }
}

const fn state_name(state: Visibility) -> &'static str {
    match state {
        Visibility::Unpublished => "未发布",
        Visibility::Live => "在线",
        Visibility::Withdrawn => "撤回",
        Visibility::Gone => "已删除",
        Visibility::Redirect => "转移",
        Visibility::Vanished => "抹除",
        Visibility::Recalled => "召回",
        Visibility::Erased => "销毁",
    }
}
