//! What the content API tells of notices.

use schema::tree::notice::{
    NoticeKind,
    NoticeSeverity::{Blue, Info, Orange, Red},
    NoticeText,
};
use serde_json::json;

use super::{during, said, warning};
use crate::house::{House, house};

fn banner(site: &str) -> String {
    format!("{{ site(key: \"{site}\") {{ notices {{ text {{ zh }} }} }} }}")
}

test_harness::on_both_databases! {
    with house;

    async fn a_site_shows_its_own_notices_and_those_above_the_most_severe_first(house: House) {
        house.put_up("nanhe", warning(Orange, "全省暴雨")).await;
        house.put_up("lanqiao-finance", warning(Orange, "办事大厅积水")).await;
        house.put_up("lanqiao", warning(Red, "南河超警戒水位")).await;
        house.put_up("lanqiao-finance", warning(Info, "系统维护")).await;
        house.put_up("lanqiao-finance", warning(Orange, "改在三楼办理")).await;
        let front = house.front();

        let bureau = front.ask(&banner("lanqiao-finance")).await;
        let city = front.ask(&banner("lanqiao")).await;
        let province = front.ask(&banner("nanhe")).await;

        let expected = ["南河超警戒水位", "改在三楼办理", "办事大厅积水", "全省暴雨", "系统维护"];
        assert_eq!(said(&bureau), expected, "of one severity its own first, the newest of these");
        assert_eq!(said(&city), ["南河超警戒水位", "全省暴雨"]);
        assert_eq!(said(&province), ["全省暴雨"], "nothing from below");
    }

    async fn a_notice_says_what_it_is_and_where_it_comes_from(house: House) {
        let mut wanted = warning(Blue, "高考期间，考点周边交通管制");
        wanted.particulars.kind = NoticeKind::Traffic;
        wanted.particulars.text.en = Some("Roads around examination centres are closed".into());
        wanted.particulars.link = Some("/traffic/exams".into());
        let wanted = during(wanted, "2026-03-01T00:00:00Z", "2026-03-09T10:00:00Z");
        house.put_up("lanqiao", wanted).await;
        let query = "{ site(key: \"lanqiao-finance\") { notices { kind severity text { zh en } link url \
                     startsAt endsAt inForce inherited site { key name { en } } } } }";

        let found = house.front().ask(query).await;

        let expected = json!([{
            "kind": "traffic",
            "severity": "blue",
            "text": {
                "zh": "高考期间，考点周边交通管制",
                "en": "Roads around examination centres are closed",
            },
            "link": "/traffic/exams",
            "url": "https://www.lanqiao.gov.cn/traffic/exams",
            "startsAt": "2026-03-01T00:00:00Z",
            "endsAt": "2026-03-09T10:00:00Z",
            "inForce": true,
            "inherited": true,
            "site": { "key": "lanqiao", "name": { "en": "Lanqiao Municipal Government" } },
        }]);
        assert_eq!(found["site"]["notices"], expected);
    }

    async fn a_notice_without_english_says_so(house: House) {
        house.put_up("lanqiao", warning(Red, "山洪红色预警")).await;

        let query = "{ site(key: \"lanqiao\") { notices { text { zh en } link endsAt inherited } } }";
        let found = house.front().ask(query).await;

        let expected = json!([{
            "text": { "zh": "山洪红色预警", "en": null },
            "link": null,
            "endsAt": null,
            "inherited": false,
        }]);
        assert_eq!(found["site"]["notices"], expected);
    }

    async fn a_notice_appears_and_goes_by_the_clock_alone(house: House) {
        let wanted = warning(Info, "今晚系统维护");
        house.put_up("nanhe", during(wanted, "2026-03-20T14:00:00Z", "2026-03-20T16:00:00Z")).await;
        let front = house.front();
        let upcoming = "{ site(key: \"lanqiao\") { notices(upcoming: true) { text { zh } inForce } } }";
        for (now, is_shown, is_told) in [
            ("2026-03-13T13:59:50Z", false, false),
            ("2026-03-13T14:00:00Z", false, true),
            ("2026-03-20T13:59:50Z", false, true),
            ("2026-03-20T14:00:00Z", true, true),
            ("2026-03-20T15:59:50Z", true, true),
            ("2026-03-20T16:00:00Z", false, false),
        ] {
            house.clock.set(now);

            let shown = front.ask(&banner("lanqiao")).await;
            let told = front.ask(upcoming).await;

            assert_eq!(said(&shown).len(), usize::from(is_shown), "{now}");
            assert_eq!(said(&told).len(), usize::from(is_told), "{now}");
            if is_told {
                assert_eq!(told["site"]["notices"][0]["inForce"], is_shown, "{now}");
            }
        }
    }

    async fn all_sites_are_asked_in_as_many_statements_as_one(house: House) {
        house.put_up("nanhe", warning(Info, "全省")).await;
        let front = house.front();
        let many = "{ sites { key notices { text { zh } site { key } } } }";

        let found = front.ask(many).await;
        let of_many = front.statements(many).await;

        for site in found["sites"].as_array().expect("sites") {
            assert_eq!(site["notices"][0]["site"]["key"], "nanhe", "{site}");
        }
        let one = "{ site(key: \"nanhe\") { key notices { text { zh } site { key } } } }";
        assert_eq!(of_many, front.statements(one).await);
    }

    async fn a_site_that_is_put_elsewhere_shows_what_is_told_there(house: House) {
        house.put_up("nanhe", warning(Info, "全省")).await;
        let front = house.keeping_front(&house.desk.store);
        assert_eq!(said(&front.ask(&banner("lanqiao")).await), ["全省"]);

        let lanqiao = house.site("lanqiao").await;
        house
            .act(async |work| {
                let site = store::trees::site(work.session(), lanqiao).await?.expect("the site");
                let (seen, particulars) = (site.version, site.particulars);
                editorial::arrange::sites::change_site(
                    &house.desk, work, lanqiao, seen, None, particulars,
                )
                .await
            })
            .await
            .expect("it stands alone");

        assert!(said(&front.ask(&banner("lanqiao")).await).is_empty());
    }

    async fn texts_come_out_as_they_went_in(house: House) {
        let text = "“双抢”<b>&amp; \u{1F4A7}\u{202E}\"'\\";
        let mut wanted = warning(Info, text);
        wanted.particulars.text = NoticeText { zh: text.into(), en: Some(text.into()) };
        house.put_up("lanqiao", wanted).await;

        assert_eq!(said(&house.front().ask(&banner("lanqiao")).await), [text]);
    }
}
