//! A failure as the command line tells it: one line of what is wrong, one of what to do.

use std::process::ExitCode;

use clap::error::ErrorKind;
use editorial::{Error, Refusal};
use schema::{
    calendar::YearUnknown,
    message::{Bilingual, Fault},
};

use crate::language::Language;

/// Why a command was not done.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What is wrong.
    pub(crate) what: Bilingual,
    /// What to do.
    pub(crate) remedy: Bilingual,
    code: u8,
}

impl Failure {
    /// The work failed.
    pub(crate) fn work(what: Bilingual, remedy: Bilingual) -> Self {
        Self { what, remedy, code: 1 }
    }

    /// What was asked for cannot be done that way.
    pub(crate) fn wrong(what: Bilingual, remedy: Bilingual) -> Self {
        Self { what, remedy, code: 2 }
    }

    /// What was asked for makes no sense.
    pub(crate) fn usage(error: &clap::Error) -> Self {
        let text = error.render().to_string();
        let first = match error.kind() {
            // Here clap shows the whole help, which is no line of what is wrong.
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "no command / 未给出命令".into(),
            // Clap says what is wrong in the first paragraph; usage and hints follow.
            _ => {
                let paragraph = text.split("\n\n").next().unwrap_or_default();
                paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
            }
        };
        let first = first.strip_prefix("error: ").unwrap_or(&first);
        Self {
            what: Bilingual::new(format!("命令写法有误：{first}"), format!("wrong usage: {first}")),
            remedy: Bilingual::new(
                "在命令后加 --help 查看用法",
                "add --help to the command to see how it is written",
            ),
            code: 2,
        }
    }

    /// The settings are wrong.
    pub(crate) fn settings(what: Bilingual) -> Self {
        Self {
            what,
            remedy: Bilingual::new(
                "请改正 --config 所指的文件或 GONGBAO_* 环境变量",
                "correct the file that --config names, or the GONGBAO_* variables",
            ),
            code: 2,
        }
    }

    /// The database could not be opened.
    pub(crate) fn opening(error: store::Error) -> Self {
        match error {
            store::Error::Address(_) => Self::settings(Bilingual::new(
                "数据库地址应以 sqlite:// 或 postgres:// 开头",
                "a database address starts with sqlite:// or postgres://",
            )),
            error => Self::work(
                Bilingual::new(
                    format!("数据库无法打开：{error}"),
                    format!("the database cannot be opened: {error}"),
                ),
                Bilingual::new(
                    "请检查 GONGBAO_DATABASE_URL、数据库是否在运行、程序是否为最新版本",
                    "check GONGBAO_DATABASE_URL, that the database runs, and that this program is not older than it",
                ),
            ),
        }
    }

    /// What was handed in is wrong at one place.
    pub(crate) fn fault(fault: Fault) -> Self {
        Error::from(Refusal::Invalid(vec![fault])).into()
    }

    /// Says it on standard error, in `language`.
    pub(crate) fn report(&self, language: Language) -> ExitCode {
        let one_line = |text: &Bilingual| text.for_locale(language.locale()).replace('\n', " ");
        eprintln!("{}{}", language.say("错误：", "error: "), one_line(&self.what));
        eprintln!("{}{}", language.say("处理：", "to do: "), one_line(&self.remedy));
        ExitCode::from(self.code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::work(refusal.message(), remedy(&refusal)),
            Error::Store(error) => error.into(),
        }
    }
}

impl From<YearUnknown> for Failure {
    fn from(unknown: YearUnknown) -> Self {
        Self::work(unknown.message(), unknown.remedy())
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::work(
            Bilingual::new(format!("存储出错：{error}"), format!("the store failed: {error}")),
            Bilingual::new(
                "没有做任何改动；请检查数据库和磁盘后重试",
                "nothing was changed; look after the database and its disk, then try again",
            ),
        )
    }
}

fn remedy(refusal: &Refusal) -> Bilingual {
    match refusal {
        Refusal::NotFound { what: "site", .. } => Bilingual::new(
            "用 gongbao site list 查看已有的站点",
            "gongbao site list shows the sites there are",
        ),
        Refusal::NotFound { what: "column", .. } | Refusal::ColumnClosed(..) => Bilingual::new(
            "用 gongbao site show 站点 查看已有的栏目",
            "gongbao site show SITE shows the columns there are",
        ),
        Refusal::Invalid(_) => Bilingual::new(
            "请改正后重试；没有做任何改动",
            "correct it and try again; nothing was changed",
        ),
        Refusal::NotEmpty { .. } => Bilingual::new(
            "先处理下级栏目，或用 --successor 指定内容的去处",
            "see to the columns below it first, or say with --successor where its documents go",
        ),
        Refusal::Stale { .. } => {
            Bilingual::new("有人同时在修改，请重试", "somebody else is changing it: try again")
        }
        _ => Bilingual::new("没有做任何改动", "nothing was changed"),
    }
}
