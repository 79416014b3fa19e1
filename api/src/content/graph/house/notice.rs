//! Notices of sites: what a banner on every page shows.

use std::sync::Arc;

use async_graphql::dynamic::TypeRef;
use schema::{
    message::Bilingual,
    tree::notice::{NoticeKind, NoticeSeverity},
};

use super::super::{
    Builder,
    document::enum_value,
    member::{Member, STATEMENT, argument, warm},
    scalars::DATE_TIME,
    values::{list_nn, string, string_nn},
};
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Posted, Thing},
};

use super::site::site_of;

/// The name of the type.
pub(in crate::content::graph) const NOTICE: &str = "SiteNotice";
const KIND: &str = "SiteNoticeKind";
const SEVERITY: &str = "SiteNoticeSeverity";
const TEXT: &str = "SiteNoticeText";

/// The field `notices` of a site.
pub(super) fn of_site() -> Member {
    let read = warm(|reader, things, _| {
        Box::pin(async move {
            let sites = things.iter().filter_map(site_of).map(|site| site.id);
            reader.read_notices(sites.collect::<Vec<_>>()).await
        })
    });
    Member::read(
        "notices",
        list_nn(NOTICE),
        (
            "生效中的公告：本站的和上级网站的，级别高的在前，同级中本站的在前",
            "Its notices in force and those of the sites above it: the most severe first, of these its own first",
        ),
        Some(read),
        |reader, thing, arguments| {
            let Some(site) = site_of(thing) else { return Ok(Answer::Nothing) };
            let upcoming = arguments.is_set("upcoming");
            Ok(Answer::Many(reader.notices(site.id, upcoming)))
        },
    )
    .with_default(
        argument(
            "upcoming",
            TypeRef::named_nn(TypeRef::BOOLEAN),
            "连同七天以内将开始的：供前端预先定时",
            "Those that begin within seven days too, so that a front end can set its timer",
        ),
        false,
    )
    .costs(STATEMENT / 5)
    .times(Times::About(3))
}

fn posted(thing: &Thing) -> Option<&Posted> {
    match thing {
        Thing::SiteNotice(posted) => Some(posted),
        _ => None,
    }
}

pub(super) fn add(builder: &mut Builder) {
    add_words(builder);
    let of = |give: fn(&Posted) -> Answer| {
        move |thing: &Thing| posted(thing).map_or(Answer::Nothing, give)
    };
    builder.object(
        NOTICE,
        (
            "网站公告：一段时间内显示在该网站及其下级网站每一页上的文字，不是信息。",
            "What every page of a site, and of the sites below it, shows for a time. It is no document.",
        ),
        &[
            Member::ready(
                "id",
                TypeRef::named_nn(TypeRef::ID),
                ("编号", "Its id"),
                of(|it| Answer::Value(it.notice.id.to_string().into())),
            ),
            Member::ready(
                "kind",
                TypeRef::named_nn(KIND),
                ("类别", "What it is about"),
                of(|it| Answer::Value(enum_value(it.notice.particulars.kind.as_str()))),
            ),
            Member::ready(
                "severity",
                TypeRef::named_nn(SEVERITY),
                ("级别", "How severe it is"),
                of(|it| Answer::Value(enum_value(it.notice.particulars.severity.as_str()))),
            ),
            Member::ready(
                "text",
                TypeRef::named_nn(TEXT),
                ("文字", "What it says"),
                |thing| match thing {
                    Thing::SiteNotice(posted) => {
                        Answer::One(Thing::SiteNoticeText(Arc::clone(posted)))
                    }
                    _ => Answer::Nothing,
                },
            ),
            Member::ready(
                "link",
                string(),
                (
                    "详情，如发布时所写：http(s) 网址，或发布它的网站上的路径",
                    "Where more is said, as it was written: an http(s) address, or a path of the site that put it up",
                ),
                of(|it| Answer::value(it.notice.particulars.link.as_deref())),
            ),
            Member::ready(
                "url",
                string(),
                (
                    "详情的完整网址：从其他网站看时用它",
                    "The same as an absolute address, for the pages of other sites",
                ),
                of(|it| Answer::value(it.url())),
            ),
            Member::ready(
                "startsAt",
                TypeRef::named_nn(DATE_TIME),
                ("开始时间", "From when on it is shown"),
                of(|it| Answer::Value(it.notice.time.starts_at.to_string().into())),
            ),
            Member::ready(
                "endsAt",
                TypeRef::named(DATE_TIME),
                (
                    "结束时间；为空的至人工结束，届时由 changes 告知",
                    "Until when; null until somebody ends it, which changes tells",
                ),
                of(|it| Answer::value(it.notice.over_at().map(|at| at.to_string()))),
            ),
            Member::ready(
                "inForce",
                TypeRef::named_nn(TypeRef::BOOLEAN),
                ("是否生效中；否则即将开始", "Whether it is in force; else it is to come"),
                of(|it| Answer::Value(it.is_in_force.into())),
            ),
            Member::ready(
                "inherited",
                TypeRef::named_nn(TypeRef::BOOLEAN),
                (
                    "是否来自上级网站；不从网站看时为否",
                    "Whether a site above put it up; false where it is not looked at from a site",
                ),
                of(|it| Answer::Value(it.is_inherited.into())),
            ),
            Member::ready(
                "site",
                TypeRef::named_nn("Site"),
                ("发布它的网站", "The site that put it up"),
                of(|it| Answer::One(Thing::Site(Arc::clone(&it.site)))),
            ),
        ],
        &[],
    );
    let text = |give: fn(&Posted) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::SiteNoticeText(posted) => give(posted),
            _ => Answer::Nothing,
        }
    };
    builder.object(
        TEXT,
        (
            "公告的文字。没有英文时请显示中文，并标明语言。",
            "The text of a notice. Where there is no English yet, show the Chinese, marked as such.",
        ),
        &[
            Member::ready(
                "zh",
                string_nn(),
                ("简体中文", "Simplified Chinese"),
                text(|it| Answer::Value(it.notice.particulars.text.zh.as_str().into())),
            ),
            Member::ready(
                "en",
                string(),
                ("英文", "English"),
                text(|it| Answer::value(it.notice.particulars.text.en.as_deref())),
            ),
        ],
        &[],
    );
}

fn add_words(builder: &mut Builder) {
    builder.enumeration(
        KIND,
        &Bilingual::new("公告的类别。", "What notices are about."),
        NoticeKind::ALL.map(|kind| {
            let (zh, en) = match kind {
                NoticeKind::Emergency => ("突发事件", "An emergency"),
                NoticeKind::Weather => ("气象预警", "A warning of the weather"),
                NoticeKind::Traffic => ("交通出行", "Traffic and travel"),
                NoticeKind::Service => ("服务公告，如系统维护", "Services, such as maintenance"),
                NoticeKind::Event => ("重要活动", "An event of the whole place"),
                NoticeKind::Mourning => ("哀悼：页面宜作灰色", "Mourning: pages are shown in grey"),
            };
            (kind.as_str(), Bilingual::new(zh, en))
        }),
    );
    builder.enumeration(
        SEVERITY,
        &Bilingual::new(
            "公告的级别：预警四色，或仅作提示。不要只用颜色表示。",
            "How severe a notice is: the four colours of warnings, or no warning. Show it by more than colour.",
        ),
        NoticeSeverity::ALL.map(|severity| {
            let (zh, en) = match severity {
                NoticeSeverity::Info => ("提示", "No warning"),
                NoticeSeverity::Blue => ("蓝色：四级（一般）", "Blue: level four, the lowest"),
                NoticeSeverity::Yellow => ("黄色：三级（较大）", "Yellow: level three"),
                NoticeSeverity::Orange => ("橙色：二级（重大）", "Orange: level two"),
                NoticeSeverity::Red => {
                    ("红色：一级（特别重大）", "Red: level one, the highest")
                }
            };
            (severity.as_str(), Bilingual::new(zh, en))
        }),
    );
}
