//! What one address or one token may ask for in a minute, in points: a question costs what its
//! limits count (`limits::cost`), and asking at all costs a little, also for an answer that is
//! kept.
//!
//! A budget is a leaking bucket of one minute's points, kept as one moment for each who asks:
//! when the bucket will be empty again. Whoever has a point left may ask, and what one question
//! takes beyond that is owed; nobody ever owes more than one minute. Each node counts by itself.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue},
};
use metrics::counter;
use schema::ids::TokenId;

use super::refusal::Refusal;
use crate::{
    authentication::PresentedToken,
    http::{ClientAddress, neighbourhood},
};

/// What asking costs, whatever is asked.
pub(crate) const ASKING: u64 = 1;
/// The code of the refusal.
pub(crate) const CODE: &str = "BUDGET_SPENT";
/// Name of the counter of questions that were refused because a budget was spent.
pub(crate) const SPENT: &str = "gongbao_content_budget_spent_total";

const MINUTE: Duration = Duration::from_secs(60);
/// So that few wait for one another.
const SHARDS: usize = 16;
/// Who is remembered in one shard. Beyond that all are forgotten: forgetting is safer than
/// growing without end.
const MOST_IN_SHARD: usize = 4_096;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Who pays for a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// An IPv4 address, or an IPv6 network of 64 bits.
    Network(Option<IpAddr>),
    /// A token, wherever it is presented.
    Token(TokenId),
    /// All together.
    Everybody,
}

impl Who {
    /// The network that an address lies in.
    pub(crate) fn at(address: Option<IpAddr>) -> Self {
        Self::Network(address.map(neighbourhood))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Network(_) => "address",
            Self::Token(_) => "token",
            Self::Everybody => "all",
        }
    }
}

/// In how many seconds somebody may ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryAfter(pub(crate) u32);

impl RetryAfter {
    /// As it is told.
    pub(crate) fn refusal(self) -> Refusal {
        let Self(seconds) = self;
        counter!(SPENT).increment(1);
        Refusal::new(
            CODE,
            format!("查询过多，本分钟的额度已用完：请在 {seconds} 秒后再试"),
            format!("too much was asked for in this minute: try again in {seconds} seconds"),
        )
    }
}

/// So many points in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    points: u64,
    window: u64,
    /// Nanoseconds that make up for one point.
    each: u64,
}

impl Rate {
    /// `None` for no points, which means that nothing is counted.
    pub(crate) fn of(points: u32, window: Duration) -> Option<Self> {
        let window = nanoseconds(window);
        let each = window.checked_div(points.into())?.max(1);
        Some(Self { points: points.into(), window, each })
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The buckets of all who asked lately: until when what they took counts. Who it is is kept as a
/// hash alone, under a key of this process: it is hashed once, and nobody can aim at a neighbour.
#[derive(Debug)]
pub(crate) struct Buckets {
    began: Instant,
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

type Shard = HashMap<u64, u64, BuildHasherDefault<AsItIs>>;

/// Of what is a hash already.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Default for Buckets {
    fn default() -> Self {
        Self { began: Instant::now(), hasher: RandomState::new(), shards: Default::default() }
    }
}

impl Buckets {
    /// Takes `points` from what `who` has left.
    pub(crate) fn take(&self, who: Who, points: u64, rate: Rate) -> Result<(), RetryAfter> {
        self.take_at(who, points, rate, self.now())
    }

    fn now(&self) -> u64 {
        nanoseconds(self.began.elapsed())
    }

    fn take_at(&self, who: Who, points: u64, rate: Rate, now: u64) -> Result<(), RetryAfter> {
        let (mut shard, who) = self.shard(who);
        if let Some(until) = shard.get_mut(&who) {
            let ahead = until.saturating_sub(now);
            let over = (ahead + rate.each).saturating_sub(rate.window);
            if over > 0 {
                let seconds = over.div_ceil(1_000_000_000);
                return Err(RetryAfter(u32::try_from(seconds).unwrap_or(u32::MAX)));
            }
            *until = after(now, ahead, points, rate);
            return Ok(());
        }
        if shard.len() >= MOST_IN_SHARD {
            shard.retain(|_, until| *until > now);
        }
        if shard.len() >= MOST_IN_SHARD {
            shard.clear();
        }
        shard.insert(who, after(now, 0, points, rate));
        Ok(())
    }

    /// The points that `who` has left, and in how many seconds it will have all.
    fn left_at(&self, who: Who, rate: Rate, now: u64) -> (u64, u64) {
        let (shard, who) = self.shard(who);
        let ahead = shard.get(&who).map_or(0, |until| until.saturating_sub(now));
        let left = rate.window.saturating_sub(ahead) / rate.each;
        (left.min(rate.points), ahead.div_ceil(1_000_000_000))
    }

    fn shard(&self, who: Who) -> (MutexGuard<'_, Shard>, u64) {
        let hash = self.hasher.hash_one(who);
        // The map takes the lowest and the highest bits.
        let shard = usize::try_from(hash >> 32 & 0xffff).unwrap_or(0) % SHARDS;
        (self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner), hash)
    }
}

fn after(now: u64, ahead: u64, points: u64, rate: Rate) -> u64 {
    let ahead = ahead.saturating_add(points.saturating_mul(rate.each));
    now.saturating_add(ahead.min(2 * rate.window - rate.each))
}

/// The budgets of one node. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budgets(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    address: Option<Rate>,
    token: Option<Rate>,
    buckets: Buckets,
}

impl Budgets {
    /// Budgets of so many points a minute; 0 counts nothing.
    pub(crate) fn new(per_address: u32, per_token: u32) -> Self {
        Self(Arc::new(Inner {
            address: Rate::of(per_address, MINUTE),
            token: Rate::of(per_token, MINUTE),
            buckets: Buckets::default(),
        }))
    }

    /// Takes `points` from what `who` has left in this minute.
    pub(crate) fn take(&self, who: Who, points: u64) -> Result<(), RetryAfter> {
        match self.rate(who) {
            Some(rate) => self.0.buckets.take(who, points, rate),
            None => Ok(()),
        }
    }

    fn rate(&self, who: Who) -> Option<Rate> {
        match who {
            Who::Network(_) => self.0.address,
            Who::Token(_) => self.0.token,
            Who::Everybody => None,
        }
    }

    /// Says in `headers` what `who` has left (draft-ietf-httpapi-ratelimit-headers).
    fn tell(&self, who: Who, headers: &mut HeaderMap) {
        let Some(rate) = self.rate(who) else { return };
        let (left, seconds) = self.0.buckets.left_at(who, rate, self.0.buckets.now());
        let (name, points) = (who.name(), rate.points);
        let window = MINUTE.as_secs();
        for (header, value) in [
            (RATE_LIMIT_POLICY, format!("\"{name}\";q={points};w={window};qu=\"points\"")),
            (RATE_LIMIT, format!("\"{name}\";r={left};t={seconds}")),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(header, value);
            }
        }
    }
}

/// Who pays for a question, and out of which budgets. Without one nobody is charged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Payer(Option<(Budgets, Who)>);

impl Payer {
    /// The token that `request` presents, else the address that it comes from.
    pub(crate) fn of(budgets: Option<&Budgets>, request: &Request) -> Self {
        let token = request.extensions().get::<PresentedToken>();
        let address = request.extensions().get::<ClientAddress>();
        let who = match (token, address) {
            (Some(PresentedToken(token)), _) => Some(Who::Token(*token)),
            (None, Some(ClientAddress(address))) => Some(Who::at(*address)),
            (None, None) => None,
        };
        Self(budgets.cloned().zip(who))
    }

    /// Takes `points` from what is left.
    ///
    /// # Errors
    /// When nothing was left.
    pub(crate) fn pay(&self, points: u64) -> Result<(), Refusal> {
        let Some((budgets, who)) = &self.0 else { return Ok(()) };
        budgets.take(*who, points).map_err(RetryAfter::refusal)
    }

    /// In how many seconds something can be paid again; `None` when it can be now.
    pub(crate) fn wait(&self) -> Option<u32> {
        let (budgets, who) = self.0.as_ref()?;
        budgets.take(*who, 0).err().map(|RetryAfter(seconds)| seconds)
    }

    /// Who it is.
    pub(crate) fn who(&self) -> Option<Who> {
        self.0.as_ref().map(|(_, who)| *who)
    }

    /// Says in `headers` what is left.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        if let Some((budgets, who)) = &self.0 {
            budgets.tell(*who, headers);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn at(address: &str) -> Who {
        Who::at(Some(address.parse().expect("an address")))
    }

    fn rate(points: u32) -> Rate {
        Rate::of(points, MINUTE).expect("a rate")
    }

    #[test]
    fn a_minutes_points_may_be_taken_at_once_and_come_back_bit_by_bit() {
        let (buckets, rate) = (Buckets::default(), rate(60));
        let somebody = at("192.0.2.7");

        for _ in 0..6 {
            assert_eq!(buckets.take_at(somebody, 10, rate, 0), Ok(()));
        }
        assert_eq!(buckets.left_at(somebody, rate, 0), (0, 60));
        assert_eq!(buckets.take_at(somebody, 1, rate, 0), Err(RetryAfter(1)));
        assert_eq!(buckets.take_at(at("192.0.2.8"), 1, rate, 0), Ok(()), "nobody else waits");

        assert_eq!(buckets.left_at(somebody, rate, 10 * SECOND), (10, 50));
        assert_eq!(buckets.take_at(somebody, 10, rate, 10 * SECOND), Ok(()));
        assert_eq!(buckets.left_at(somebody, rate, 70 * SECOND), (60, 0));
    }

    #[test]
    fn one_question_may_take_more_than_is_left_and_nobody_owes_more_than_a_minute() {
        let (buckets, rate) = (Buckets::default(), rate(60));
        let somebody = at("192.0.2.7");

        assert_eq!(buckets.take_at(somebody, 20_000, rate, 0), Ok(()));

        assert_eq!(buckets.take_at(somebody, 1, rate, 0), Err(RetryAfter(60)));
        assert_eq!(buckets.take_at(somebody, 1, rate, 59 * SECOND), Err(RetryAfter(1)));
        assert_eq!(buckets.take_at(somebody, 1, rate, 61 * SECOND), Ok(()));
    }

    #[test]
    fn a_subscriber_with_many_addresses_is_one() {
        let (buckets, rate) = (Buckets::default(), rate(2));

        assert_eq!(buckets.take_at(at("2001:db8:1:2::1"), 2, rate, 0), Ok(()));

        assert!(buckets.take_at(at("2001:db8:1:2:ffff::9"), 1, rate, 0).is_err());
        assert_eq!(buckets.take_at(at("2001:db8:1:3::1"), 1, rate, 0), Ok(()));
        assert_eq!(buckets.take_at(at("192.0.2.7"), 2, rate, 0), Ok(()));
        assert!(buckets.take_at(at("::ffff:192.0.2.7"), 1, rate, 0).is_err());
    }

    #[test]
    fn whoever_comes_how_many_are_remembered_is_bounded() {
        let (buckets, rate) = (Buckets::default(), rate(60));

        for number in 0..200_000_u32 {
            let who = Who::at(Some(IpAddr::from(number.to_be_bytes())));
            assert_eq!(buckets.take_at(who, 60, rate, 0), Ok(()));
        }

        let remembered: usize =
            buckets.shards.iter().map(|shard| shard.lock().expect("a shard").len()).sum();
        assert!((1..=SHARDS * MOST_IN_SHARD).contains(&remembered), "{remembered}");
    }

    #[test]
    fn no_points_are_no_budget() {
        let budgets = Budgets::new(0, 1);
        let token = Who::Token(uuid::Uuid::from_u128(7).into());

        for _ in 0..1_000 {
            assert_eq!(budgets.take(at("192.0.2.7"), 1_000_000), Ok(()));
        }
        assert_eq!(budgets.take(token, 1), Ok(()));
        assert!(matches!(budgets.take(token, 1), Err(RetryAfter(1..=60))));
    }

    #[test]
    fn what_is_left_is_told() {
        let budgets = Budgets::new(600, 0);
        let somebody = at("192.0.2.7");
        let mut headers = HeaderMap::new();

        budgets.take(somebody, 5_000).expect("it has a minute's points");
        budgets.tell(somebody, &mut headers);

        assert_eq!(headers[RATE_LIMIT_POLICY], "\"address\";q=600;w=60;qu=\"points\"");
        let left = headers[RATE_LIMIT].to_str().expect("a text");
        assert!(left.starts_with("\"address\";r=0;t="), "{left}");
    }
}
