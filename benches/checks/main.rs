//! `cargo bench --bench checks`: what it costs to look at a text.
//!
//! ```text
//! cargo bench --bench checks            the words of dictionaries, then every check
//! GONGBAO_TEST_TEXTS=folder …           the longest of real texts instead of a made one
//! ```
//!
//! A text is read in full, whatever is looked for in it. So each figure stands beside the least that
//! can cost: one pass over its characters, and one over its bytes.

use std::{
    env,
    fs::File,
    hint::black_box,
    io::{self, BufRead as _, BufReader},
    path::Path,
    time::{Duration, Instant},
};

use flate2::read::GzDecoder;
use gongbao_schema::{
    checks::{Check as _, Checks, Dictionary, Findings, Sources, Subject, Surroundings, Terms},
    content_type::TypeRegistry,
    edition::Content,
    rich_text::{html_from_markdown, html_from_text},
};
use serde_json::{Map, Value, json};

/// How many words dictionaries hold together.
const TERMS: [usize; 4] = [0, 1_000, 10_000, 100_000];
/// Bytes of the text that is made where none is given.
const BYTES: usize = 150_000;
/// What a look for words may take, of [`BYTES`].
const PROMISE: Duration = Duration::from_millis(10);
const RUNS: usize = 101;

fn main() -> io::Result<()> {
    // `cargo bench -- reading` says its words to every benchmark, and means the hub's.
    let mut said = env::args().skip(1).filter(|argument| argument != "--bench");
    if said.next().is_some() {
        return Ok(());
    }
    let html = match env::var_os("GONGBAO_TEST_TEXTS") {
        Some(folder) => longest(Path::new(&folder))?,
        None => html_from_text(&made(BYTES)),
    };
    let types = TypeRegistry::embedded();
    let content = content(&html);
    let content_type =
        types.get(&content.r#type).ok_or_else(|| io::Error::other("the type is gone"))?;
    let subject = Subject::new(&types, content_type, &content);
    let bytes: usize = subject.texts.iter().map(|text| text.plain.len()).sum();
    let surroundings = Surroundings::default();

    let mut rows = Vec::new();
    let characters = median(|| {
        for text in &subject.texts {
            black_box(text.plain.chars().fold(0, |sum, letter| sum ^ u32::from(letter)));
        }
    });
    let limit = median(|| {
        for text in &subject.texts {
            black_box(text.plain.bytes().fold(0_u8, |sum, byte| sum ^ byte));
        }
    });
    for wanted in TERMS {
        let dictionary = Dictionary::embedded().with(made_dictionary(wanted)?);
        let begun = Instant::now();
        let terms = Terms::new(dictionary).map_err(io::Error::other)?;
        let made = begun.elapsed();
        let mut found = Vec::new();
        let look = median(|| {
            found.clear();
            let mut findings = Findings::of_one_check(&mut found);
            terms.look(black_box(&subject), &surroundings, &mut findings);
        });
        rows.push([
            format!("words, {}", terms.len()),
            milliseconds(made),
            milliseconds(look),
            format!("{:.0}", bytes as f64 / 1e6 / look.as_secs_f64()),
            found.len().to_string(),
        ]);
        if wanted == TERMS[TERMS.len() - 1] {
            let checks = Checks::new(terms, Sources::default());
            let mut found = 0;
            let all = median(|| found = checks.look(black_box(&subject), &surroundings).len());
            let read = median(|| {
                black_box(Subject::new(&types, content_type, black_box(&content)));
            });
            for (what, took, found) in
                [("every check", all, found), ("reading the text off its HTML", read, 0)]
            {
                let rate = format!("{:.0}", bytes as f64 / 1e6 / took.as_secs_f64());
                rows.push([
                    what.into(),
                    String::new(),
                    milliseconds(took),
                    rate,
                    found.to_string(),
                ]);
            }
            let verdict = if look <= PROMISE { "kept" } else { "BROKEN" };
            println!("promise: {wanted} words in {PROMISE:?}: {verdict}");
        }
    }
    for (what, took) in
        [("one pass over the characters", characters), ("one pass over the bytes", limit)]
    {
        let rate = format!("{:.0}", bytes as f64 / 1e6 / took.as_secs_f64());
        rows.push([what.into(), String::new(), milliseconds(took), rate, String::new()]);
    }
    println!("\n### Looking at a text of {bytes} bytes, median of {RUNS} runs\n");
    println!("| what | made ready, ms | one text, ms | MB/s | findings |");
    println!("| --- | --: | --: | --: | --: |");
    for row in rows {
        println!("| {} |", row.join(" | "));
    }
    Ok(())
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut took: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            run();
            begun.elapsed()
        })
        .collect();
    took.sort_unstable();
    took[RUNS / 2]
}

fn milliseconds(took: Duration) -> String {
    format!("{:.3}", took.as_secs_f64() * 1e3)
}

fn content(html: &str) -> Content {
    let fields = json!({ "title": "办法", "body": html });
    let fields = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    Content {
        r#type: "policyDocument".parse().expect("a type name"),
        type_version: 1,
        locale: "zh-CN".parse().expect("a locale"),
        fields,
        links: Default::default(),
        files: Default::default(),
        source: None,
        origin: None,
    }
}

/// The longest of the regulations in `folder`.
fn longest(folder: &Path) -> io::Result<String> {
    let lines = BufReader::new(GzDecoder::new(File::open(folder.join("regulations.jsonl.gz"))?));
    let mut longest = String::new();
    for line in lines.lines() {
        let law: Value = serde_json::from_str(&line?)?;
        match law["body"].as_str() {
            Some(body) if body.len() > longest.len() => longest = body.to_owned(),
            _ => {}
        }
    }
    Ok(html_from_markdown(&longest))
}

/// A text of the words that laws are made of.
fn made(bytes: usize) -> String {
    let mut random = Random(7);
    let mut text = String::with_capacity(bytes + 64);
    while text.len() < bytes {
        for _ in 0..random.below(24) + 8 {
            text.push_str(WORDS[random.below(WORDS.len())]);
        }
        text.push_str(if random.below(4) == 0 { "。\n" } else { "，" });
    }
    text
}

/// A dictionary of words of two to six characters, which begin like the words of the text: the
/// automaton has to follow each of them for a while.
fn made_dictionary(words: usize) -> io::Result<Dictionary> {
    let mut random = Random(11);
    let letters: Vec<char> = WORDS.concat().chars().collect();
    let mut seen = std::collections::HashSet::new();
    let mut lines = String::from("term,class\n");
    while seen.len() < words {
        let length = random.below(5) + 2;
        let mut word: String = WORDS[random.below(WORDS.len())].to_owned();
        word.extend((0..length).map(|_| letters[random.below(letters.len())]));
        if seen.insert(word.clone()) {
            lines.push_str(&format!("{word},style\n"));
        }
    }
    Dictionary::parse(&lines).map_err(io::Error::other)
}

const WORDS: [&str; 40] = [
    "国务院",
    "人民政府",
    "行政机关",
    "应当",
    "依照",
    "规定",
    "有关部门",
    "主管部门",
    "县级以上",
    "地方",
    "公民",
    "法人",
    "其他组织",
    "申请",
    "许可",
    "审查",
    "批准",
    "监督",
    "检查",
    "处罚",
    "责令",
    "改正",
    "罚款",
    "元以上",
    "情节严重",
    "依法",
    "追究",
    "刑事责任",
    "负责人",
    "直接责任",
    "办法",
    "实施",
    "公布",
    "之日起",
    "施行",
    "安全",
    "生产",
    "环境保护",
    "资源",
    "管理",
];

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}
