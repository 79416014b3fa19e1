//! Operations that are published for a client, and a hub that serves the public those alone.

use std::sync::Arc;

use api::content::{ContentApi, DocumentSettings, Limits};
use editorial::{Refusal, operations};
use schema::{
    client::ClientVersion,
    digest::Digest,
    permission::{Role, Touched},
    viewer::Viewer,
};
use serde_json::{Value, json};
use store::{
    audit,
    persisted::{
        Document,
        clients::{self, Operation},
    },
};

use super::{Front, persisted::hash};
use crate::house::{House, house};

const SITES: &str = "query Sites { sites { key } }";
const TYPES: &str = "{ __schema { queryType { name } } }";

fn client(text: &str) -> ClientVersion {
    text.parse().expect("a version of a client")
}

impl House {
    async fn operation(&self, id: &str, text: &str) -> Operation {
        let (store, clock) = (self.desk.store.clone(), Arc::clone(&self.desk.clock));
        let api = ContentApi::new(&self.desk.types, store, clock, "", Limits::default());
        let api = api.expect("the types make a schema");
        let found = api.look_over_text(text).await.expect("it can be asked for");
        let document = Document {
            digest: Digest::of(text.as_bytes()),
            text: text.to_owned(),
            cost: found.cost,
            checked: api.schema_digest(),
        };
        Operation { id: id.to_owned(), name: found.names, document }
    }

    async fn publish_for(&self, name: &str, listed: &[(&str, &str)]) -> Result<(), Refusal> {
        let mut published = Vec::new();
        for (id, text) in listed {
            published.push(self.operation(id, text).await);
        }
        let client = client(name);
        self.act(async |work| operations::publish(work, &client, &published).await).await
    }

    async fn remove_client(&self, name: &str) -> Result<u64, Refusal> {
        let client = client(name);
        self.act(async |work| operations::remove(work, &client).await).await
    }

    /// A node that serves the public trusted texts alone, as it just started.
    fn strict(&self, viewer: Viewer) -> Front {
        let settings = DocumentSettings { trusted_only: true, ..DocumentSettings::default() };
        self.text_node(viewer, settings, false)
    }
}

impl Front {
    async fn by_id(&self, id: &str) -> Value {
        self.post(json!({ "documentId": id }).to_string()).await.body
    }
}

fn sites(answer: &Value) -> usize {
    answer["data"]["sites"].as_array().unwrap_or_else(|| panic!("no sites: {answer}")).len()
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer}"))
}

test_harness::on_both_databases! {
    with house;

    async fn the_public_is_served_what_was_published_and_nothing_else(house: House) {
        house.publish_for("portal@1.2", &[("0a1b2c3d", SITES)]).await.expect("it is published");
        let node = house.strict(Viewer::Public);

        assert_eq!(sites(&node.by_id("0a1b2c3d").await), 3);
        assert_eq!(sites(&node.by_id(&format!("sha256:{}", hash(SITES))).await), 3);
        assert_eq!(sites(&node.by_hash(SITES).await.body), 3);
        assert_eq!(sites(&node.leave(SITES).await.body), 3);
        assert_eq!(sites(&node.try_with(SITES, json!({})).await.body), 3, "it is the same text");

        let other = "{ sites { key name { zh } } }";
        for refused in [
            node.try_with(other, json!({})).await,
            node.try_with(TYPES, json!({})).await,
            node.by_hash(other).await,
            node.leave(other).await,
        ] {
            assert_eq!(refused.code(), "TRUSTED_DOCUMENTS_ONLY");
        }
        assert_eq!(code(&node.by_id("nothing").await), "TRUSTED_DOCUMENTS_ONLY");
        let known = house.strict(Viewer::Known(house.administrator.clone()));
        assert_eq!(known.try_with(TYPES, json!({})).await.data()["__schema"]["queryType"]["name"], "Query");
        assert_eq!(sites(&known.leave(other).await.body), 3);
        assert_eq!(node.by_hash(other).await.code(), "TRUSTED_DOCUMENTS_ONLY", "kept is not trusted");
    }

    async fn what_is_taken_back_is_trusted_no_more_unless_another_client_has_it(house: House) {
        house.publish_for("portal@1.2", &[("a", SITES), ("b", TYPES)]).await.expect("published");
        house.publish_for("portal@1.3", &[("a", SITES)]).await.expect("published");

        assert_eq!(house.remove_client("portal@1.2").await, Ok(2));

        let node = house.strict(Viewer::Public);
        assert_eq!(sites(&node.by_id("a").await), 3);
        assert_eq!(code(&node.by_id("b").await), "TRUSTED_DOCUMENTS_ONLY");
        assert_eq!(house.remove_client("portal@1.2").await.map_err(|refusal| refusal.code()), Err("not_found"));
        house.remove_client("portal@1.3").await.expect("it is removed");
        assert_eq!(code(&house.strict(Viewer::Public).by_id("a").await), "TRUSTED_DOCUMENTS_ONLY");
    }

    async fn publishing_again_replaces_what_was_published_for_the_version(house: House) {
        house.publish_for("portal@1.2", &[("a", SITES), ("b", TYPES)]).await.expect("published");

        house.publish_for("portal@1.2", &[("b", TYPES)]).await.expect("published");

        let mut session = house.desk.store.reader().await.expect("a reader");
        let all = clients::all(&mut session).await.expect("the store answers");
        let told: Vec<_> = all.iter().map(|one| (one.client.to_string(), one.operations)).collect();
        assert_eq!(told, [("portal@1.2".to_owned(), 1)]);
        assert_eq!(code(&house.strict(Viewer::Public).by_id("a").await), "TRUSTED_DOCUMENTS_ONLY");
    }

    async fn one_identifier_is_one_text(house: House) {
        house.publish_for("portal@1.2", &[("a", SITES)]).await.expect("it is published");

        let taken = house.publish_for("app@1", &[("b", TYPES), ("a", TYPES)]).await;
        let twice = house.publish_for("app@1", &[("b", TYPES), ("b", SITES)]).await;
        let odd = house.publish_for("app@1", &[("b c", TYPES), ("", SITES)]).await;
        let none = house.publish_for("app@1", &[]).await;
        let of_other = hash(SITES);
        let digest = house.publish_for("app@1", &[(of_other.as_str(), TYPES)]).await;

        for (outcome, expected) in [
            (taken, &[("a", "taken")][..]),
            (twice, &[("b", "duplicate")]),
            (odd, &[("b c", "pattern"), ("", "pattern")]),
            (none, &[("", "length")]),
            (digest, &[(of_other.as_str(), "digest")]),
        ] {
            let Err(Refusal::Invalid(faults)) = outcome else { panic!("{outcome:?}") };
            let told: Vec<_> = faults.iter().map(|fault| (fault.path.as_str(), fault.code)).collect();
            assert_eq!(told, expected);
        }
        assert_eq!(sites(&house.strict(Viewer::Public).by_id("a").await), 3);
    }

    async fn publishing_is_for_those_who_administer_the_hub_and_leaves_a_trace(house: House) {
        let operation = house.operation("a", SITES).await;
        let publisher = house.on_site(Role::SiteAdministrator, "lanqiao", 7).await;
        let portal = client("portal@1.2");
        let refused = house
            .act_as(&publisher, async |work| {
                operations::publish(work, &portal, std::slice::from_ref(&operation)).await
            })
            .await;
        assert_eq!(refused.map_err(|refusal| refusal.code()).err(), Some("not_permitted"));

        house.publish_for("portal@1.2", &[("a", SITES)]).await.expect("it is published");
        house.remove_client("portal@1.2").await.expect("it is removed");

        let viewer = Viewer::Known(house.administrator.clone());
        let mut session = house.desk.store.reader().await.expect("a reader");
        let (touched, subject) = (Touched::default(), "client:portal@1.2");
        let rows = audit::of_subject(&mut session, &viewer, &touched, subject, None, 10).await;
        let actions: Vec<_> =
            rows.expect("the store answers").into_iter().map(|row| row.action).collect();
        assert_eq!(actions, ["client.remove", "client.publishOperations"]);
    }

    async fn published_texts_do_not_make_room_for_others(house: House) {
        house.publish_for("portal@1.2", &[("a", SITES)]).await.expect("it is published");
        let settings = DocumentSettings { most: 1, ..DocumentSettings::default() };
        let node = house.text_node(Viewer::Public, settings, false);
        for number in 0..3 {
            node.leave(&format!("query Q{number} {{ sites {{ key }} }}")).await;
        }

        assert_eq!(sites(&house.strict(Viewer::Public).by_id("a").await), 3);
    }
}
