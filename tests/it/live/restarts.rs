//! Listeners across the death of the server they listen to.

use serde_json::json;

use super::{Socket, everything, titles};
use crate::{
    house::{House, house},
    program::Program,
};

test_harness::on_both_databases! {
    with house;

    async fn whoever_comes_back_after_a_kill_has_missed_nothing(house: House) {
        let types = house.types_folder();
        let program = Program::new(house.folder(), house.database.url())
            .with("GONGBAO_TYPES", &types.display().to_string());
        let query = everything("cursor document { title }");
        let node = program.serve();
        let head = node.content("{ changes(first: 1) { head } }").await;
        let after = json!({ "after": head["changes"]["head"] });
        let mut sockets = Vec::new();
        for _ in 0..5 {
            sockets.push(Socket::listening(node.address, &query, after.clone()).await);
        }
        let mut heard = vec![Vec::new(); sockets.len()];
        for title in ["甲", "乙", "丙"] {
            house.live_article(title).await;
        }
        // Each has heard of another number of them when the server dies.
        for (number, socket) in sockets.iter_mut().enumerate() {
            heard[number] = socket.changes(number % 4).await;
        }

        node.kill();
        drop(sockets);
        house.live_article("丁").await;
        let node = program.serve();
        for (number, heard) in heard.iter_mut().enumerate() {
            let from = heard.last().map_or(after["after"].clone(), |last| last["cursor"].clone());
            let mut socket = Socket::listening(node.address, &query, json!({ "after": from })).await;
            heard.extend(socket.changes(4 - number % 4).await);
            house.live_article(&format!("戊{number}")).await;
            for _ in 0..=number {
                heard.push(socket.change().await);
            }
        }

        for (number, heard) in heard.iter().enumerate() {
            let later = (0..=number).map(|number| format!("戊{number}"));
            let expected: Vec<String> =
                ["甲", "乙", "丙", "丁"].map(str::to_owned).into_iter().chain(later).collect();
            assert_eq!(titles(heard), expected, "listener {number}");
        }
        node.stop();
    }
}
