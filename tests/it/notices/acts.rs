//! Putting up, changing and ending notices: who may, and what it leaves behind.

use editorial::{
    Refusal,
    arrange::notices::{self, WantedNotice},
};
use schema::{
    log::{ArrangedChange, ArrangedThing},
    permission::{Action, Role},
    tree::notice::{MOST_AT_ONCE, NoticeSeverity, SiteNotice},
};
use store::audit;

use super::{during, moment, warning};
use crate::house::{House, house};

fn storm() -> WantedNotice {
    warning(NoticeSeverity::Yellow, "台风黄色预警")
}

impl House {
    async fn changed(
        &self,
        notice: &SiteNotice,
        wanted: WantedNotice,
    ) -> Result<SiteNotice, Refusal> {
        self.act(async |work| {
            notices::change_notice(work, notice.id, notice.version, wanted.clone()).await
        })
        .await
    }
}

test_harness::on_both_databases! {
    with house;

    async fn whoever_arranges_a_site_puts_its_notices_up(house: House) {
        let (lanqiao, nanhe) = (house.site("lanqiao").await, house.site("nanhe").await);
        let administrator = house.on_site(Role::SiteAdministrator, "lanqiao", 7).await;
        let editor = house.on_site(Role::Editor, "lanqiao", 8).await;
        let create = async |actor, site| {
            house.act_as(actor, async |work| notices::create_notice(work, site, storm()).await).await
        };

        let (notice, _) = create(&administrator, lanqiao).await.expect("it is put up");
        let elsewhere = create(&administrator, nanhe).await.map(|_| ());
        let by_editor = create(&editor, lanqiao).await.map(|_| ());
        let ended_by_editor = house
            .act_as(&editor, async |work| notices::end_notice(work, notice.id, None).await)
            .await
            .map(|_| ());

        assert_eq!((notice.version, notice.created_by), (1, administrator.id));
        let refused = Err(Refusal::NotPermitted(Action::Arrange));
        assert_eq!((elsewhere, by_editor), (refused.clone(), refused.clone()));
        assert_eq!(ended_by_editor, refused);
    }

    async fn everything_that_is_wrong_is_said_at_once(house: House) {
        let site = house.site("lanqiao").await;
        let mut wanted = during(storm(), "2026-03-05T00:00:00Z", "2026-03-04T00:00:00Z");
        wanted.particulars.text.zh = "雨".repeat(301);
        wanted.particulars.text.en = Some(String::new());
        wanted.particulars.link = Some("javascript:alert(1)".into());

        let refused =
            house.act(async |work| notices::create_notice(work, site, wanted.clone()).await).await;

        let Err(Refusal::Invalid(faults)) = refused else { panic!("{refused:?}") };
        let codes: Vec<_> = faults.iter().map(|fault| (fault.path.as_str(), fault.code)).collect();
        let expected = [
            ("text.zh", "length"),
            ("text.en", "length"),
            ("link", "not_an_address"),
            ("endsAt", "ends_before_start"),
        ];
        assert_eq!(codes, expected);
    }

    async fn every_act_leaves_an_event_and_an_audit_row(house: House) {
        let notice = house.put_up("lanqiao", storm()).await;
        let changed = house.changed(&notice, warning(NoticeSeverity::Red, "红色")).await.expect("changed");
        let unchanged = house.changed(&changed, warning(NoticeSeverity::Red, "红色")).await.expect("the same");
        house.end(&changed).await;
        let again = house.end(&changed).await;

        assert_eq!((changed.version, unchanged.version, again.version), (2, 2, 3));
        let arranged: Vec<_> = house
            .arrangements()
            .await
            .into_iter()
            .filter(|arrangement| arrangement.what == ArrangedThing::Notice)
            .collect();
        let changes: Vec<_> = arranged.iter().map(|arrangement| arrangement.change).collect();
        assert_eq!(changes, [ArrangedChange::Created, ArrangedChange::Changed, ArrangedChange::Closed]);
        assert!(arranged.iter().all(|of| of.key == format!("lanqiao:{}", notice.id)));
        let mut session = house.desk.store.reader().await.expect("a reader");
        let subject = format!("notice:{}", notice.id);
        let viewer = schema::viewer::Viewer::Known(house.administrator.clone());
        let touched = schema::permission::Touched::default();
        let rows = audit::of_subject(&mut session, &viewer, &touched, &subject, None, 10).await;
        let rows = rows.expect("the audit");
        let actions: Vec<_> = rows.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(actions, ["notice.end", "notice.change", "notice.create"]);
        assert_eq!(house.findings().await, [], "the chain holds");
    }

    async fn a_change_names_what_it_was_made_to(house: House) {
        let notice = house.put_up("lanqiao", storm()).await;
        let changed = house.changed(&notice, warning(NoticeSeverity::Red, "红色")).await.expect("changed");

        let late = house.changed(&notice, warning(NoticeSeverity::Blue, "蓝色")).await;
        let late_end = house
            .act(async |work| notices::end_notice(work, notice.id, Some(notice.version)).await)
            .await;

        for refused in [late, late_end] {
            let Err(Refusal::Stale { expected, actual, .. }) = refused else { panic!("{refused:?}") };
            assert_eq!((expected, actual), (1, 2));
        }
        let ended = house
            .act(async |work| notices::end_notice(work, notice.id, Some(changed.version)).await)
            .await
            .expect("ended");
        assert!(ended.ended_at.is_some());
    }

    async fn what_is_over_stays_as_it_was(house: House) {
        let notice = house.put_up("lanqiao", storm()).await;
        let ended = house.end(&notice).await;
        let timed = during(storm(), "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z");
        let timed = house.put_up("lanqiao", timed).await;
        house.clock.set("2026-03-03T00:00:00Z");

        for over in [&ended, &timed] {
            let refused = house.changed(over, warning(NoticeSeverity::Blue, "又来")).await;
            assert_eq!(refused, Err(Refusal::NoticeOver(over.id)));
        }
        let kept = house.end(&timed).await;
        assert_eq!((kept.version, kept.ended_at), (1, None), "its time had come already");
    }

    async fn a_change_keeps_the_start_unless_it_names_another(house: House) {
        let notice =
            house.put_up("lanqiao", during(storm(), "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z")).await;

        let changed = house.changed(&notice, warning(NoticeSeverity::Blue, "改期")).await.expect("changed");

        assert_eq!(changed.time.starts_at, moment("2026-03-10T00:00:00Z"));
        assert_eq!(changed.time.ends_at, None, "it is the whole that is said anew");
    }

    async fn a_site_has_only_so_many_at_once(house: House) {
        let site = house.site("lanqiao").await;
        let mut last = None;
        for number in 0..MOST_AT_ONCE {
            let wanted = warning(NoticeSeverity::Info, &format!("第{number}条"));
            last = Some(house.put_up("lanqiao", wanted).await);
        }

        let refused = house.act(async |work| notices::create_notice(work, site, storm()).await).await;
        let elsewhere = house.site("nanhe").await;
        let above = house.act(async |work| notices::create_notice(work, elsewhere, storm()).await).await;
        house.end(&last.expect("there are some")).await;
        let again = house.act(async |work| notices::create_notice(work, site, storm()).await).await;

        assert_eq!(refused, Err(Refusal::TooManyNotices("lanqiao".parse().expect("a key"))));
        assert!(above.is_ok() && again.is_ok());
    }

    async fn many_who_put_notices_up_at_once_do_not_pass_the_bound(house: House) {
        let site = house.site("lanqiao").await;
        let mut under_way = Vec::new();
        for _ in 0..MOST_AT_ONCE + 5 {
            let (desk, actor) = (house.desk.clone(), house.administrator.clone());
            under_way.push(tokio::spawn(async move {
                editorial::work!(&desk, &actor, work => notices::create_notice(work, site, storm()).await)
            }));
        }
        let mut done = 0;
        for one in under_way {
            done += usize::from(one.await.expect("it ends").is_ok());
        }

        assert_eq!(done, MOST_AT_ONCE);
    }
}
