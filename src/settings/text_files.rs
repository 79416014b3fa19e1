//! What settings name that lies in files of its own: content types, words that mean the same, the
//! calendar and the rules of deadlines, words that should not be written, and whose texts may be
//! reposted.

use std::{fs, path::Path};

use schema::{
    calendar::{Calendar, DeadlineRules},
    checks::{BadList, Checks, Dictionary, Sources, Terms},
    content_type::{FileMistake, TypeRegistry},
    message::Bilingual,
    search::{BadSynonyms, Synonyms},
};

use super::Settings;
use crate::failure::Failure;

impl Settings {
    /// The content types: those of the folder, or those that come with Gongbao.
    ///
    /// # Errors
    /// Every mistake in every file.
    pub(crate) fn types(&self) -> Result<TypeRegistry, Failure> {
        let Some(folder) = &self.types else {
            return Ok(TypeRegistry::embedded());
        };
        let files = files_in(folder, "toml").map_err(|error| {
            Failure::settings(Bilingual::new(
                format!("无法读取内容类型文件夹 {}：{error}", folder.display()),
                format!("cannot read the folder of content types {}: {error}", folder.display()),
            ))
        })?;
        TypeRegistry::load(files).map_err(|mistakes| mistaken(&mistakes))
    }

    /// The days that are worked: those of the years that come with Gongbao, and over them those
    /// of the file.
    ///
    /// # Errors
    /// Every mistake in the file.
    pub(crate) fn calendar(&self) -> Result<Calendar, Failure> {
        let Some(file) = &self.calendar else { return Ok(Calendar::embedded()) };
        let text = read(file, "日历文件", "the calendar")?;
        let years = Calendar::embedded().with_file(&file.display().to_string(), &text);
        years.map_err(|mistakes| mistaken(&mistakes))
    }

    /// Within what time things must be done: the rules of the file, or those that come with
    /// Gongbao.
    ///
    /// # Errors
    /// Every mistake in the file.
    pub(crate) fn deadlines(&self) -> Result<DeadlineRules, Failure> {
        let Some(file) = &self.deadlines else { return Ok(DeadlineRules::embedded()) };
        let text = read(file, "时限规则文件", "the file of deadlines")?;
        let rules = DeadlineRules::parse(&file.display().to_string(), &text);
        rules.map_err(|mistakes| mistaken(&mistakes))
    }

    /// Words that mean the same to those who search: those of the file, or those that come with
    /// Gongbao.
    ///
    /// # Errors
    /// The first mistake in the file, with its line.
    pub(crate) fn synonyms(&self) -> Result<Synonyms, Failure> {
        let Some(file) = &self.synonyms else { return Ok(Synonyms::embedded()) };
        let shown = file.display();
        let text = read(file, "同义词文件", "the file of synonyms")?;
        Synonyms::parse(&text).map_err(|BadSynonyms { line, reason }| {
            Failure::settings(Bilingual::new(
                format!("同义词文件 {shown} 第 {line} 行有误：{}", reason.zh),
                format!("the file of synonyms {shown} is wrong at line {line}: {}", reason.en),
            ))
        })
    }

    /// The checks of contents, with the words and sources of the operator.
    ///
    /// # Errors
    /// The first mistake in a file, with its name and line; a folder without a dictionary.
    pub(crate) fn checks(&self) -> Result<Checks, Failure> {
        let mut dictionary = Dictionary::embedded();
        for (shown, text) in self.dictionaries()? {
            let more = Dictionary::parse(&text).map_err(|bad| bad_list(&shown, bad))?;
            dictionary = dictionary.with(more);
        }
        let terms = Terms::new(dictionary).map_err(|error| {
            Failure::settings(Bilingual::new(
                format!("{error}；请减少 GONGBAO_TERMS 中的用语"),
                format!("{error}: take some out of what GONGBAO_TERMS names"),
            ))
        })?;
        let sources = match &self.sources {
            None => Sources::default(),
            Some(file) => {
                let text = fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
                Sources::parse(&text).map_err(|bad| bad_list(&file.display().to_string(), bad))?
            }
        };
        Ok(Checks::new(terms, sources))
    }

    /// Path and text of each dictionary that `terms` names.
    fn dictionaries(&self) -> Result<Vec<(String, String)>, Failure> {
        let Some(path) = &self.terms else { return Ok(Vec::new()) };
        if !path.is_dir() {
            let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
            return Ok(vec![(path.display().to_string(), text)]);
        }
        let files = files_in(path, "csv").map_err(|error| unreadable(path, &error))?;
        if files.is_empty() {
            let shown = path.display();
            return Err(Failure::settings(Bilingual::new(
                format!("文件夹 {shown} 中没有 .csv 词库"),
                format!("there is no dictionary (.csv) in the folder {shown}"),
            )));
        }
        let shown = |name: String| path.join(name).display().to_string();
        Ok(files.into_iter().map(|(name, text)| (shown(name), text)).collect())
    }
}

fn read(file: &Path, zh: &str, en: &str) -> Result<String, Failure> {
    let shown = file.display();
    fs::read_to_string(file).map_err(|error| {
        Failure::settings(Bilingual::new(
            format!("无法读取{zh} {shown}：{error}"),
            format!("cannot read {en} {shown}: {error}"),
        ))
    })
}

fn mistaken(mistakes: &[FileMistake]) -> Failure {
    let all = |text: fn(&Bilingual) -> &str| {
        let lines = mistakes
            .iter()
            .map(|mistake| format!("{}:{}: {}", mistake.file, mistake.line, text(&mistake.reason)));
        lines.collect::<Vec<_>>().join("; ")
    };
    Failure::settings(Bilingual::new(all(|text| &text.zh), all(|text| &text.en)))
}

fn bad_list(shown: &str, BadList { line, reason }: BadList) -> Failure {
    Failure::settings(Bilingual::new(
        format!("文件 {shown} 第 {line} 行有误：{}", reason.zh),
        format!("{shown} is wrong at line {line}: {}", reason.en),
    ))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let shown = path.display();
    Failure::settings(Bilingual::new(
        format!("无法读取 {shown}：{error}"),
        format!("cannot read {shown}: {error}"),
    ))
}

/// Name and text of the files in `folder` that end so, in the order of their names.
fn files_in(folder: &Path, end: &str) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == end) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(files)
}
