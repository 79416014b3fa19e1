//! Ranges of addresses, as settings name them: `10.0.0.0/8`, `2001:db8::/32`, `127.0.0.1`.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;

/// A range of addresses; a single address is a range of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

/// A text was not a range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an address or a range such as 10.0.0.0/8")]
pub struct NotANetwork(String);

impl Network {
    /// Whether `address` lies within, also where a socket tells IPv4 in the form of IPv6.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let text = text.trim();
        let range =
            text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        match range {
            Some(range) => Ok(Self(range.trunc())),
            None => Err(NotANetwork(text.chars().take(80).collect())),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_lies_in_its_range_however_it_is_told() {
        let network: Network = "10.1.0.0/16".parse().expect("a range");
        for (address, inside) in
            [("10.1.2.3", true), ("::ffff:10.1.2.3", true), ("10.2.0.1", false), ("::1", false)]
        {
            assert_eq!(network.contains(address.parse().expect("an address")), inside, "{address}");
        }
        let one: Network = "2001:db8::7".parse().expect("an address");
        assert!(one.contains("2001:db8::7".parse().expect("an address")));
        assert!(!one.contains("2001:db8::8".parse().expect("an address")));
    }

    #[test]
    fn a_range_is_shown_as_it_is_kept() {
        for (text, shown) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            (" 127.0.0.1 ", "127.0.0.1/32"),
            ("2001:db8::/32", "2001:db8::/32"),
        ] {
            assert_eq!(text.parse::<Network>().expect("a range").to_string(), shown);
        }
        for wrong in ["", "10.0.0.0/33", "::/129", "localhost", "10.0.0.0/-1", "10.0.0.0/8/8"] {
            wrong.parse::<Network>().unwrap_err();
        }
    }
}
