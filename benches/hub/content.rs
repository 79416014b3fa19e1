//! Invented news in any number: the same in every run, of the length of real ones.

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use anyhow::Result;
use serde_json::json;

/// The columns that the news stand in.
pub(crate) const COLUMNS: [&str; 4] = ["news/city", "news/districts", "news/economy", "news/life"];

/// One city with one site.
pub(crate) const TREE: &str = r#"
[[authority]]
key = "lanqiao-city"
level = "city"
region = "990100"
name = { zh = "蓝桥市人民政府", en = "Lanqiao Municipal People's Government" }

[[site]]
key = "lanqiao"
authority = "lanqiao-city"
domain = "www.lanqiao.gov.cn"
locales = ["zh-CN"]
name = { zh = "蓝桥市人民政府门户网站", en = "Lanqiao Municipal Government" }

[[site.column]]
path = "news"
class = "动态要闻"
name = { zh = "要闻", en = "News" }

[[site.column]]
path = "news/city"
class = "动态要闻"
name = { zh = "市政要闻", en = "City" }

[[site.column]]
path = "news/districts"
class = "动态要闻"
name = { zh = "区县动态", en = "Districts" }

[[site.column]]
path = "news/economy"
class = "动态要闻"
name = { zh = "经济", en = "Economy" }

[[site.column]]
path = "news/life"
class = "动态要闻"
name = { zh = "民生", en = "Life" }
"#;

/// How the records become documents.
pub(crate) const MAPPING: &str = r#"
source = "bench"
[identity]
key = "key"
[fields]
title = "title"
summary = "summary"
author = "author"
[body]
path = "body"
format = "markdown"
[publication]
original_date = "date"
"#;

const SUBJECTS: [&str; 8] = [
    "防汛",
    "供暖",
    "公交线路",
    "老旧小区改造",
    "义务教育招生",
    "医保结算",
    "营商环境",
    "春耕备耕",
];
const ACTS: [&str; 6] = ["部署", "推进", "调研", "通报", "启动", "总结"];
const SENTENCES: [&str; 6] = [
    "会议指出，各部门要压实责任，细化措施，把各项任务落到实处。",
    "截至目前，全市已完成年度计划的大部分，群众反映的问题逐件有了答复。",
    "有关负责人表示，下一步将加强统筹协调，定期公布进展，接受社会监督。",
    "记者在现场看到，工作人员正按照分工检查设备、登记信息、解答咨询。",
    "这项工作涉及面广、时间紧，既要保证进度，也要保证质量和安全。",
    "居民可以通过政务服务窗口或者热线了解办理条件、所需材料和时限。",
];

/// Writes the `numbers` of one column as lines of JSON, about three kilobytes of text each.
pub(crate) fn write(file: &Path, numbers: impl Iterator<Item = usize>) -> Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    for number in numbers {
        let subject = SUBJECTS[number % SUBJECTS.len()];
        let act = ACTS[number / SUBJECTS.len() % ACTS.len()];
        let mut body = String::new();
        for paragraph in 0..6 {
            for sentence in 0..6 {
                body.push_str(SENTENCES[(number + paragraph * 5 + sentence) % SENTENCES.len()]);
            }
            write!(body, "（第{number}号之{paragraph}）\n\n")?;
        }
        let day = number % 28 + 1;
        let month = number / 28 % 12 + 1;
        let year = 2015 + number / (28 * 12) % 10;
        let record = json!({
            "key": number.to_string(),
            "title": format!("蓝桥市{act}{subject}工作（{number}）"),
            "summary": SENTENCES[number % SENTENCES.len()],
            "author": "蓝桥发布",
            "body": body,
            "date": format!("{year}-{month:02}-{day:02}"),
        });
        writeln!(out, "{record}")?;
    }
    Ok(out.flush()?)
}
