//! A disk that takes no more, under database and files: whoever writes is told, whoever reads
//! is served, what was acknowledged is there, and work goes on once there is room.
//!
//! The full disk is a limit on the size of files, which the kernel enforces on any machine and
//! for any user, and which is lifted while the process runs. PostgreSQL writes its own files:
//! there the database says what it says when its disk is full.

use std::{fs, process::Command};

use schema::digest::Digest;
use serde_json::{Value, json};
use test_harness::Engine;

use crate::{
    house::{House, house},
    program::{Node, Program},
};

/// Room that is left when the server starts, beyond what is stored.
const ROOM: u64 = 512 * 1024;
/// Bytes of each text; and a file that finds no room.
const TEXT: usize = 60_000;
const FILE: usize = 4 << 20;

/// What the full disk is told to be on PostgreSQL.
const FULL: [&str; 2] = [
    "CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$",
    "CREATE TRIGGER disk_is_full BEFORE INSERT ON content FOR EACH ROW EXECUTE FUNCTION disk_is_full()",
];
const ROOM_AGAIN: &str = "DROP TRIGGER disk_is_full ON content";

struct Disk {
    house: House,
    program: Program,
    token: String,
    /// Longest file that fits on the small disk, in KiB.
    blocks: u64,
}

async fn disk(engine: Engine) -> Option<Disk> {
    let house = house(engine).await?;
    let types = house.types_folder().display().to_string();
    let program = Program::new(house.folder(), house.database.url()).with("GONGBAO_TYPES", &types);
    let token = program.administrator();
    // The types are in force before the room is measured.
    program.serve().stop();
    let files = fs::read_dir(house.folder()).expect("the folder");
    let sizes = files.map(|file| file.expect("a file").metadata().expect("a size").len());
    let blocks = (sizes.max().unwrap_or_default() + ROOM) / 1024;
    Some(Disk { house, program, token, blocks })
}

impl Disk {
    /// The program on a disk with little room. A write beyond it fails, as on a full disk,
    /// instead of ending the process.
    fn small(&self) -> Program {
        let script = format!("trap '' XFSZ; ulimit -S -f {}; exec \"$@\"", self.blocks);
        let wrapper = ["bash", "-c", &script, "bash"].map(str::to_owned).to_vec();
        self.program.clone().started_by(wrapper)
    }

    /// The database's disk is full by now; on SQLite it fills while it is written to.
    async fn fill(&self) {
        if self.house.database.engine() == Engine::Postgres {
            for statement in FULL {
                self.house.tamper(statement).await;
            }
        }
    }

    /// Exit code and last words of an import that finds no room.
    fn imports_nothing(&self) -> (Option<i32>, String) {
        let importer = self.house.importer("late", 200);
        let arguments: Vec<_> =
            importer.get_args().map(|one| one.to_str().expect("UTF-8").to_owned()).collect();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        self.small().failed(&arguments)
    }

    /// There is room again, while the process goes on.
    async fn make_room(&self, node: &Node) {
        if self.house.database.engine() == Engine::Postgres {
            self.house.tamper(ROOM_AGAIN).await;
        }
        let lifted = Command::new("prlimit")
            .args(["--pid", &node.id().to_string(), "--fsize=unlimited"])
            .status();
        assert!(lifted.expect("prlimit is there").success());
    }
}

fn article(number: usize) -> Value {
    let body = format!("<p>{number} {}</p>", "字".repeat(TEXT / 3));
    json!({
        "authority": "lanqiao-city", "type": "article", "locale": "zh-CN",
        "draft": {
            "fields": { "title": format!("第{number}号"), "body": body },
            "placements": [{ "site": "lanqiao", "columns": ["news"] }],
        },
    })
}

impl Node {
    /// Saves and publishes an article; else the code of the error.
    async fn try_to_publish(&self, token: &str, number: usize) -> Result<(), String> {
        let create = "mutation($input: CreateDocumentInput!) { done: createDocument(input: $input) \
            { draft { digest document { contentId locale version } } userErrors { code } } }";
        let publish = "mutation($input: PublishDocumentInput!) { done: publishDocument(input: $input) \
            { publication { kind } userErrors { code } } }";
        let created = self.try_to(token, create, article(number)).await?;
        let draft = &created["draft"];
        let input = json!({ "document": draft["document"], "approvedDigest": draft["digest"] });
        self.try_to(token, publish, input).await?;
        Ok(())
    }

    async fn try_to(&self, token: &str, query: &str, input: Value) -> Result<Value, String> {
        let answer = self.manage(token, query, json!({ "input": input })).await;
        if answer.status != 200 {
            return Err(answer.problem());
        }
        let answer = answer.json();
        let Some(error) = answer["errors"].get(0) else {
            assert_eq!(answer["data"]["done"]["userErrors"], json!([]));
            return Ok(answer["data"]["done"].clone());
        };
        assert!(error["message"].as_str().is_some_and(|text| text.contains(" / ")), "{error}");
        Err(error["extensions"]["code"].as_str().expect("a code").to_owned())
    }

    async fn titles(&self) -> Vec<String> {
        let data = self.content("{ articles(first: 100) { nodes { title } } }").await;
        let nodes = data["articles"]["nodes"].as_array().expect("a list");
        nodes.iter().map(|one| one["title"].as_str().expect("a title").to_owned()).collect()
    }
}

test_harness::on_both_databases! {
    with disk;

    async fn a_full_disk_is_told_and_loses_nothing(disk: Disk) {
        let node = disk.small().serve();
        let mut live = Vec::new();
        node.try_to_publish(&disk.token, 0).await.expect("there is room for one");
        live.push("第0号".to_owned());
        disk.fill().await;

        let refused = loop {
            let number = live.len();
            match node.try_to_publish(&disk.token, number).await {
                Ok(()) => live.push(format!("第{number}号")),
                Err(code) => break code,
            }
            assert!(number < 1_000, "the disk is never full");
        };
        assert_eq!(refused, "FULL");
        let again = node.try_to_publish(&disk.token, live.len()).await;
        assert_eq!(again, Err("FULL".into()), "it is still there to say so");
        let large = vec![b'x'; FILE];
        let refused = node.upload(&disk.token, &large).await;
        assert_eq!((refused.status, refused.problem().as_str()), (507, "storage_full"));
        if disk.house.database.engine() == Engine::Postgres {
            // What still fits is taken: the files' disk is not the database's.
            let small = node.upload(&disk.token, b"%PDF-1.7").await;
            assert_eq!(small.status, 201);
        }
        live.sort();
        let mut read = node.titles().await;
        read.sort();
        assert_eq!(read, live, "what was acknowledged is read while the disk is full");
        let (code, said) = disk.imports_nothing();
        assert_eq!(code, Some(1), "{said}");

        disk.make_room(&node).await;
        node.try_to_publish(&disk.token, live.len()).await.expect("there is room again");
        assert_eq!(node.upload(&disk.token, &large).await.status, 201);
        assert_eq!(node.titles().await.len(), live.len() + 1);
        let leftovers = fs::read_dir(disk.house.folder().join("assets/incoming")).expect("a folder");
        assert_eq!(leftovers.count(), 0, "what found no room is gone");
        assert_eq!(disk.house.files.size(&Digest::of(&large)).await.expect("an answer"), Some(FILE as u64));
        node.stop();
        assert_eq!(disk.house.findings().await, []);
    }
}
