//! News in any number, the same in every run: bodies of one to two kilobytes, put together by a
//! seeded generator from sentences of real regulations where they are at hand, and else from
//! invented ones.

use std::{
    env,
    fs::File,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    path::Path,
};

use anyhow::{Result, ensure};
use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};

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

[[review]]
ordinary = { steps = [], secrecy = false }
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
const INVENTED: [&str; 6] = [
    "会议指出，各部门要压实责任，细化措施，把各项任务落到实处。",
    "截至目前，全市已完成年度计划的大部分，群众反映的问题逐件有了答复。",
    "有关负责人表示，下一步将加强统筹协调，定期公布进展，接受社会监督。",
    "记者在现场看到，工作人员正按照分工检查设备、登记信息、解答咨询。",
    "这项工作涉及面广、时间紧，既要保证进度，也要保证质量和安全。",
    "居民可以通过政务服务窗口或者热线了解办理条件、所需材料和时限。",
];

/// Bytes of a body: at least the first, at most about the second.
const BODY: (u64, u64) = (1_000, 2_000);
/// Characters of a sentence that is taken from a real text.
const SENTENCE: std::ops::Range<usize> = 12..120;

/// What bodies are put together from.
pub(crate) struct Sentences(Vec<String>);

impl Sentences {
    /// Those of `regulations.jsonl.gz` in the folder of real texts, or invented ones.
    pub(crate) fn read() -> Result<Self> {
        let Some(folder) = env::var_os("GONGBAO_TEST_TEXTS") else {
            return Ok(Self(INVENTED.map(str::to_owned).to_vec()));
        };
        let file = File::open(Path::new(&folder).join("regulations.jsonl.gz"))?;
        let mut sentences = Vec::new();
        for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
            let record: Value = serde_json::from_str(&line?)?;
            let body = record["body"].as_str().unwrap_or_default();
            for paragraph in body.lines().filter(|line| !line.starts_with('#')) {
                let ends = paragraph.split_inclusive('。').map(str::trim);
                sentences.extend(
                    ends.filter(|text| {
                        text.ends_with('。') && SENTENCE.contains(&text.chars().count())
                    })
                    .map(str::to_owned),
                );
            }
        }
        ensure!(!sentences.is_empty(), "no sentence was found in the real texts");
        Ok(Self(sentences))
    }

    /// Changes with what a filled hub holds, so that one that is kept is told from another.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        include_str!("content.rs").hash(&mut hasher);
        hasher.finish()
    }

    fn sentence(&self, random: &mut Random) -> &str {
        random.one_of::<String>(&self.0)
    }
}

/// SplitMix64: one seed a document, so that a document is the same in every number of them.
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn one_of<'any, Any>(&mut self, any: &'any [Any]) -> &'any Any {
        let place = self.below(any.len() as u64);
        &any[usize::try_from(place).unwrap_or_default()]
    }
}

/// Writes the `numbers` of one column as lines of JSON.
pub(crate) fn write(
    file: &Path,
    sentences: &Sentences,
    numbers: impl Iterator<Item = usize>,
) -> Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    for number in numbers {
        let mut random = Random(number as u64);
        let title = title(number, &mut random);
        let day = number % 28 + 1;
        let month = number / 28 % 12 + 1;
        let year = 2015 + number / (28 * 12) % 10;
        let record = json!({
            "key": number.to_string(),
            "title": title,
            "summary": sentences.sentence(&mut random),
            "author": "蓝桥发布",
            "body": body(sentences, &mut random),
            "date": format!("{year}-{month:02}-{day:02}"),
        });
        writeln!(out, "{record}")?;
    }
    Ok(out.flush()?)
}

/// Of any subject on any day, as titles are.
fn title(number: usize, random: &mut Random) -> String {
    let (subject, act) = (random.one_of(&SUBJECTS), random.one_of(&ACTS));
    format!("蓝桥市{act}{subject}工作（{number}）")
}

/// The title of one of the news.
pub(crate) fn title_of(number: usize) -> String {
    title(number, &mut Random(number as u64))
}

/// Paragraphs of three sentences until the body has its length.
fn body(sentences: &Sentences, random: &mut Random) -> String {
    let (least, most) = BODY;
    let bytes = least + random.below(most - least);
    let mut body = String::new();
    let mut written = 0;
    while (body.len() as u64) < bytes {
        body.push_str(sentences.sentence(random));
        written += 1;
        if written % 3 == 0 {
            body.push_str("\n\n");
        }
    }
    body
}
