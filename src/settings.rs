//! What the hub is told from outside: a TOML file, then `GONGBAO_*` variables over it.
//!
//! An unknown key is an error in both, so that a misspelt setting is never silently the
//! default. A table of the file is one variable per key: `[s3] region` is
//! `GONGBAO_S3_REGION`.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use schema::{content_type::TypeRegistry, message::Bilingual};
use serde::Deserialize;
use store::files::{self, FileSettings, FileStore, S3Settings};
use toml::{Table, Value};

use crate::cli::Failure;

const PREFIX: &str = "GONGBAO_";
/// Variables of the test harness, which tests hand down to the program they start.
const OF_TESTS: &str = "GONGBAO_TEST_";
const TABLES: [&str; 1] = ["s3"];

/// The settings in force.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// `sqlite://path` or `postgres://…`. May hold a password: never printed.
    database_url: String,
    /// `file://folder` or `s3://bucket/prefix`.
    assets: String,
    /// Folder of content types; the embedded ones without it.
    types: Option<PathBuf>,
    /// How the service behind `s3://` is reached.
    s3: S3Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database_url: "sqlite://./gongbao-data/gongbao.db".into(),
            assets: "file://./gongbao-data/assets".into(),
            types: None,
            s3: S3Settings::default(),
        }
    }
}

impl Settings {
    /// Reads `file`, where one is named, and lays `variables` over it.
    ///
    /// # Errors
    /// A failure of settings that names file and line, or the variable.
    pub(crate) fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Failure> {
        let mut table = match file {
            None => Table::new(),
            Some(file) => read(file)?,
        };
        for (name, value) in variables {
            let Some(key) = name
                .strip_prefix(PREFIX)
                .filter(|_| !name.starts_with(OF_TESTS))
            else {
                continue;
            };
            lay_over(&mut table, &name, &key.to_lowercase(), &value)?;
        }
        let settings = Self::deserialize(table).map_err(|error| {
            Failure::settings(Bilingual::new(
                format!("设置有误：{}", error.message()),
                format!("the settings are wrong: {}", error.message()),
            ))
        })?;
        settings.files()?;
        Ok(settings)
    }

    /// The address of the database; for a SQLite file its folder is made when missing,
    /// readable by nobody else: drafts lie in it.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub(crate) fn database(&self) -> Result<&str, Failure> {
        let file = self.database_url.strip_prefix("sqlite://").map(Path::new);
        if let Some(folder) = file
            .and_then(Path::parent)
            .filter(|folder| !folder.is_dir())
        {
            private_folder(folder).map_err(|error| {
                Failure::settings(Bilingual::new(
                    format!("无法创建数据库所在的文件夹 {}：{error}", folder.display()),
                    format!(
                        "cannot make the database's folder {}: {error}",
                        folder.display()
                    ),
                ))
            })?;
        }
        Ok(&self.database_url)
    }

    /// The file store. Nothing is contacted or created yet.
    ///
    /// # Errors
    /// When its address or a setting it needs is wrong or missing.
    pub(crate) fn files(&self) -> Result<Arc<dyn FileStore>, Failure> {
        let settings = FileSettings {
            staging: "./gongbao-data/staging".into(),
            s3: self.s3.clone(),
        };
        files::open(&self.assets, &settings).map_err(|error| Failure::settings(error.message()))
    }

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
                format!(
                    "cannot read the folder of content types {}: {error}",
                    folder.display()
                ),
            ))
        })?;
        TypeRegistry::load(files).map_err(|mistakes| {
            let all = |text: fn(&Bilingual) -> &str| {
                let lines = mistakes.iter().map(|mistake| {
                    format!(
                        "{}:{}: {}",
                        mistake.file,
                        mistake.line,
                        text(&mistake.reason)
                    )
                });
                lines.collect::<Vec<_>>().join("; ")
            };
            Failure::settings(Bilingual::new(all(|text| &text.zh), all(|text| &text.en)))
        })
    }
}

/// The file as a table, looked through for unknown keys while lines are still known.
fn read(file: &Path) -> Result<Table, Failure> {
    let shown = file.display();
    let text = fs::read_to_string(file).map_err(|error| {
        Failure::settings(Bilingual::new(
            format!("无法读取设置文件 {shown}：{error}"),
            format!("cannot read the settings file {shown}: {error}"),
        ))
    })?;
    let checked = toml::from_str::<Settings>(&text).and_then(|_| toml::from_str(&text));
    checked.map_err(|error| {
        let before = error
            .span()
            .and_then(|span| text.get(..span.start))
            .unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let why = error.message();
        Failure::settings(Bilingual::new(
            format!("设置文件 {shown} 第 {line} 行有误：{why}"),
            format!("the settings file {shown} is wrong at line {line}: {why}"),
        ))
    })
}

fn lay_over(table: &mut Table, name: &str, key: &str, value: &str) -> Result<(), Failure> {
    // A flag is the only value that is not a text.
    let value = match value {
        "true" => Value::Boolean(true),
        "false" => Value::Boolean(false),
        text => Value::String(text.to_owned()),
    };
    let nested = TABLES
        .into_iter()
        .find_map(|table| Some((table, key.strip_prefix(table)?.strip_prefix('_')?)));
    let one = match nested {
        None => Table::from_iter([(key.to_owned(), value)]),
        Some((outer, inner)) => {
            let inner = Table::from_iter([(inner.to_owned(), value)]);
            Table::from_iter([(outer.to_owned(), Value::Table(inner))])
        }
    };
    // Alone first: here the variable's name is still known.
    Settings::deserialize(one.clone()).map_err(|error| {
        Failure::settings(Bilingual::new(
            format!("环境变量 {name} 有误：{}", error.message()),
            format!(
                "the environment variable {name} is wrong: {}",
                error.message()
            ),
        ))
    })?;
    for (key, value) in one {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(before)), Value::Table(now)) => before.extend(now),
            (_, value) => {
                table.insert(key, value);
            }
        }
    }
    Ok(())
}

fn type_files(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.push((name, fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(files)
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("a settings file");
        file
    }

    #[test]
    fn variables_lie_over_the_file_and_the_file_over_the_defaults() {
        let file = file("database_url = \"postgres://db/hub\"\n[s3]\nregion = \"cn-north-1\"\n");
        let over = variables(&[
            ("GONGBAO_DATABASE_URL", "sqlite:///srv/hub.db"),
            ("GONGBAO_S3_PATH_STYLE", "true"),
            ("GONGBAO_TEST_POSTGRES", "required"),
            ("HOME", "/root"),
        ]);

        let settings = Settings::load(Some(file.path()), over).expect("settings");

        assert_eq!(settings.database_url, "sqlite:///srv/hub.db");
        assert_eq!(settings.s3.region.as_deref(), Some("cn-north-1"));
        assert!(settings.s3.path_style);
        assert_eq!(settings.assets, Settings::default().assets);
    }

    #[test]
    fn an_unknown_key_is_named_where_it_stands() {
        let misspelt = file("assets = \"file://./a\"\ndatabase = \"sqlite://./b\"\n");
        let in_file = Settings::load(Some(misspelt.path()), [])
            .err()
            .expect("a failure");
        let in_variable = Settings::load(None, variables(&[("GONGBAO_DATABSE_URL", "x")]));
        let in_variable = in_variable.err().expect("a failure");

        assert!(in_file.what.en.contains("line 2"), "{}", in_file.what);
        assert!(in_file.what.en.contains("`database`"), "{}", in_file.what);
        assert!(
            in_variable.what.en.contains("GONGBAO_DATABSE_URL"),
            "{}",
            in_variable.what
        );
    }

    #[test]
    fn a_wrong_place_for_files_is_found_at_the_start() {
        let wrong = Settings::load(None, variables(&[("GONGBAO_ASSETS", "ftp://files")]));

        assert!(
            wrong
                .err()
                .expect("a failure")
                .what
                .en
                .contains("GONGBAO_ASSETS")
        );
    }
}
