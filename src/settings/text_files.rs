//! What settings name that lies in files of its own: content types, and words that mean the same.

use std::{fs, path::Path};

use schema::{
    content_type::TypeRegistry,
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
        let files = type_files(folder).map_err(|error| {
            Failure::settings(Bilingual::new(
                format!("无法读取内容类型文件夹 {}：{error}", folder.display()),
                format!("cannot read the folder of content types {}: {error}", folder.display()),
            ))
        })?;
        TypeRegistry::load(files).map_err(|mistakes| {
            let all = |text: fn(&Bilingual) -> &str| {
                let lines = mistakes.iter().map(|mistake| {
                    format!("{}:{}: {}", mistake.file, mistake.line, text(&mistake.reason))
                });
                lines.collect::<Vec<_>>().join("; ")
            };
            Failure::settings(Bilingual::new(all(|text| &text.zh), all(|text| &text.en)))
        })
    }

    /// Words that mean the same to those who search: those of the file, or those that come with
    /// Gongbao.
    ///
    /// # Errors
    /// The first mistake in the file, with its line.
    pub(crate) fn synonyms(&self) -> Result<Synonyms, Failure> {
        let Some(file) = &self.synonyms else { return Ok(Synonyms::embedded()) };
        let shown = file.display();
        let text = fs::read_to_string(file).map_err(|error| {
            Failure::settings(Bilingual::new(
                format!("无法读取同义词文件 {shown}：{error}"),
                format!("cannot read the file of synonyms {shown}: {error}"),
            ))
        })?;
        Synonyms::parse(&text).map_err(|BadSynonyms { line, reason }| {
            Failure::settings(Bilingual::new(
                format!("同义词文件 {shown} 第 {line} 行有误：{}", reason.zh),
                format!("the file of synonyms {shown} is wrong at line {line}: {}", reason.en),
            ))
        })
    }
}

fn type_files(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(files)
}
