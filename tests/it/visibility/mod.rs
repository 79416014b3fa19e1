//! One test over every public way in: whoever asks, and whatever they ask, nothing is told of what
//! they may not read. And the opposite: what they may read is there.
//!
//! The scene holds a text in every state that hides one, each with words that stand nowhere else.
//! The walk asks every field of the root of the content API for each of them, selecting all that
//! the schema offers under it, and fetches everything else that the hub serves without a token. A
//! field of the root that nobody wrote a case for fails the test.

mod scene;
mod schema;
mod served;
mod walk;

use std::collections::BTreeSet;

use ::schema::{
    permission::{Grant, Role, Scope},
    viewer::Viewer,
};
use editorial::previews;

use self::scene::Scene;
use crate::{
    house::House,
    previews::{Somebody, headers},
};

/// Somebody who asks.
struct Asking {
    who: &'static str,
    viewer: Viewer,
    /// What they send with a request.
    headers: Vec<(&'static str, String)>,
}

impl Asking {
    fn public() -> Self {
        Self { who: "the public", viewer: Viewer::Public, headers: Vec::new() }
    }

    /// Whoever holds a link.
    async fn by_link(house: &House, who: &'static str, secret: &str) -> Self {
        let opened = previews::open(&house.desk, secret).await.expect("an answer");
        let viewer = opened.expect("the link is good").viewer;
        Self { who, viewer, headers: headers(secret) }
    }

    /// Somebody known who asks for drafts.
    async fn reading_drafts(who: &'static str, somebody: &Somebody) -> Self {
        use ::schema::viewer::{Covers, Preview};
        let with = somebody.actor.clone();
        let viewer = Viewer::Preview(Box::new(Preview { with, covers: Covers::All }));
        Self { who, viewer, headers: headers(&somebody.token) }
    }
}

impl Scene {
    /// Everything that is told to somebody, by the way it is told.
    async fn told(&self, asking: &Asking) -> Vec<(String, String)> {
        let mut told = walk::content(self, asking).await;
        told.extend(served::everything(self, asking).await);
        told
    }

    /// Which of the words of the scene somebody is told, with one way by which they were.
    async fn heard(&self, asking: &Asking) -> Vec<(String, String)> {
        let told = self.told(asking).await;
        assert!(told.len() > 100, "{} were asked little", asking.who);
        self.words()
            .into_iter()
            .filter_map(|word| {
                let found = told.iter().find(|(_, answer)| answer.contains(&word));
                Some((word, found?.0.clone()))
            })
            .collect()
    }

    /// Asserts that somebody is told these words and no others.
    async fn assert_heard(&self, asking: &Asking, expected: &[String]) {
        let heard = self.heard(asking).await;
        let expected: BTreeSet<&String> = expected.iter().collect();
        let too_much: Vec<_> = heard.iter().filter(|(word, _)| !expected.contains(word)).collect();
        assert!(too_much.is_empty(), "{} are told {too_much:#?}", asking.who);
        let words: BTreeSet<&String> = heard.iter().map(|(word, _)| word).collect();
        let missing: Vec<_> = expected.difference(&words).collect();
        assert!(missing.is_empty(), "{} are not told {missing:?}", asking.who);
    }
}

test_harness::on_both_databases! {
    with scene::scene;

    async fn the_public_is_told_nothing_that_is_hidden(scene: Scene) {
        scene.assert_heard(&Asking::public(), &scene.public_words()).await;
        scene.close().await;
    }

    async fn somebody_of_another_authority_is_told_of_their_own_drafts_alone(scene: Scene) {
        let authority = scene.house.authority("nanhe-province").await;
        let grant = Grant { role: Role::Reader, scope: Scope::Authority(authority) };
        let foreign = scene.house.somebody("foreign", vec![grant]).await;
        let asking = Asking::reading_drafts("readers of another authority", &foreign).await;

        let expected = [scene.public_words(), scene.of(&["foreign draft"])].concat();

        scene.assert_heard(&asking, &expected).await;
        scene.close().await;
    }

    async fn a_link_tells_of_its_draft_and_what_that_links_to(scene: Scene) {
        let link = scene.link("draft").await;
        let asking = Asking::by_link(&scene.house, "those who hold the link", &link).await;

        let expected = [scene.public_words(), scene.of(&["draft", "linked draft"])].concat();

        scene.assert_heard(&asking, &expected).await;
        // What the node has at hand by now is asked for by the public next.
        let hidden = scene.hidden_words();
        for (way, answer) in served::everything(&scene, &Asking::public()).await {
            let found = hidden.iter().find(|word| answer.contains(*word));
            assert!(found.is_none(), "after a preview the public are told {found:?} by {way}");
        }
        scene.close().await;
    }

    async fn a_link_to_another_document_tells_of_that_one(scene: Scene) {
        let link = scene.link("draft over a live text").await;
        let asking = Asking::by_link(&scene.house, "those who hold another link", &link).await;

        let expected = [scene.public_words(), scene.of(&["draft over a live text"])].concat();

        scene.assert_heard(&asking, &expected).await;
        scene.close().await;
    }

    async fn what_is_counted_is_the_same_for_everybody(scene: Scene) {
        let hub = |role| vec![Grant { role, scope: Scope::Hub }];
        let auditor = scene.house.somebody("auditor", hub(Role::Auditor)).await;
        let link = scene.link("draft over a live text").await;
        let public = walk::counts(&scene, &Asking::public()).await;
        assert!(public.contains("\"totalCount\":3"), "three texts are public: {public}");

        for asking in [
            Asking::by_link(&scene.house, "those who hold a link", &link).await,
            Asking::reading_drafts("auditors", &auditor).await,
        ] {
            assert_eq!(walk::counts(&scene, &asking).await, public, "{}", asking.who);
        }
        scene.close().await;
    }

    async fn links_that_are_good_no_more_tell_nothing_at_all(scene: Scene) {
        let (revoked, expired) = (scene.link("draft").await, scene.link("draft").await);
        scene.revoke("draft", &revoked).await;
        scene.house.clock.set("2026-04-20T00:00:00Z");
        for (who, secret) in [("holders of a revoked link", revoked), ("holders of an expired link", expired)] {
            assert!(previews::open(&scene.house.desk, &secret).await.expect("an answer").is_none());
            let asking = Asking { who, viewer: Viewer::Public, headers: headers(&secret) };
            for (way, answer) in served::everything(&scene, &asking).await {
                let hidden = scene.hidden_words();
                let found = hidden.iter().find(|word| answer.contains(*word));
                assert!(found.is_none(), "{who} are told {found:?} by {way}");
            }
        }
        scene.close().await;
    }

    async fn who_may_see_drafts_and_the_past_is_told_of_both(scene: Scene) {
        let hub = |role| vec![Grant { role, scope: Scope::Hub }];
        let auditor = scene.house.somebody("auditor", hub(Role::Auditor)).await;
        let asking = Asking::reading_drafts("auditors", &auditor).await;
        let heard = scene.heard(&asking).await;
        let words: BTreeSet<&String> = heard.iter().map(|(word, _)| word).collect();

        for word in scene.of(&["draft", "draft over a live text", "linked draft", "foreign draft", "withdrawn", "corrected error"]) {
            assert!(words.contains(&word), "auditors are not told {word}");
        }
        for word in scene.of(&["erased"]) {
            assert!(!words.contains(&word) || scene.is_public_path(&word), "what is erased is told to nobody: {word}");
        }
        scene.close().await;
    }
}
