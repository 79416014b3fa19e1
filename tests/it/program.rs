//! The program as whoever runs it meets it: its commands as processes, its server over HTTP.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::wire::{Answer, ask, send};

/// The key of every hub of the stories: what one process seals, another opens.
const MASTER_KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const JSON: (&str, &str) = ("content-type", "application/json");
/// Asked for with every change.
const ERRORS: &str = "userErrors { code field message { zh en } }";

/// A hub by its settings. Nothing runs yet.
#[derive(Clone)]
pub struct Program {
    folder: PathBuf,
    settings: Vec<(String, String)>,
    /// What starts the program; empty when nothing stands between.
    wrapper: Vec<String>,
}

impl Program {
    /// A hub with this database; everything else lies in `folder`.
    pub fn new(folder: &Path, database: &str) -> Self {
        let assets = format!("file://{}", folder.join("assets").display());
        let program = Self { folder: folder.to_owned(), settings: Vec::new(), wrapper: Vec::new() };
        program
            .with("GONGBAO_DATABASE_URL", database)
            .with("GONGBAO_ASSETS", &assets)
            .with("GONGBAO_MASTER_KEY", MASTER_KEY)
    }

    /// The same with another setting.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, started by another program: its words before the program's own.
    pub fn started_by(mut self, wrapper: Vec<String>) -> Self {
        self.wrapper = wrapper;
        self
    }

    /// The same without a setting.
    pub fn without(mut self, name: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut words = self.wrapper.iter().map(String::as_str).collect::<Vec<_>>();
        words.push(env!("CARGO_BIN_EXE_gongbao"));
        words.extend(arguments);
        let mut command = Command::new(words[0]);
        command
            .env_clear()
            .envs(self.settings.clone())
            .args(&words[1..])
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        command
    }

    /// What a command that must succeed says.
    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Exit code and standard error of a command that must fail.
    pub fn failed(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.command(arguments).output().expect("the program starts");
        assert!(!output.status.success(), "{arguments:?} worked");
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
    }

    /// The secret of a token of a new platform administrator.
    pub fn administrator(&self) -> String {
        self.done(&[
            "user",
            "create",
            "root",
            "--name",
            "管理员",
            "--role",
            "platformAdministrator",
        ]);
        let token = self.done(&["token", "create", "root", "--name", "story", "--json"]);
        let token: Value = serde_json::from_str(&token).expect("JSON");
        token["secret"].as_str().expect("a secret").to_owned()
    }

    /// A process that serves and delivers, ready.
    pub fn serve(&self) -> Node {
        let log = self.folder.join("serve.log");
        let mut errors = File::options().create(true).append(true).open(&log).expect("a log");
        let from = errors.seek(SeekFrom::End(0)).expect("its end");
        let mut child = self
            .command(&["serve", "--json", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("it says something");
        let said = serde_json::from_str::<Value>(&line).ok();
        let address = said.as_ref().and_then(|said| said["listening"].as_str()?.parse().ok());
        let address = address.unwrap_or_else(|| {
            panic!("it did not start: {line}{}", fs::read_to_string(&log).unwrap_or_default())
        });
        Node { child, address, log, from }
    }
}

/// A process of `gongbao serve`. It ends with this value, however the story ends.
pub struct Node {
    child: Child,
    pub address: SocketAddr,
    log: PathBuf,
    /// Where its part of the log begins; nodes of one folder write into one file.
    from: u64,
}

impl Node {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL.
    pub fn kill(self) {}

    /// SIGTERM: calls under way end, and it says that all went well.
    pub fn stop(mut self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill is there").success());
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "{status} {}", self.said());
    }

    /// What it logged.
    pub fn said(&self) -> String {
        let mut said = String::new();
        let mut log = File::open(&self.log).expect("the log");
        log.seek(SeekFrom::Start(self.from)).expect("its beginning");
        log.read_to_string(&mut said).expect("UTF-8");
        said
    }

    pub async fn get(&self, path: &str) -> Answer {
        ask(self.address, "GET", path, &[]).await
    }

    /// The data of a question to the content API that must have an answer.
    pub async fn content(&self, query: &str) -> Value {
        let body = json!({ "query": query }).to_string();
        let answer = send(self.address, "POST", "/graphql", &[JSON], body.as_bytes()).await.json();
        assert_eq!(answer["errors"], Value::Null, "{query}");
        answer["data"].clone()
    }

    /// What the management API says to a query, whatever it is.
    pub async fn manage(&self, token: &str, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let token = format!("Bearer {token}");
        let headers = [JSON, ("authorization", token.as_str())];
        send(self.address, "POST", "/manage/graphql", &headers, body.as_bytes()).await
    }

    /// The payload of a mutation, `CreateDocumentInput!` for `createDocument`.
    pub async fn act(&self, token: &str, name: &str, input: Value, selection: &str) -> Value {
        let (first, rest) = name.split_at(1);
        let input_type = format!("{}{rest}Input", first.to_uppercase());
        let query = format!(
            "mutation($input: {input_type}!) {{ {name}(input: $input) {{ {selection} {ERRORS} }} }}"
        );
        let answer = self.manage(token, &query, json!({ "input": input })).await.json();
        assert_eq!(answer["errors"], Value::Null, "{answer}");
        answer["data"][name].clone()
    }

    /// The same where it must be done.
    pub async fn act_well(&self, token: &str, name: &str, input: Value, selection: &str) -> Value {
        let payload = self.act(token, name, input, selection).await;
        assert_eq!(payload["userErrors"], json!([]), "{name}");
        payload
    }

    /// Sends a file.
    pub async fn upload(&self, token: &str, bytes: &[u8]) -> Answer {
        let token = format!("Bearer {token}");
        send(self.address, "POST", "/manage/files", &[("authorization", &token)], bytes).await
    }

    /// Creates a document and publishes it: the document afterwards.
    pub async fn publish_new(&self, token: &str, new: Value) -> Value {
        const DOCUMENT: &str = "document { contentId locale version edition visibility }";
        let created = format!("draft {{ digest {DOCUMENT} }}");
        let created = self.act_well(token, "createDocument", new, &created).await;
        let draft = &created["draft"];
        let document = json!({
            "contentId": draft["document"]["contentId"],
            "locale": draft["document"]["locale"],
            "version": draft["document"]["version"],
        });
        let publication = json!({ "document": document, "approvedDigest": draft["digest"] });
        let selection = format!("publication {{ {DOCUMENT} }}");
        let done = self.act_well(token, "publishDocument", publication, &selection).await;
        done["publication"]["document"].clone()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Code and field of every reason in a payload, in order of fields.
pub fn reasons(payload: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = payload["userErrors"].as_array().expect("errors");
    let mut all: Vec<_> =
        errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect();
    all.sort();
    all
}
