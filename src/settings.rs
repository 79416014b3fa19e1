//! What the hub is told from outside: a TOML file, then `GONGBAO_*` variables over it.
//!
//! An unknown key is an error in both, so that a misspelt setting is never silently the
//! default. A table of the file is one variable per key: `[s3] region` is
//! `GONGBAO_S3_REGION`.

mod audit;
mod key;
mod server;
mod sign_in;
mod text_files;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use api::ServerSettings;
use schema::message::Bilingual;
use serde::Deserialize;
use store::files::{self, FileSettings, FileStore, S3Settings};
use toml::{Table, Value};

pub(crate) use audit::AuditSettings;
pub(crate) use key::KeySource;
pub(crate) use server::{HttpSettings, LogFormat};
pub(crate) use sign_in::SignInSettings;

use crate::failure::Failure;

const PREFIX: &str = "GONGBAO_";
/// Variables of the test harness, which tests hand down to the program they start.
const OF_TESTS: &str = "GONGBAO_TEST_";
const TABLES: [&str; 4] = ["audit", "http", "s3", "sign_in"];

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
    /// File of words that mean the same to those who search; the embedded one without it.
    synonyms: Option<PathBuf>,
    /// File of years with their holidays, over the embedded ones.
    calendar: Option<PathBuf>,
    /// File of deadline rules; the embedded one without it.
    deadlines: Option<PathBuf>,
    /// File or folder of dictionaries of words that should not be written, beside the embedded one.
    terms: Option<PathBuf>,
    /// File of those whose texts may be reposted; without it nobody is told that one is not.
    sources: Option<PathBuf>,
    /// 32 random bytes in base64 that encrypt channel secrets at rest; without it a key file
    /// in the data folder. Never printed.
    master_key: Option<String>,
    /// Days for which a file that no edition uses is kept.
    #[serde(deserialize_with = "server::number")]
    unused_files_days: u32,
    /// After how many days a link out of the hub is opened again; 0 for never.
    #[serde(deserialize_with = "server::number_or_none")]
    outside_links_days: u32,
    /// Where the server listens; port 0 is any free one.
    pub(crate) listen: SocketAddr,
    /// How readers and programs reach the hub from outside, `https://hub.example.gov.cn`.
    pub(crate) public_url: Option<String>,
    /// How the server logs.
    pub(crate) log: LogFormat,
    /// How long the audit is kept.
    pub(crate) audit: AuditSettings,
    /// Bounds of the server.
    pub(crate) http: HttpSettings,
    /// How people sign in.
    pub(crate) sign_in: SignInSettings,
    /// How the service behind `s3://` is reached.
    s3: S3Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database_url: "sqlite://./gongbao-data/gongbao.db".into(),
            assets: "file://./gongbao-data/assets".into(),
            types: None,
            synonyms: None,
            calendar: None,
            deadlines: None,
            terms: None,
            sources: None,
            master_key: None,
            unused_files_days: 30,
            outside_links_days: 0,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            log: LogFormat::default(),
            audit: AuditSettings::default(),
            http: HttpSettings::default(),
            sign_in: SignInSettings::default(),
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
            let Some(key) = name.strip_prefix(PREFIX).filter(|_| !name.starts_with(OF_TESTS))
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
        settings.check_public_url()?;
        Ok(settings)
    }

    /// Settings of a hub that has everything in `folder`, whatever the environment says.
    pub(crate) fn inside(folder: &Path, listen: SocketAddr) -> Self {
        Self {
            database_url: format!("sqlite://{}", folder.join("gongbao.db").display()),
            assets: format!("file://{}", folder.join("assets").display()),
            listen,
            ..Self::default()
        }
    }

    /// The address of the database; for a SQLite file its folder is made when missing,
    /// readable by nobody else: drafts lie in it.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub(crate) fn database(&self) -> Result<&str, Failure> {
        let file = self.database_url.strip_prefix("sqlite://").map(Path::new);
        if let Some(folder) = file.and_then(Path::parent).filter(|folder| !folder.is_dir()) {
            private_folder(folder).map_err(|error| {
                Failure::settings(Bilingual::new(
                    format!("无法创建数据库所在的文件夹 {}：{error}", folder.display()),
                    format!("cannot make the database's folder {}: {error}", folder.display()),
                ))
            })?;
        }
        Ok(&self.database_url)
    }

    /// The address of the database as it was set. May hold a password: never printed.
    pub(crate) fn database_url(&self) -> &str {
        &self.database_url
    }

    /// Where files are kept, as it was set.
    pub(crate) fn assets(&self) -> &str {
        &self.assets
    }

    fn check_public_url(&self) -> Result<(), Failure> {
        match &self.public_url {
            Some(url) if !schema::edition::is_web_address(url) => {
                Err(Failure::settings(Bilingual::new(
                    "GONGBAO_PUBLIC_URL 应为完整网址，如 https://hub.example.gov.cn",
                    "GONGBAO_PUBLIC_URL is a whole address, such as https://hub.example.gov.cn",
                )))
            }
            _ => Ok(()),
        }
    }

    /// What is in force, as a file that could be read again but for its secrets.
    pub(crate) fn shown(&self) -> Table {
        let text = |text: &str| Value::String(text.to_owned());
        let mut table = Table::from_iter([
            ("database_url".to_owned(), text(&without_password(&self.database_url))),
            ("assets".to_owned(), text(&self.assets)),
            ("unused_files_days".to_owned(), Value::Integer(self.unused_files_days.into())),
            ("outside_links_days".to_owned(), Value::Integer(self.outside_links_days.into())),
            ("listen".to_owned(), text(&self.listen.to_string())),
            ("log".to_owned(), text(&self.log.to_string())),
            ("audit".to_owned(), Value::Table(self.audit.table())),
            ("http".to_owned(), Value::Table(self.http.table())),
            ("sign_in".to_owned(), Value::Table(self.sign_in.table())),
        ]);
        let paths = [
            ("types", &self.types),
            ("synonyms", &self.synonyms),
            ("calendar", &self.calendar),
            ("deadlines", &self.deadlines),
            ("terms", &self.terms),
            ("sources", &self.sources),
        ];
        for (key, path) in paths {
            if let Some(path) = path {
                table.insert(key.to_owned(), text(&path.display().to_string()));
            }
        }
        if self.master_key.is_some() {
            table.insert("master_key".to_owned(), text(HIDDEN));
        }
        if let Some(url) = &self.public_url {
            table.insert("public_url".to_owned(), text(url));
        }
        let secret = self.s3.secret_key.as_ref().map(|_| HIDDEN.to_owned());
        let path_style = self.s3.path_style.then_some(Value::Boolean(true));
        let s3: Table = [
            ("endpoint", self.s3.endpoint.clone()),
            ("region", self.s3.region.clone()),
            ("access_key", self.s3.access_key.clone()),
            ("secret_key", secret),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), Value::String(value?))))
        .chain(path_style.map(|value| ("path_style".to_owned(), value)))
        .collect();
        if !s3.is_empty() {
            table.insert("s3".to_owned(), Value::Table(s3));
        }
        table
    }

    /// The file store. Nothing is contacted or created yet.
    ///
    /// # Errors
    /// When its address or a setting it needs is wrong or missing.
    pub(crate) fn files(&self) -> Result<Arc<dyn FileStore>, Failure> {
        let settings =
            FileSettings { staging: "./gongbao-data/staging".into(), s3: self.s3.clone() };
        files::open(&self.assets, &settings).map_err(|error| Failure::settings(error.message()))
    }

    /// After how many days a link out of the hub is opened again; `None` for never.
    pub(crate) fn outside_links(&self) -> Option<u16> {
        let days = u16::try_from(self.outside_links_days).unwrap_or(u16::MAX);
        Some(days).filter(|days| *days > 0)
    }

    /// How long files are kept that no edition uses.
    pub(crate) fn unused_files(&self) -> Duration {
        Duration::from_secs(u64::from(self.unused_files_days) * 24 * 60 * 60)
    }

    /// The settings of the server.
    ///
    /// # Errors
    /// As [`synonyms`](Self::synonyms), [`calendar`](Self::calendar) and
    /// [`deadlines`](Self::deadlines).
    pub(crate) fn server(&self) -> Result<ServerSettings, Failure> {
        // A server that starts with a wrong file would only be found out when something is due.
        self.calendar()?;
        self.deadlines()?;
        let server = self.http.server(self.public_url.clone());
        Ok(ServerSettings { synonyms: self.synonyms()?, ..server })
    }
}

const HIDDEN: &str = "[secret]";

/// A database address without its password, wherever it stands: before the host, or among the
/// parameters.
fn without_password(address: &str) -> String {
    let (address, parameters) = match address.split_once('?') {
        Some((address, _)) => (address, "?…"),
        None => (address, ""),
    };
    let shown = match address.rsplit_once('@') {
        None => address.to_owned(),
        Some((before, host)) => {
            let (scheme, user) = before.split_once("://").unwrap_or(("", before));
            let user = user
                .split_once(':')
                .map_or(user.to_owned(), |(user, _)| format!("{user}:{HIDDEN}"));
            format!("{scheme}://{user}@{host}")
        }
    };
    format!("{shown}{parameters}")
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
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
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
            format!("the environment variable {name} is wrong: {}", error.message()),
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

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use schema::{calendar::DeadlineRules, search::Synonyms};

    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
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
        let in_file = Settings::load(Some(misspelt.path()), []).err().expect("a failure");
        let in_variable = Settings::load(None, variables(&[("GONGBAO_DATABSE_URL", "x")]));
        let in_variable = in_variable.err().expect("a failure");

        assert!(in_file.what.en.contains("line 2"), "{}", in_file.what);
        assert!(in_file.what.en.contains("`database`"), "{}", in_file.what);
        assert!(in_variable.what.en.contains("GONGBAO_DATABSE_URL"), "{}", in_variable.what);
    }

    #[test]
    fn what_is_shown_holds_no_secret_and_can_be_read_again() {
        let over = variables(&[
            ("GONGBAO_DATABASE_URL", "postgres://hub:hunter2@db/hub?password=hunter3"),
            ("GONGBAO_S3_SECRET_KEY", "hunter4"),
            ("GONGBAO_S3_ACCESS_KEY", "0451"),
            ("GONGBAO_HTTP_CONCURRENCY", "64"),
            ("GONGBAO_LISTEN", "[::1]:0"),
        ]);

        let shown = Settings::load(None, over).expect("settings").shown().to_string();

        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.contains("postgres://hub:[secret]@db/hub?…"), "{shown}");
        let again: Settings = toml::from_str(&shown).expect("settings");
        assert_eq!((again.listen.port(), again.s3.access_key.as_deref()), (0, Some("0451")));
        assert_eq!(again.shown().to_string(), shown);
    }

    #[test]
    fn synonyms_are_those_of_the_file_or_its_first_mistake_is_named() {
        let with = |text: &str| {
            let file = file(text);
            let path = file.path().display().to_string();
            let settings = Settings::load(None, variables(&[("GONGBAO_SYNONYMS", &path)]));
            let settings = settings.expect("settings");
            assert_eq!(settings.shown().get("synonyms"), Some(&Value::String(path.clone())));
            (settings.server().map(|server| server.synonyms), path)
        };

        let (own, _) = with("[[group]]\nwords = [\"局长热线\", \"12345\"]\n");
        assert!(own.expect("they are right") != Synonyms::embedded());
        assert!(Settings::default().synonyms().expect("they are right") == Synonyms::embedded());
        let (wrong, path) = with("[[group]]\nwords = [\"甲\"]\n");
        let wrong = wrong.expect_err("a group of one");
        assert!(wrong.what.en.contains(&format!("{path} is wrong at line 1")), "{}", wrong.what);
        let missing = variables(&[("GONGBAO_SYNONYMS", "/nowhere/synonyms.toml")]);
        let missing = Settings::load(None, missing).expect("settings").server().err();
        assert!(missing.expect("no file").what.en.contains("/nowhere/synonyms.toml"));
    }

    #[test]
    fn years_of_the_file_lie_over_ours_and_its_rules_take_the_place_of_ours() {
        let file = file(
            "[year.2027]\nsource = \"通知\"\nsureness = \"text\"\n\
             off = [2027-01-01, 2027-05-01, 2027-10-01, 2027-10-02, 2027-10-03]\n",
        );
        let path = file.path().display().to_string();
        let with =
            |name: &str| Settings::load(None, variables(&[(name, &path)])).expect("settings");

        let own = with("GONGBAO_CALENDAR");
        let calendar = own.calendar().expect("it is right");
        assert_eq!((calendar.known_through(2024), own.server().is_ok()), (Some(2027), true));
        assert_eq!(Settings::default().calendar().expect("ours").known_through(2024), Some(2026));
        assert_eq!(own.shown().get("calendar"), Some(&Value::String(path.clone())));

        let wrong = with("GONGBAO_DEADLINES");
        for failed in [wrong.deadlines().err(), wrong.server().err()] {
            let what = failed.expect("it holds no rules").what;
            let said = [format!("{path}:1: 缺少 rule"), format!("{path}:1: rule is missing")];
            assert!(what.zh.contains(&said[0]) && what.en.contains(&said[1]), "{what}");
        }
        fs::write(file.path(), include_str!("../schema/calendar/deadlines.toml")).expect("a file");
        assert_eq!(wrong.deadlines().expect("it is right"), DeadlineRules::embedded());
        let wrong = own.server().expect_err("it holds no years").what;
        assert!(wrong.en.contains("unknown key rule"), "{wrong}");
    }

    #[test]
    fn a_wrong_place_for_files_is_found_at_the_start() {
        let wrong = Settings::load(None, variables(&[("GONGBAO_ASSETS", "ftp://files")]));

        assert!(wrong.err().expect("a failure").what.en.contains("GONGBAO_ASSETS"));
    }
}
