//! What is never dialled, whatever a target's address says.

use editorial::{Refusal, targets::NewTarget};
use schema::delivery::{Class, DeliveryState, Reach};

use super::{
    post::{Post, post, target},
    receiver::Receiver,
};

fn by_name(name: &str, receiver: &Receiver, ranges: &[&str]) -> NewTarget {
    let port = receiver.address.port();
    let address = format!("http://{name}:{port}/in");
    let ranges = ranges.iter().map(|range| (*range).to_owned()).collect();
    let reach = Reach { ranges, http: true, ports: vec![port] };
    NewTarget { reach, ..target("app", &address, port) }
}

test_harness::on_both_databases! {
    with post;

    async fn an_address_that_is_not_dialled_is_refused_when_a_target_is_made(post: Post) {
        let odd = ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:7f00:1]",
            "[::1]", "169.254.169.254", "10.0.0.7", "%31%32%37.0.0.1", "metadata.google.internal"];
        for host in odd {
            let mut new = target("app", &format!("https://{host}/in"), 443);
            new.reach = Reach::default();
            let refused = post.create(new).await.expect_err(host);
            let Refusal::Invalid(faults) = refused else { panic!("{host}: {refused:?}") };
            assert_eq!(faults[0].code, "not_dialled", "{host}");
        }
    }

    async fn a_name_that_leads_inside_is_not_followed(post: Post) {
        let receiver = Receiver::start().await;
        for (index, name) in ["inside.example", "half-inside.example", "receiver.example"]
            .into_iter()
            .enumerate()
        {
            let new = NewTarget { key: format!("app-{index}"), ..by_name(name, &receiver, &[]) };
            post.create(new).await.expect("a name alone says nothing");
        }
        let document = post.house.live_article("甲").await;

        post.settle().await;

        assert_eq!(receiver.received(), []);
        for key in ["app-0", "app-1", "app-2"] {
            assert_eq!(post.states(key, &document).await, [DeliveryState::Parked], "{key}");
            let last = post.tries(key, &document).await.pop().expect("a try");
            assert_eq!(last.class, Some(Class::Blocked), "{key}");
        }
    }

    async fn a_range_that_an_administrator_allowed_is_dialled_by_its_name(post: Post) {
        let receiver = Receiver::start().await;
        let new = by_name("receiver.example", &receiver, &["127.0.0.0/8"]);
        post.create(new).await.expect("it is created");
        post.house.live_article("甲").await;

        post.settle().await;

        let [call] = &receiver.received()[..] else { panic!("one call") };
        let host = format!("receiver.example:{}", receiver.address.port());
        assert_eq!(call.header("host"), host, "the name is kept");
    }

    async fn a_name_that_cannot_be_resolved_is_a_target_that_is_down(post: Post) {
        let receiver = Receiver::start().await;
        post.create(by_name("nowhere.example", &receiver, &[])).await.expect("it is created");
        let document = post.house.live_article("甲").await;

        post.settle().await;

        assert_eq!(post.states("app", &document).await, [DeliveryState::Pending]);
        let last = post.tries("app", &document).await.pop().expect("a try");
        assert_eq!(last.class, Some(Class::TargetDown));
    }
}
