//! One text, many placements: sites of other authorities place it by acts of their own.

use editorial::{
    Refusal,
    documents::{self, PlaceElsewhere, Target},
};
use schema::{
    permission::Role,
    visibility::{EventKind, Visibility},
};
use store::documents::Document;

use crate::house::{House, article, house, now, placed, text, told};

impl House {
    pub(crate) async fn place_on_nanhe(
        &self,
        document: &Document,
    ) -> Result<Option<EventKind>, Refusal> {
        let reading = self.read(document.id).await.expect("it is live");
        let approver = self.on_site(Role::Approver, "nanhe", 50).await;
        let request = PlaceElsewhere {
            target: Target { document: document.id, version: None },
            placement: placed("nanhe", &["news"], Some("/news/from-lanqiao")),
            approved: Some(reading.digest),
        };
        self.act_as(&approver, async |work| {
            documents::place_elsewhere(&self.desk, work, request.clone()).await
        })
        .await
        .map(|(kind, _)| kind)
    }

    async fn shown_on(&self, site: &str, document: &Document) -> bool {
        let site = self.site(site).await;
        let mut session = self.desk.store.reader().await.expect("a reader");
        let placements = store::placements::of_document(&mut session, document.id).await;
        placements
            .expect("an answer")
            .iter()
            .any(|placement| placement.site == site && placement.visibility == Visibility::Live)
    }
}

test_harness::on_both_databases! {
    with house;

    async fn another_authority_places_a_live_text_without_a_copy(house: House) {
        let document = house.live_article("甲").await;

        let kind = house.place_on_nanhe(&document).await.expect("it is placed");
        let again = house.place_on_nanhe(&document).await.expect("placing twice is no error");

        assert_eq!((kind, again), (Some(EventKind::Publish), None));
        let events = house.events().await;
        let (_, event) = events.last().expect("an event");
        assert_eq!(event.site.as_ref().map(|site| site.as_str()), Some("nanhe"));
        assert_eq!((event.left.len(), event.entered.len()), (0, 1));
        assert_eq!(event.edition, 1);
        assert_eq!(house.findings().await, []);
    }

    async fn the_placement_follows_corrections_and_recalls_of_the_owner(house: House) {
        let document = house.live_article("甲").await;
        house.place_on_nanhe(&document).await.expect("it is placed");

        house.correct(&house.seen(document.id).await.expect("live"), text("乙")).await;

        assert!(house.shown_on("nanhe", &document).await);
        let (_, corrected) = house.events().await.pop().expect("an event");
        assert_eq!(corrected.entered.len(), 2, "it stands on both sites");
        house.recall(&document).await;
        let (_, recalled) = house.events().await.pop().expect("an event");
        assert_eq!((recalled.left.len(), recalled.entered.len()), (2, 0));
        assert_eq!(house.findings().await, []);
    }

    async fn its_own_withdrawal_outlives_a_correction_of_the_owner(house: House) {
        let document = house.live_article("甲").await;
        house.place_on_nanhe(&document).await.expect("it is placed");
        let approver = house.on_site(Role::Approver, "nanhe", 50).await;
        let target = Target { document: document.id, version: None };
        let site = crate::house::site_key("nanhe");
        house
            .act_as(&approver, async |work| {
                let notice = told("本站撤下", "Taken down here");
                documents::withdraw_elsewhere(&house.desk, work, target, &site, notice).await
            })
            .await
            .expect("it is withdrawn there");
        house.correct(&house.seen(document.id).await.expect("live"), text("乙")).await;

        assert!(!house.shown_on("nanhe", &document).await);
        assert!(house.shown_on("lanqiao", &document).await);
        let lifted = house.place_on_nanhe(&document).await.expect("it is placed again");
        assert_eq!(lifted, Some(EventKind::Publish));
        assert!(house.shown_on("nanhe", &document).await);
        assert_eq!(house.findings().await, []);
    }

    async fn only_what_is_live_is_placed_and_only_by_those_who_may(house: House) {
        let document = house.live_article("甲").await;
        let stranger = house.on_site(Role::Approver, "lanqiao-finance", 51).await;
        let reading = house.read(document.id).await.expect("it is live");
        let request = PlaceElsewhere {
            target: now(&document),
            placement: placed("nanhe", &["news"], None),
            approved: Some(reading.digest),
        };
        let refusal = house
            .act_as(&stranger, async |work| {
                documents::place_elsewhere(&house.desk, work, request.clone()).await
            })
            .await
            .expect_err("the site is not theirs");
        assert_eq!(refusal.code(), "not_permitted");

        let draft = house.create(article("乙")).await.expect("it is saved");
        let request = PlaceElsewhere { target: now(&draft.document), ..request };
        let refusal = house
            .act(async |work| {
                documents::place_elsewhere(&house.desk, work, request.clone()).await
            })
            .await
            .expect_err("a draft cannot be placed");
        assert_eq!(refusal, Refusal::NotFrom(Visibility::Unpublished));
    }

    async fn an_owner_places_one_text_on_several_of_its_sites(house: House) {
        let mut new = article("甲");
        new.text.placements.push(placed("lanqiao-finance", &["notices"], None));
        let draft = house.create(new).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;
        assert!(house.shown_on("lanqiao-finance", &document).await);

        let moved = house.correct(&document, text("甲")).await;

        assert_eq!(moved.kind, EventKind::Move);
        assert!(!house.shown_on("lanqiao-finance", &document).await);
        assert_eq!(house.findings().await, []);
    }
}
