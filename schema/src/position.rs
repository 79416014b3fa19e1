//! Positions on the globe as index keys, and the circles they are looked for in.
//!
//! A key is 48 digits: latitude and longitude in millionths of a degree (nine digits each, from
//! 0 at −90° and −180°), then the three coordinates of the point on a globe of radius 2³⁰ (ten
//! digits each, from 0 at −2³⁰). Keys run with the latitude, so an index gives a band of it. And
//! the square of the straight line between two points takes three products of whole numbers, which
//! every database computes alike; a point lies within a distance exactly when that line is no
//! longer than that of the distance.

/// Mean radius of the Earth in metres (IUGG: 6,371,008.8).
const EARTH: f64 = 6_371_008.8;
/// Radius of the globe that keys are made on; one unit is 6 mm.
const GLOBE: f64 = (1_u64 << 30) as f64;
/// Millionths of a degree in a degree.
const MILLIONTHS: f64 = 1e6;

/// Bytes of a key.
pub const KEY_BYTES: usize = 48;
/// Where the digits of the longitude begin in a key, from 1, and how many they are.
pub const LONGITUDE: (usize, usize) = (10, 9);
/// Where the digits of each coordinate begin, from 1; they are ten each.
pub const COORDINATES: [usize; 3] = [19, 29, 39];
/// The largest circle, in metres.
pub const MAX_METRES: u32 = 100_000;

/// The key of a position in degrees, as decimal texts; `None` where it is none on the globe.
pub fn key(latitude: &str, longitude: &str) -> Option<Vec<u8>> {
    let point = Point::parse(latitude, longitude)?;
    let [x, y, z] = point.on_globe();
    let (latitude, longitude) = (point.latitude_digits(), point.longitude_digits());
    Some(format!("{latitude:09}{longitude:09}{x:010}{y:010}{z:010}").into_bytes())
}

#[derive(Clone, Copy)]
struct Point {
    latitude: f64,
    longitude: f64,
}

impl Point {
    fn parse(latitude: &str, longitude: &str) -> Option<Self> {
        let degrees = |text: &str, limit: f64| {
            text.trim().parse().ok().filter(|degrees: &f64| degrees.abs() <= limit)
        };
        Some(Self { latitude: degrees(latitude, 90.0)?, longitude: degrees(longitude, 180.0)? })
    }

    fn latitude_digits(self) -> i64 {
        digits(self.latitude + 90.0)
    }

    fn longitude_digits(self) -> i64 {
        digits(self.longitude + 180.0)
    }

    fn on_globe(self) -> [i64; 3] {
        let (latitude, longitude) = (self.latitude.to_radians(), self.longitude.to_radians());
        let point =
            [latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()];
        point.map(|coordinate| ((coordinate + 1.0) * GLOBE).round() as i64)
    }
}

fn digits(degrees: f64) -> i64 {
    (degrees * MILLIONTHS).round() as i64
}

/// A circle on the ground.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Circle {
    /// The keys of its latitudes begin with this or what comes after it,
    pub from: Vec<u8>,
    /// and before this.
    pub to: Vec<u8>,
    /// The first and the last longitude, as in a key; `None` where it goes round a pole or over
    /// the date line.
    pub longitudes: Option<(Vec<u8>, Vec<u8>)>,
    /// The middle, as in a key.
    pub centre: [i64; 3],
    /// The square of the straight line from the middle to the edge.
    pub line_squared: i64,
}

impl Circle {
    /// The circle of `metres` around a position in degrees; `None` where that is none on the
    /// globe, or the circle larger than [`MAX_METRES`].
    pub fn around(latitude: &str, longitude: &str, metres: u32) -> Option<Self> {
        let centre = Point::parse(latitude, longitude)?;
        if metres > MAX_METRES {
            return None;
        }
        let angle = f64::from(metres) / EARTH;
        let line = 2.0 * (angle / 2.0).sin() * GLOBE;
        // A millionth more on every side, for what was rounded.
        let height = digits(angle.to_degrees()) + 2;
        let latitude = centre.latitude_digits();
        let text = |digits: i64| format!("{:09}", digits.max(0)).into_bytes();
        let width = (angle.sin() / centre.latitude.to_radians().cos()).abs();
        let longitudes = (width < 1.0).then(|| digits(width.asin().to_degrees()) + 2);
        let middle = centre.longitude_digits();
        let longitudes = longitudes.filter(|width| {
            let is_round_pole = latitude - height < 0 || latitude + height > digits(180.0);
            !is_round_pole && middle - width >= 0 && middle + width <= digits(360.0)
        });
        Some(Self {
            from: text(latitude - height),
            to: text(latitude + height + 1),
            longitudes: longitudes.map(|width| (text(middle - width), text(middle + width))),
            centre: centre.on_globe(),
            line_squared: (line * line).ceil() as i64,
        })
    }

    /// The square of the straight line from its middle to the position of `key`, in units of the
    /// globe; `None` for what is no key.
    pub fn line_squared_to(&self, key: &[u8]) -> Option<i64> {
        let number = |at: usize| {
            let digits = key.get(at - 1..at + 9).filter(|_| key.len() == KEY_BYTES)?;
            str::from_utf8(digits).ok()?.parse::<i64>().ok()
        };
        COORDINATES.iter().zip(self.centre).try_fold(0_i64, |sum, (at, centre)| {
            let off = number(*at)?.checked_sub(centre)?;
            sum.checked_add(off.checked_mul(off)?)
        })
    }

    /// How far the position of `key` is from its middle along the ground, in metres; `None` for
    /// what is no key.
    pub fn metres_to(&self, key: &[u8]) -> Option<f64> {
        let half = (self.line_squared_to(key)? as f64).sqrt() / (2.0 * GLOBE);
        Some(2.0 * EARTH * half.min(1.0).asin())
    }

    /// Whether the position of `key` lies in it.
    pub fn holds(&self, key: &[u8]) -> bool {
        let part = |at: usize, length: usize| key.get(at - 1..at - 1 + length);
        key.len() == KEY_BYTES
            && (self.from.as_slice()..self.to.as_slice()).contains(&key)
            && self.longitudes.as_ref().is_none_or(|(first, last)| {
                part(LONGITUDE.0, LONGITUDE.1)
                    .is_some_and(|digits| (first.as_slice()..=last.as_slice()).contains(&digits))
            })
            && self.line_squared_to(key).is_some_and(|line| line <= self.line_squared)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Metres along the ground, by the haversine formula.
    fn metres(a: (f64, f64), b: (f64, f64)) -> f64 {
        let (latitude, other) = (a.0.to_radians(), b.0.to_radians());
        let half = |angle: f64| (angle.to_radians() / 2.0).sin().powi(2);
        let square = half(b.0 - a.0) + latitude.cos() * other.cos() * half(b.1 - a.1);
        2.0 * EARTH * square.sqrt().min(1.0).asin()
    }

    fn key_of(point: (f64, f64)) -> Vec<u8> {
        key(&point.0.to_string(), &point.1.to_string()).expect("on the globe")
    }

    proptest! {
        #[test]
        fn a_circle_holds_what_is_near_and_nothing_else(
            latitude in -90.0..=90.0_f64,
            longitude in -180.0..=180.0_f64,
            radius in 1_u32..=MAX_METRES,
            off in (-1.5..1.5_f64, -1.5..1.5_f64),
        ) {
            let reach = f64::from(radius) / EARTH;
            let narrow = latitude.to_radians().cos().max(1e-6);
            let other = (
                (latitude + off.0 * reach.to_degrees()).clamp(-90.0, 90.0),
                longitude + (off.1 * reach / narrow).to_degrees(),
            );
            prop_assume!(other.1.abs() <= 180.0);
            let circle = Circle::around(&latitude.to_string(), &longitude.to_string(), radius).expect("a circle");

            let distance = metres((latitude, longitude), other);

            // Positions are kept to some millimetres, and latitudes to a decimetre.
            if (distance - f64::from(radius)).abs() > 0.1 {
                prop_assert_eq!(circle.holds(&key_of(other)), distance < f64::from(radius), "{}", distance);
            }
            let told = circle.metres_to(&key_of(other)).expect("a distance");
            prop_assert!((told - distance).abs() < 0.1, "{} {}", told, distance);
        }

        #[test]
        fn keys_run_with_the_latitude(a in -90.0..=90.0_f64, b in -90.0..=90.0_f64) {
            prop_assume!((a - b).abs() > 1e-5);
            prop_assert_eq!(key_of((a, 120.0)) < key_of((b, -20.0)), a < b);
            prop_assert_eq!(key_of((a, b)).len(), KEY_BYTES);
        }
    }

    #[test]
    fn what_is_not_on_the_globe_has_no_key() {
        assert_eq!(key("91", "0"), None);
        assert_eq!(key("0", "180.1"), None);
        assert_eq!(key("NaN", "0"), None);
        assert_eq!(key("north", "0"), None);
        assert_eq!(Circle::around("0", "0", MAX_METRES + 1), None);
    }

    #[test]
    fn a_circle_over_the_date_line_or_a_pole_is_whole() {
        let circle = Circle::around("0", "179.9999", 1_000).expect("a circle");
        assert!(circle.holds(&key_of((0.0, -179.9999))) && !circle.holds(&key_of((0.0, 179.9))));
        let circle = Circle::around("89.9999", "0", 1_000).expect("a circle");
        assert!(circle.holds(&key_of((89.9999, 180.0))));
    }
}
