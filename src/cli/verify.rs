//! `gongbao verify`: is everything as it was written.

use indicatif::ProgressBar;
use schema::message::Bilingual;
use serde::Serialize;
use store::{
    audit,
    files::FileStore,
    verify::{self, Finding, Progress, Report},
};

use super::{Answer, Failure, Hub, answer::table, progress};

/// Findings that are shown; the rest is counted.
const SHOWN: usize = 1_000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Verified {
    clean: bool,
    checked: Progress,
    findings: Vec<Finding>,
}

/// What the run tells, on the way.
struct Watch {
    bar: ProgressBar,
    findings: Vec<Finding>,
}

impl Report for Watch {
    fn found(&mut self, finding: Finding) {
        if self.findings.len() < SHOWN {
            self.findings.push(finding);
        }
    }

    fn progress(&mut self, progress: Progress) {
        let log = progress.events + progress.audited;
        let all = progress.texts + log + progress.documents + progress.files;
        self.bar.set_position(all);
        if progress.findings > 0 {
            self.bar.set_message(format!("· {} !", progress.findings));
        }
    }
}

pub(crate) async fn run(hub: &Hub, files: &dyn FileStore) -> Result<Answer, Failure> {
    let bar = progress::bar(None, hub.language.say("项", "items"));
    let mut watch = Watch { bar, findings: Vec::new() };
    // What was done a moment ago is verified, too.
    audit::seal(&hub.desk.store).await?;
    let checked = verify::run(&hub.desk.store, &hub.desk.types, files, &mut watch).await?;
    watch.bar.finish_and_clear();
    let clean = checked.findings == 0;
    let answer = Answer::new(
        told(hub, checked, &watch.findings),
        &Verified { clean, checked, findings: watch.findings },
    );
    if clean {
        return Ok(answer);
    }
    Ok(answer.with_failure(Failure::work(
        Bilingual::new(
            format!("核验发现 {} 处问题", checked.findings),
            format!("verification found {} faults", checked.findings),
        ),
        Bilingual::new(
            "索引类问题运行 gongbao reindex；文本、日志、文件类问题请从备份恢复",
            "mend indexes with gongbao reindex; restore texts, log and files from a backup",
        ),
    )))
}

fn told(hub: &Hub, checked: Progress, findings: &[Finding]) -> String {
    let say = |zh, en| hub.language.say(zh, en).to_owned();
    let counts = table(
        ["", ""],
        [
            [say("文本", "texts"), checked.texts.to_string()],
            [say("日志", "log rows"), checked.events.to_string()],
            [say("审计记录", "audit rows"), checked.audited.to_string()],
            [say("信息", "documents"), checked.documents.to_string()],
            [say("文件", "files"), checked.files.to_string()],
            [say("问题", "faults"), checked.findings.to_string()],
        ],
    );
    let locale = hub.language.locale();
    let lines = findings.iter().map(|finding| {
        let document =
            finding.document.map_or_else(String::new, |document| format!("{document}  "));
        format!("{document}[{}] {}\n", finding.code, finding.message.for_locale(locale))
    });
    counts.trim_start_matches('\n').to_owned() + &lines.collect::<String>()
}
