//! `gongbao reindex`: everything derived, built anew beside a working hub.

use editorial::maintenance;
use serde_json::json;

use super::{Answer, Failure, Hub, progress};

pub(crate) async fn run(hub: &Hub) -> Result<Answer, Failure> {
    let bar = progress::bar(None, hub.language.say("条信息", "documents"));
    let done =
        maintenance::reindex(&hub.desk, &hub.operator, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    let text = match hub.language.locale() {
        "zh" => format!("已重建 {done} 条信息的索引与派生数据\n"),
        _ => format!("rebuilt what is derived of {done} documents\n"),
    };
    Ok(Answer::new(text, &json!({ "documents": done })))
}
