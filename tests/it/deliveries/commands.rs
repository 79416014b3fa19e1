//! `gongbao channel` and `gongbao status`: the program itself, beside a house that works.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::{
    post::{Post, post},
    receiver::{Answer, Receiver},
};

impl Post {
    fn gongbao(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongbao"));
        command
            .env_clear()
            .env("GONGBAO_DATABASE_URL", self.house.database.url())
            // The key of the post office: what the program makes, its engine opens.
            .env("GONGBAO_MASTER_KEY", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=")
            .current_dir(self.house.folder())
            .stdin(Stdio::null())
            .args(arguments);
        command.output().expect("the program starts")
    }

    fn done(&self, arguments: &[&str]) -> Value {
        let output = self.gongbao(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    fn failed(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.gongbao(arguments);
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
    }

    fn created(&self, receiver: &Receiver) -> Value {
        let port = receiver.address.port().to_string();
        self.done(&[
            "channel",
            "create",
            "app",
            &receiver.url(),
            "--authority",
            "lanqiao-city",
            "--column",
            "lanqiao:policy",
            "--allow",
            "127.0.0.0/8",
            "--allow-http",
            "--port",
            &port,
        ])
    }
}

test_harness::on_both_databases! {
    with post;

    async fn a_target_is_made_tested_stopped_and_served_again(post: Post) {
        let receiver = Receiver::start().await;
        let made = post.created(&receiver);
        let secret = made["shown"][0]["value"].as_str().expect("a secret").to_owned();
        assert!(secret.starts_with("whsec_"));

        let tested = post.done(&["channel", "test", "app"]);
        assert_eq!((&tested["class"], &tested["status"]), (&"ok".into(), &204.into()));
        assert_eq!(post.done(&["channel", "pause", "app"])["state"], "paused");
        let document = post.house.live_article("甲").await;
        assert_eq!(post.settle().await, 0);
        assert_eq!(post.done(&["channel", "resume", "app"])["state"], "enabled");
        receiver.answers([Answer::Status(422)]);
        post.settle().await;

        let shown = post.gongbao(&["channel", "show", "app", "--lang", "zh"]);
        let shown = String::from_utf8(shown.stdout).expect("UTF-8");
        assert!(shown.contains("被拒 1") && shown.contains("422 refused"), "{shown}");
        assert!(!shown.contains(&secret), "a secret is shown once");
        // The program has the clock of the machine.
        post.turn(100 * 365 * 86_400);
        let replayed = post.done(&["channel", "replay", "app"]);
        assert_eq!(replayed["due"], 1);
        post.settle().await;
        let status = post.done(&["status", &document.id.to_string()]);
        assert_eq!(status[0]["targets"][0]["target"], "app");
        assert_eq!(status[0]["targets"][0]["holds"]["edition"], 1);
        assert_eq!(status[0]["events"][0]["kind"], "publish");
        let by_content = post.done(&["status", &document.content.to_string()]);
        assert_eq!(by_content[0]["document"], document.id.to_string());

        let rotated = post.done(&["channel", "rotate-secret", "app"]);
        assert_ne!(rotated["shown"][0]["value"], secret);
        let listed = post.done(&["channel", "list"]);
        assert_eq!(listed[0]["counts"]["held"], 1);
    }

    async fn a_target_is_changed_beside_an_engine_that_works(post: Post) {
        let receiver = Receiver::start().await;
        post.created(&receiver);
        let document = post.house.live_article("甲").await;
        post.settle().await;
        let settings = syndication::Settings { look: std::time::Duration::from_millis(20), ..syndication::Settings::default() };
        let running = syndication::Engine::start(post.desk.clone(), post.channels.clone(), settings);

        let changed = post.done(&["channel", "change", "app", "--column", "lanqiao:news", "--if-version", "1"]);
        receiver.wait_for(2).await;
        let back = post.done(&["channel", "change", "app", "--everything", "--full-text", "--backfill"]);
        let calls = receiver.wait_for(3).await;
        running.shutdown().await;

        assert_eq!(changed["version"], 2);
        assert_eq!(back["particulars"]["selector"], serde_json::json!({}));
        assert_eq!(back["particulars"]["reach"]["http"], true, "what is not said stays");
        assert_eq!(calls[1].data()["absence"], "outOfScope");
        assert_eq!((&calls[2].data()["edition"], calls[2].data()["content"].is_object()), (&1.into(), true));
        let (code, said) = post.failed(&["channel", "change", "app", "--per-minute", "60", "--if-version", "1"]);
        assert_eq!(code, Some(1));
        assert!(said.contains("somebody changed it") || said.contains("他人修改"), "{said}");
        let limits = post.done(&["channel", "change", "app", "--per-minute", "60", "--public-only", "--address", "https://hooks.example.org/in"]);
        assert_eq!(limits["particulars"]["limits"]["concurrency"], 4);
        assert_eq!(limits["particulars"]["reach"], serde_json::json!({}));
        let standing = post.done(&["status", &document.id.to_string()]);
        assert!(standing[0]["targets"][0]["holds"]["eventAt"].is_string());
        let table = post.gongbao(&["status", &document.id.to_string(), "--lang", "en"]);
        assert!(String::from_utf8(table.stdout).expect("UTF-8").contains("took"));
    }

    async fn what_cannot_be_done_is_said(post: Post) {
        let receiver = Receiver::start().await;
        let inside = ["channel", "create", "app", "http://127.1/in", "--authority", "lanqiao-city"];

        let (code, said) = post.failed(&inside);
        assert_eq!(code, Some(1));
        assert!(said.contains("address"), "{said}");
        assert_eq!(post.failed(&["channel", "test", "nobody"]).0, Some(1));
        assert_eq!(post.failed(&["channel", "create", "app"]).0, Some(2));
        post.created(&receiver);
        let again = post.failed(&[&inside[..3], &["https://hooks.example.org/", "--authority", "lanqiao-city"]].concat());
        assert_eq!(again.0, Some(1));
        assert!(again.1.contains("exists"), "{}", again.1);
        receiver.answers([Answer::Status(401)]);
        let (code, said) = post.failed(&["channel", "test", "app"]);
        assert_eq!(code, Some(1));
        assert!(said.contains("401"), "{said}");
    }
}
