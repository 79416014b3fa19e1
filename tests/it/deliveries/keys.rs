//! Signatures as a receiver checks them, and the day in which two keys hold.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use editorial::{ports::Shown, targets};
use ring::{
    hmac,
    signature::{ED25519, UnparsedPublicKey},
};
use schema::parameters::Clock as _;

use super::{
    post::{Post, post, target},
    receiver::{Received, Receiver},
};

fn shown<'s>(all: &'s [Shown], name: &str) -> &'s str {
    &all.iter().find(|shown| shown.name == name).expect("it is shown").value
}

fn signed(call: &Received) -> Vec<u8> {
    let head = format!("{}.{}.", call.header("webhook-id"), call.header("webhook-timestamp"));
    [head.as_bytes(), &call.body].concat()
}

/// Whether one of the signatures is by these keys, in both ways.
pub fn verifies(call: &Received, keys: &[Shown]) -> bool {
    let given = |version: &str| -> Vec<Vec<u8>> {
        let all = call.header("webhook-signature").split(' ');
        all.filter_map(|one| one.strip_prefix(version))
            .map(|one| STANDARD.decode(one).expect("base64"))
            .collect()
    };
    let secret = STANDARD.decode(shown(keys, "secret").trim_start_matches("whsec_"));
    let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret.expect("base64"));
    let public = STANDARD.decode(shown(keys, "publicKey").trim_start_matches("whpk_"));
    let public = UnparsedPublicKey::new(&ED25519, public.expect("base64"));
    given("v1,").iter().any(|tag| hmac::verify(&secret, &signed(call), tag).is_ok())
        && given("v1a,").iter().any(|one| public.verify(&signed(call), one).is_ok())
}

test_harness::on_both_databases! {
    with post;

    async fn a_receiver_can_check_both_signatures_and_old_keys_hold_for_a_day(post: Post) {
        let receiver = Receiver::start().await;
        let new = target("app", &receiver.url(), receiver.address.port());
        let old = post.create(new).await.expect("it is created").shown;
        post.house.live_article("甲").await;
        post.settle().await;
        let rotated = post
            .house
            .act(async |work| targets::rotate_secret(&*post.channels, work, "app", None).await)
            .await
            .expect("the keys are changed")
            .shown;
        post.house.live_article("乙").await;
        post.settle().await;
        post.turn(25 * 3_600);
        post.house.live_article("丙").await;
        post.settle().await;

        let [before, between, after] = &receiver.received()[..] else { panic!("three calls") };
        let by = |keys| [before, between, after].map(|call| verifies(call, keys));
        assert_eq!(by(&old), [true, true, false]);
        assert_eq!(by(&rotated), [false, true, true]);
        let mut changed = before.clone();
        changed.body[0] ^= 1;
        assert!(!verifies(&changed, &old));
        let at = before.header("webhook-timestamp").parse::<i64>().expect("seconds");
        assert_eq!(at, post.clock.now().as_second() - 25 * 3_600);
        assert!(!before.header("webhook-id").contains('.'));
    }

    async fn secrets_are_kept_sealed_and_open_under_their_key_alone(post: Post) {
        let receiver = Receiver::start().await;
        let new = target("app", &receiver.url(), receiver.address.port());
        let made = post.create(new).await.expect("it is created");
        let secret = shown(&made.shown, "secret").trim_start_matches("whsec_").to_owned();
        let raw = STANDARD.decode(&secret).expect("base64");

        let kept = post.target("app").await.secrets.expect("secrets");
        for part in [secret.as_bytes(), &raw] {
            assert!(!kept.windows(part.len()).any(|bytes| bytes == part));
        }
        post.house.tamper("UPDATE target SET key = 'other'").await;
        post.house.live_article("甲").await;
        assert_eq!(post.settle().await, 1, "the name is not what binds them");
        assert_eq!(receiver.received().len(), 1);
    }

    async fn a_test_call_is_harmless_and_explained(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([super::receiver::Answer::Status(200), super::receiver::Answer::Status(401)]);
        let administrator = &post.house.administrator;

        let test = || targets::test(&post.desk, &*post.channels, administrator, "app");
        let good = test().await.expect("it is made");
        let bad = test().await.expect("it is made");

        assert_eq!((good.class.as_str(), good.status), ("ok", Some(200)));
        assert_eq!(bad.class.as_str(), "auth");
        assert!(bad.explanation.zh.contains("401"));
        assert_eq!(receiver.received()[0].json()["type"], "gongbao.test");
        let target = post.target("app").await;
        assert_eq!(target.state, schema::delivery::TargetState::Enabled, "a test pauses nothing");
    }
}
