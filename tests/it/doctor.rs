//! `gongbao doctor`: what it finds, with everything well and with something wrong.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use editorial::{
    placed_rules::{self, NamedPlace},
    reviews::{self, Looked, Submission},
};
use schema::review::Track;
use serde_json::Value;
use test_harness::{Engine, TestDatabase};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    task::JoinSet,
};

use crate::{
    house::{House, article, house, now},
    program::Program,
};

/// What the doctor says: its exit code, and its checks.
struct Seen {
    checks: Vec<Value>,
}

fn doctor(program: &Program) -> Seen {
    let output = program.command(&["doctor", "--json"]).output().expect("it starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let said: Value = serde_json::from_str(&text)
        .unwrap_or_else(|_| panic!("no JSON: {text}{}", String::from_utf8_lossy(&output.stderr)));
    let checks = said["checks"].as_array().expect("checks").clone();
    for check in &checks {
        for language in ["zh", "en"] {
            let text = check["what"][language].as_str().expect("a text");
            assert!(!text.is_empty() && !text.contains("hunter2"), "{check}");
        }
        let needs_remedy =
            ["wrong", "doubtful"].contains(&check["level"].as_str().expect("a level"));
        assert!(!needs_remedy || check["remedy"]["en"].is_string(), "{check}");
    }
    let wrong = checks.iter().any(|check| check["level"] == "wrong");
    assert_eq!(said["healthy"], !wrong);
    assert_eq!(output.status.code(), Some(i32::from(wrong)));
    Seen { checks }
}

impl Seen {
    /// Level and English text of every check of an area.
    fn of(&self, area: &str) -> Vec<(&str, &str)> {
        let of_area = self.checks.iter().filter(|check| check["area"] == area);
        of_area
            .map(|check| {
                (
                    check["level"].as_str().expect("a level"),
                    check["what"]["en"].as_str().expect("it"),
                )
            })
            .collect()
    }

    #[track_caller]
    fn has(&self, area: &str, level: &str, words: &str) {
        let found = self.of(area);
        let fits = |(has, text): &(&str, &str)| *has == level && text.contains(words);
        assert!(found.iter().any(fits), "no {level} of {area} with {words:?} in {found:?}");
    }

    /// Nothing but that the PostgreSQL of the stories forgets what it was told when the power
    /// goes: it does not wait for its disk.
    #[track_caller]
    fn nothing_else_is_wrong(&self, engine: Engine) {
        let wrong: Vec<_> = self.checks.iter().filter(|it| it["level"] == "wrong").collect();
        let texts: Vec<_> = wrong.iter().filter_map(|it| it["what"]["en"].as_str()).collect();
        match engine {
            Engine::Sqlite => assert_eq!(texts, [""; 0]),
            Engine::Postgres => {
                let [fsync, pages] = texts[..] else { panic!("{texts:?}") };
                assert!(fsync.starts_with("fsync is off"), "{fsync}");
                assert!(pages.starts_with("full_page_writes is off"), "{pages}");
            }
        }
    }
}

/// Somebody else's server, whose clock is wrong.
struct Door {
    address: SocketAddr,
    /// First lines of requests.
    asked: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Door {
    async fn start(date: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut serving = JoinSet::new();
        let heard = Arc::clone(&asked);
        serving.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
                        break;
                    }
                }
                let first = head.lines().next().unwrap_or_default().to_owned();
                heard.lock().expect("knocks").push(first);
                let answer = format!(
                    "HTTP/1.1 405 Method Not Allowed\r\ndate: {date}\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { address, asked, _serving: serving }
    }
}

/// Everything in a folder, below it too.
fn everything(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            all.extend(everything(&entry.path()));
        }
        all.push(entry.path());
    }
    all.sort();
    all
}

impl House {
    fn hub(&self) -> Program {
        let types = self.folder().join("types");
        fs::create_dir_all(&types).expect("a folder");
        for (name, text) in [
            ("article.toml", include_str!("types/article.toml")),
            ("alarm.toml", include_str!("types/alarm.toml")),
        ] {
            fs::write(types.join(name), text).expect("a type");
        }
        fs::create_dir_all(self.folder().join("assets")).expect("a folder");
        Program::new(self.folder(), self.database.url())
            .with("GONGBAO_TYPES", &types.display().to_string())
    }

    fn target(&self, program: &Program, key: &str, address: &str, more: &[&str]) {
        let arguments = ["channel", "create", key, address, "--authority", "lanqiao-city"];
        program.done(&[&arguments, more].concat());
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_hub_that_is_well_is_told_so(house: House) {
        let hub = house.hub();
        house.live_article("甲").await;
        let missing = doctor(&hub);
        missing.nothing_else_is_wrong(house.database.engine());
        missing.has("people", "doubtful", "nobody");
        missing.has("outgoing", "well", "nothing is configured");
        hub.administrator();
        let door = Door::start("Thu, 02 Mar 2000 01:00:00 GMT").await;
        let port = door.address.port().to_string();
        let reach = ["--allow", "127.0.0.0/8", "--allow-http", "--port", port.as_str()];
        let address = format!("http://{}/in?token=hunter2", door.address);
        house.target(&hub, "app", &address, &reach);

        let seen = doctor(&hub);

        seen.nothing_else_is_wrong(house.database.engine());
        seen.has("database", "well", "that of this program");
        seen.has("contentTypes", "well", "2, all of them right");
        seen.has("files", "well", "written, read and deleted");
        seen.has("log", "well", "up to event");
        seen.has("timeZones", "well", "Asia/Shanghai");
        assert_eq!(seen.of("calendar").len(), 1, "well, or doubtful when the next year is missing");
        seen.has("people", "well", "1 platform");
        seen.has("masterKey", "well", "GONGBAO_MASTER_KEY");
        seen.has("deliveries", "well", "1 targets");
        seen.has("outgoing", "well", "answers");
        seen.has("backups", "unknown", "cannot know");
        seen.has("clock", "doubtful", "seconds ahead of http://127.0.0.1");
        assert_eq!(*door.asked.lock().expect("knocks"), ["HEAD / HTTP/1.1"], "and nothing else");
        let shown = hub.command(&["doctor", "--lang", "zh"]).output().expect("it starts").stdout;
        let shown = String::from_utf8(shown).expect("UTF-8");
        assert!(shown.lines().any(|line| line.starts_with(" ✓") && line.contains("发布日志")), "{shown}");
    }

    async fn caches_that_keep_for_long_have_to_be_told(house: House) {
        house.live_article("甲").await;
        let hub = house.hub();
        assert_eq!(doctor(&hub).of("caches"), []);
        let hub = hub.with("GONGBAO_HTTP_CACHE_SHARED_SECONDS", "3600");
        doctor(&hub).has("caches", "doubtful", "no purge target");
        let manner = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/purge/fastly.toml");
        let secret = house.folder().join("token.txt");
        fs::write(&secret, "hunter2\n").expect("a file");
        let secret = secret.display().to_string();
        let purge = ["--channel", "purge", "--purge", manner, "--secret-file", &secret];

        house.target(&hub, "cdn", "https://nowhere.invalid/purge", &purge);

        doctor(&hub).has("caches", "well", "1 are told");
        let silent = hub.clone().with("GONGBAO_HTTP_CACHE_TAGS", "false");
        doctor(&silent).has("caches", "doubtful", "no tags");
        let shown = hub.done(&["channel", "show", "cdn"]);
        assert!(!shown.contains("hunter2") && shown.contains("purge"), "{shown}");
        // The examples that are there are all right.
        for name in ["varnish", "nginx", "cloudflare", "urls"] {
            let manner = format!("{}/examples/purge/{name}.toml", env!("CARGO_MANIFEST_DIR"));
            let address = format!("https://nowhere.invalid/{name}");
            house.target(&hub, name, &address, &["--channel", "purge", "--purge", &manner]);
        }
    }

    async fn what_is_wrong_with_the_hub_is_found(house: House) {
        let hub = house.hub();
        house.live_article("甲").await;
        house.target(&hub, "app", "https://nowhere.invalid/hook?token=hunter2", &[]);
        house.tamper("UPDATE target SET state = 'disabled', reason = 'HTTP 410'").await;
        house.target(&hub, "lost", "https://nowhere.invalid/other?token=hunter2", &[]);

        let other = hub.clone().with("GONGBAO_MASTER_KEY", "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=");
        let seen = doctor(&other);
        seen.has("masterKey", "wrong", "app do not open");
        seen.has("deliveries", "doubtful", "app is disabled: HTTP 410");
        seen.has("outgoing", "doubtful", "https://nowhere.invalid does not answer");

        hub.serve().stop();
        let types = house.folder().join("fewer");
        fs::create_dir(&types).expect("a folder");
        fs::write(types.join("alarm.toml"), include_str!("types/alarm.toml")).expect("a type");
        let fewer = hub.clone().with("GONGBAO_TYPES", &types.display().to_string());
        doctor(&fewer).has("contentTypes", "wrong", "the server will not start");
        fs::write(types.join("broken.toml"), "plural = 1\n").expect("a broken type");
        doctor(&fewer).has("contentTypes", "wrong", "broken.toml");

        let file = house.folder().join("no-folder");
        fs::write(&file, "x").expect("a file");
        let broken = hub.clone().with("GONGBAO_ASSETS", &format!("file://{}", file.display()));
        doctor(&broken).has("files", "wrong", "no-folder");
        for setting in ["GONGBAO_CALENDAR", "GONGBAO_DEADLINES"] {
            let wrong = hub.clone().with(setting, &file.display().to_string());
            doctor(&wrong).has("calendar", "wrong", "no-folder:1: not valid TOML");
        }
        let open = hub.clone().with("GONGBAO_LISTEN", "0.0.0.0:8080");
        doctor(&open).has("settings", "doubtful", "its public address is not set");
    }

    async fn a_review_that_is_late_is_told(house: House) {
        let hub = house.hub();
        doctor(&hub).has("reviews", "well", "no step");
        let everywhere = NamedPlace::default();
        house
            .act(async |work| placed_rules::remove::<schema::review::Rule>(&house.desk, work, &everywhere, None).await)
            .await
            .expect("the usual review holds");
        let draft = house.create(article("甲")).await.expect("a draft");
        let looked = Looked { target: now(&draft.document), digest: draft.digest, plan: None };
        let submission = Submission { looked, track: Track::Ordinary, note: None };

        house
            .act(async |work| reviews::submit(&house.desk, work, submission.clone()).await)
            .await
            .expect("it lies before the reviewers, in the spring of 2026");

        doctor(&hub).has("reviews", "doubtful", "1 steps of reviews are late");
    }

    async fn a_lax_key_file_and_a_lost_one_are_wrong(house: House) {
        let hub = house.hub().without("GONGBAO_MASTER_KEY");
        let key = match house.database.engine() {
            Engine::Sqlite => house.folder().join("master.key"),
            Engine::Postgres => house.folder().join("gongbao-data/master.key"),
        };
        doctor(&hub).has("masterKey", "well", "when it is first needed");
        assert!(!key.exists(), "looking makes no key");
        house.target(&hub, "app", "https://nowhere.invalid/", &[]);
        doctor(&hub).has("masterKey", "doubtful", "beside the data");

        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("it is lax");
        doctor(&hub).has("masterKey", "wrong", "chmod 600");
        fs::remove_file(&key).expect("it is lost");
        doctor(&hub).has("masterKey", "wrong", "the secrets of 1 targets do not open");
        assert!(!key.exists());
    }

    async fn a_structure_of_another_program_is_told(house: House) {
        let hub = house.hub();
        house.tamper("UPDATE _sqlx_migrations SET version = version + 9000 WHERE version = \
                      (SELECT MAX(version) FROM _sqlx_migrations)").await;
        doctor(&hub).has("database", "wrong", "newer than this program");
        house.tamper("DELETE FROM _sqlx_migrations WHERE version > 9000").await;
        let behind = doctor(&hub);
        behind.has("database", "doubtful", "the next start brings it up to date");
        behind.has("log", "unknown", "not looked at");
        house.tamper("UPDATE _sqlx_migrations SET success = false WHERE version = 1").await;
        doctor(&hub).has("database", "wrong", "was not finished");
    }
}

test_harness::on_both_databases! {
    async fn an_empty_database_is_no_fault_and_stays_empty(database: TestDatabase) {
        let hub = Program::new(database.folder(), database.url());
        let before = everything(database.folder());

        let seen = doctor(&hub);

        seen.nothing_else_is_wrong(database.engine());
        assert!(seen.of("database").iter().any(|(level, _)| *level == "doubtful"));
        seen.has("files", "doubtful", "there is no folder");
        assert_eq!(everything(database.folder()), before, "it changes nothing");
    }
}

#[test]
fn a_database_that_is_away_or_damaged_and_settings_that_are_wrong_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let away = Program::new(folder.path(), "postgres://hub:hunter2@127.0.0.1:1/hub");
    let seen = doctor(&away);
    seen.has("database", "wrong", "cannot be opened");
    seen.has("timeZones", "well", "Asia/Shanghai");
    seen.has("log", "unknown", "not looked at");

    fs::write(folder.path().join("hub.db"), "no database at all, and long enough to see it")
        .expect("a file");
    let url = format!("sqlite://{}", folder.path().join("hub.db").display());
    let damaged = doctor(&Program::new(folder.path(), &url));
    damaged.has("database", "wrong", "not a database");

    let misspelt = doctor(&away.clone().with("GONGBAO_DATABSE_URL", "x"));
    misspelt.has("settings", "wrong", "GONGBAO_DATABSE_URL");
    misspelt.has("database", "unknown", "not looked at");
    let shown = away.command(&["doctor", "--lang", "zh"]).output().expect("it starts");
    let text = String::from_utf8(shown.stdout).expect("UTF-8");
    assert!(text.lines().any(|line| line.starts_with(" ✗") && line.contains("数据库")), "{text}");
    assert!(text.contains("→ 请检查 GONGBAO_DATABASE_URL"), "{text}");
    assert_eq!(shown.status.code(), Some(1));
}

#[test]
fn a_clock_that_was_turned_back_is_told() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        test_harness::run(engine, house, async |house: House| {
            house.clock.set("2126-03-02T01:00:00Z");
            house.live_article("来自将来").await;

            doctor(&house.hub()).has("clock", "doubtful", "it was turned back");
        });
    }
}
