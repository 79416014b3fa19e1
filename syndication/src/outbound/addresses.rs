//! Which addresses are dialled: public ones over https, and what an administrator allowed for
//! one target beyond them.
//!
//! Ranges: the special-purpose registries of IANA (RFC 6890 and successors), and the metadata
//! services of clouds. Of IPv6 only global unicast is dialled at all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use schema::{delivery::Reach, message::Fault};
use url::{Host, Url};

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6(a: u16, b: u16, c: u16, bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), bits)
}

const REFUSED_V4: [Ipv4Net; 20] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(168, 63, 129, 16, 32),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 31, 196, 0, 24),
    v4(192, 52, 193, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(192, 175, 48, 0, 24),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
    v4(255, 255, 255, 255, 32),
];
const ALLOWED_V6: Ipv6Net = v6(0x2000, 0, 0, 3);
const REFUSED_V6: [Ipv6Net; 5] = [
    v6(0x2001, 0, 0, 23),
    v6(0x2001, 0xdb8, 0, 32),
    v6(0x2002, 0, 0, 16),
    v6(0x2620, 0x4f, 0x8000, 48),
    v6(0x3fff, 0, 0, 20),
];
/// Names under which clouds serve their machines' credentials.
const METADATA: [&str; 6] = [
    "instance-data",
    "instance-data.ec2.internal",
    "metadata",
    "metadata.goog",
    "metadata.google.internal",
    "metadata.tencentyun.com",
];
const LONGEST: usize = 2_000;

/// What may be dialled for one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    ranges: Vec<IpNet>,
    http: bool,
    ports: Vec<u16>,
}

/// Why an address is not dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It cannot be read as an address.
    #[error("this is not an http(s) address")]
    NotAnAddress,
    /// It is not https, and http was not allowed.
    #[error("only https is dialled, unless http is allowed for the target")]
    Scheme,
    /// It carries a user name or password.
    #[error("an address with a user name or password is not dialled")]
    UserInfo,
    /// The port was not allowed.
    #[error("this port is not dialled, unless it is allowed for the target")]
    Port,
    /// It points into a range that is not public, and was not allowed.
    #[error("the address lies in a range that is not public: {0}")]
    Range(IpAddr),
    /// A name under which a cloud serves credentials.
    #[error("this host name belongs to a cloud's metadata service")]
    Metadata,
}

impl Rules {
    /// The rules for a target.
    ///
    /// # Errors
    /// A range that is not in CIDR notation.
    pub fn of(reach: &Reach) -> Result<Self, Fault> {
        let ranges = reach.ranges.iter().enumerate().map(|(index, range)| {
            let parsed: Option<IpNet> =
                range.parse().ok().or_else(|| range.parse::<IpAddr>().ok().map(IpNet::from));
            parsed.ok_or_else(|| {
                Fault::new(
                    format!("reach.ranges[{index}]"),
                    "not_a_range",
                    format!("“{range}”不是地址段，应写作 10.20.0.0/16 这样的形式"),
                    format!("{range:?} is not an address range: write it as 10.20.0.0/16"),
                )
            })
        });
        Ok(Self {
            ranges: ranges.collect::<Result<_, _>>()?,
            http: reach.http,
            ports: reach.ports.clone(),
        })
    }

    /// Reads an address as it is written. Every odd spelling of a host is brought to one form
    /// by the parser (WHATWG) before it is looked at.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn read(&self, address: &str) -> Result<Url, Refused> {
        if address.len() > LONGEST || address.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Refused::NotAnAddress);
        }
        let url = Url::parse(address).map_err(|_| Refused::NotAnAddress)?;
        match url.scheme() {
            "https" => {}
            "http" if self.http => {}
            "http" => return Err(Refused::Scheme),
            _ => return Err(Refused::NotAnAddress),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::UserInfo);
        }
        let default = url.port().is_none();
        if !default && !url.port().is_some_and(|port| self.ports.contains(&port)) {
            return Err(Refused::Port);
        }
        match url.host().ok_or(Refused::NotAnAddress)? {
            Host::Ipv4(address) => self.check(address.into())?,
            Host::Ipv6(address) => self.check(address.into())?,
            Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                if METADATA.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                    return Err(Refused::Metadata);
                }
                if name.is_empty() {
                    return Err(Refused::NotAnAddress);
                }
            }
        }
        Ok(url)
    }

    /// Checks one resolved, or connected, address.
    ///
    /// # Errors
    /// [`Refused::Range`].
    pub fn check(&self, address: IpAddr) -> Result<(), Refused> {
        let address = address.to_canonical();
        let public = match address {
            IpAddr::V4(v4) => !REFUSED_V4.iter().any(|range| range.contains(&v4)),
            IpAddr::V6(v6) => {
                ALLOWED_V6.contains(&v6) && !REFUSED_V6.iter().any(|range| range.contains(&v6))
            }
        };
        if public || self.ranges.iter().any(|range| range.contains(&address)) {
            Ok(())
        } else {
            Err(Refused::Range(address))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Rules {
        Rules::default()
    }

    fn anywhere_by_http() -> Rules {
        Rules { ranges: Vec::new(), http: true, ports: vec![8080] }
    }

    #[test]
    fn plain_public_addresses_are_dialled() {
        for address in [
            "https://hooks.example.org/in",
            "https://1.1.1.1/",
            "https://[2606:4700:4700::1111]/",
            "https://政府.example/投放",
            "https://hooks.example.org:443/in?x=1",
        ] {
            assert!(public().read(address).is_ok(), "{address}");
        }
    }

    #[test]
    fn every_refused_range_is_refused_at_both_ends() {
        let table = [
            ("0.0.0.0", "0.255.255.255"),
            ("10.0.0.0", "10.255.255.255"),
            ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"),
            ("168.63.129.16", "168.63.129.16"),
            ("169.254.0.0", "169.254.255.255"),
            ("172.16.0.0", "172.31.255.255"),
            ("192.0.0.0", "192.0.0.255"),
            ("192.0.2.0", "192.0.2.255"),
            ("192.31.196.0", "192.31.196.255"),
            ("192.52.193.0", "192.52.193.255"),
            ("192.88.99.0", "192.88.99.255"),
            ("192.168.0.0", "192.168.255.255"),
            ("192.175.48.0", "192.175.48.255"),
            ("198.18.0.0", "198.19.255.255"),
            ("198.51.100.0", "198.51.100.255"),
            ("203.0.113.0", "203.0.113.255"),
            ("224.0.0.0", "239.255.255.255"),
            ("240.0.0.0", "255.255.255.255"),
            ("::", "::"),
            ("::1", "::1"),
            ("::7f00:1", "::ffff"),
            ("64:ff9b::1", "64:ff9b::ffff:ffff"),
            ("64:ff9b:1::", "64:ff9b:1:ffff::"),
            ("100::1", "100::ffff"),
            ("2001::", "2001:1ff:ffff::"),
            ("2001:db8::", "2001:db8:ffff::"),
            ("2002::", "2002:ffff::"),
            ("2620:4f:8000::", "2620:4f:8000:ffff::"),
            ("3fff::", "3fff:fff::"),
            ("5f00::", "5f00::1"),
            ("fc00::", "fdff::"),
            ("fd00:ec2::254", "fd00:ec2::254"),
            ("fe80::", "febf::"),
            ("fec0::", "feff::"),
            ("ff00::", "ffff::"),
            ("::ffff:127.0.0.1", "::ffff:10.1.2.3"),
        ];
        for (first, last) in table {
            for address in [first, last] {
                let parsed: IpAddr = address.parse().expect("an address");
                assert!(public().check(parsed).is_err(), "{address}");
            }
        }
        for neighbour in [
            "9.255.255.255",
            "11.0.0.0",
            "100.128.0.0",
            "172.32.0.0",
            "192.0.1.0",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::",
            "2003::1",
            "3ffe::1",
        ] {
            assert!(public().check(neighbour.parse().expect("an address")).is_ok(), "{neighbour}");
        }
    }

    #[test]
    fn odd_spellings_of_a_refused_address_are_seen_through() {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "017700000001",
            "0177.0.0.1",
            "127.0.0.1.",
            "%31%32%37.0.0.1",
            "127%2e0%2E0%2e1",
            "１２７.0.0.1",
            "127。0。0。1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[0:0:0:0:0:ffff:a9fe:a9fe]",
            "[64:ff9b::7f00:1]",
            "[fe80::1]",
            "0",
            "0.0.0.0",
            "169.254.169.254",
            "[fd00:ec2::254]",
            "0xA9FEA9FE",
        ] {
            let read = anywhere_by_http().read(&format!("http://{host}/"));
            assert!(matches!(read, Err(Refused::Range(_))), "{host}: {read:?}");
        }
    }

    #[test]
    fn everything_but_plain_https_is_refused() {
        let table = [
            ("http://hooks.example.org/", Refused::Scheme),
            ("ftp://hooks.example.org/", Refused::NotAnAddress),
            ("file:///etc/passwd", Refused::NotAnAddress),
            ("gopher://hooks.example.org/", Refused::NotAnAddress),
            ("https://user@hooks.example.org/", Refused::UserInfo),
            ("https://user:pass@hooks.example.org/", Refused::UserInfo),
            ("https://hooks.example.org:8443/", Refused::Port),
            ("https://hooks.example.org:22/", Refused::Port),
            ("https://metadata.google.internal/", Refused::Metadata),
            ("https://METADATA.google.internal./", Refused::Metadata),
            ("https://", Refused::NotAnAddress),
            ("https://./", Refused::NotAnAddress),
            ("https://a b/", Refused::NotAnAddress),
            ("https://a\n.example/", Refused::NotAnAddress),
            ("hooks.example.org", Refused::NotAnAddress),
            ("", Refused::NotAnAddress),
        ];
        for (address, refused) in table {
            assert_eq!(public().read(address).map(|_| ()), Err(refused), "{address:?}");
        }
        assert!(anywhere_by_http().read("http://hooks.example.org:8080/").is_ok());
    }

    #[test]
    fn an_allowed_range_is_allowed_and_nothing_beside_it() {
        let reach = Reach { ranges: vec!["10.20.0.0/16".into(), "::1".into()], ..Reach::default() };
        let rules = Rules::of(&reach).expect("the ranges are right");

        assert!(rules.read("https://10.20.3.4/").is_ok());
        assert!(rules.read("https://[::ffff:10.20.3.4]/").is_ok());
        assert!(rules.read("https://[::1]/").is_ok());
        assert!(rules.read("https://10.21.3.4/").is_err());
        assert!(rules.read("https://127.0.0.1/").is_err());
        assert!(Rules::of(&Reach { ranges: vec!["10.20".into()], ..Reach::default() }).is_err());
    }
}
