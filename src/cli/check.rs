//! `gongbao check`: what is wrong with the texts that are public.
//!
//! With `--json` every finding is a line of its own, as soon as it is found, and the counts are the
//! last line: a program reads them all, whatever their number.

use std::io::{self, Write as _};

use clap::Args;
use editorial::checks::{self, Counts, Examined, Report, Wanted};
use indicatif::ProgressBar;
use schema::{
    checks::{Finding, Severity},
    message::Bilingual,
    names::{SiteKey, TypeName},
};
use serde_json::json;

use super::{Failure, Hub, Language, answer::table, progress};

/// Findings that are shown to people; the rest is counted.
const SHOWN: usize = 1_000;
/// Characters of a title in the table.
const TITLE: usize = 20;

/// What is to be looked at, and what is to be told.
#[derive(Args)]
pub(crate) struct Arguments {
    /// 只检查该站点 / Only what stands on this site
    #[arg(long)]
    site: Option<SiteKey>,
    /// 只检查该内容类型 / Only this content type
    #[arg(long = "type", value_name = "TYPE")]
    r#type: Option<TypeName>,
    /// 只列出不低于此级别的问题：notice、warning、error / Tell only what is at least as grave: notice,
    /// warning, error
    #[arg(long, value_name = "SEVERITY", default_value = "notice")]
    severity: Severity,
}

/// What the run tells, on the way.
struct Watch {
    bar: ProgressBar,
    least: Severity,
    as_json: bool,
    rows: Vec<[String; 6]>,
    untold: u64,
    language: Language,
    /// The reader went away (`gongbao check --json | head`): nothing more is written.
    broken: bool,
}

impl Report for Watch {
    fn total(&mut self, documents: u64) {
        self.bar.set_length(documents);
    }

    fn examined(&mut self, examined: Examined) {
        self.bar.inc(1);
        for finding in &examined.findings {
            if finding.severity < self.least {
                continue;
            }
            if self.as_json {
                self.write(&examined, finding);
            } else if self.rows.len() < SHOWN {
                self.rows.push(row(&examined, finding, self.language));
            } else {
                self.untold += 1;
            }
        }
    }
}

impl Watch {
    fn write(&mut self, examined: &Examined, finding: &Finding) {
        if self.broken {
            return;
        }
        let line = json!({
            "document": examined.document, "contentId": examined.content,
            "locale": examined.locale, "type": examined.r#type, "title": examined.title,
            "finding": finding,
        });
        self.broken = writeln!(io::stdout().lock(), "{line}").is_err();
    }
}

pub(crate) async fn run(hub: &Hub, arguments: Arguments, as_json: bool) -> Result<(), Failure> {
    let bar = progress::bar(Some(0), hub.language.say("条信息", "documents"));
    let mut watch = Watch {
        bar,
        least: arguments.severity,
        as_json,
        rows: Vec::new(),
        untold: 0,
        language: hub.language,
        broken: false,
    };
    let wanted = Wanted { site: arguments.site, r#type: arguments.r#type };
    let counts = checks::live(&hub.desk, &hub.operator, &wanted, &mut watch).await;
    watch.bar.finish_and_clear();
    let counts = counts?;
    let told = if as_json {
        format!("{}\n", json!({ "summary": counts }))
    } else {
        told(&counts, watch.rows, watch.untold, hub.language)
    };
    // A reader that went away is no failure.
    let _ = io::stdout().lock().write_all(told.as_bytes());
    if counts.errors == 0 { Ok(()) } else { Err(found(&counts)) }
}

fn row(examined: &Examined, finding: &Finding, language: Language) -> [String; 6] {
    let title = examined.title.as_deref().unwrap_or_default();
    let mut shown: String = title.chars().take(TITLE).collect();
    if shown.len() < title.len() {
        shown.push('…');
    }
    let (zh, en) = match finding.severity {
        Severity::Error => ("错误", "error"),
        Severity::Warning => ("警告", "warning"),
        Severity::Notice => ("提示", "notice"),
    };
    let place = match finding.path.as_str() {
        "" => String::new(),
        path if finding.start == finding.end => path.to_owned(),
        path => format!("{path} {}–{}", finding.start, finding.end),
    };
    [
        language.say(zh, en).to_owned(),
        finding.code.to_owned(),
        shown,
        format!("{} {}", examined.content, examined.locale),
        place,
        finding.message.for_locale(language.locale()).to_owned(),
    ]
}

fn told(counts: &Counts, rows: Vec<[String; 6]>, untold: u64, language: Language) -> String {
    let mut text = String::new();
    if !rows.is_empty() {
        let head = match language {
            Language::Zh => ["级别", "代码", "标题", "内容", "位置", "问题"],
            Language::En => ["severity", "code", "title", "content", "place", "finding"],
        };
        text.push_str(&table(head, rows));
    }
    if untold > 0 {
        text.push_str(&match language {
            Language::Zh => format!("另有 {untold} 处未列出；--json 输出全部\n"),
            Language::En => format!("{untold} more are not shown; --json tells all of them\n"),
        });
    }
    let Counts { documents, concerned, unknown, errors, warnings, notices } = counts;
    text.push_str(&match language {
        Language::Zh => format!(
            "检查了 {documents} 条信息，{concerned} 条有问题：错误 {errors}，警告 {warnings}，提示 {notices}\n"
        ),
        Language::En => format!(
            "{documents} documents, {concerned} with findings: {errors} errors, {warnings} warnings, {notices} notices\n"
        ),
    });
    if *unknown > 0 {
        text.push_str(&match language {
            Language::Zh => format!("{unknown} 条信息的内容类型已不在，未检查\n"),
            Language::En => {
                format!("{unknown} documents of types that are gone were not looked at\n")
            }
        });
    }
    text
}

fn found(counts: &Counts) -> Failure {
    let errors = counts.errors;
    Failure::work(
        Bilingual::new(
            format!("已发布的内容中有 {errors} 处错误"),
            format!("{errors} errors in what is published"),
        ),
        Bilingual::new(
            "请改正后重新发布；词库误报的，可在 GONGBAO_TERMS 的词库中加例外",
            "correct the texts and publish them again; what is no mistake gets an exception in a dictionary of GONGBAO_TERMS",
        ),
    )
}
