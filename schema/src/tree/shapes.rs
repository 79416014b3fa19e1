//! The shapes of codes, hosts and addresses, as far as one value alone can show them.

/// Whether `code` has the shape of a region code: 6 digits to the county, 9 to the township,
/// 12 to the village.
pub fn is_region_code(code: &str) -> bool {
    matches!(code.len(), 6 | 9 | 12) && code.bytes().all(|digit| digit.is_ascii_digit())
}

/// The alphabet of GB 32100, which leaves out what is misread.
pub(super) fn is_credit_code(code: &str) -> bool {
    code.len() == 18
        && code.bytes().all(|letter| {
            letter.is_ascii_digit() || (letter.is_ascii_uppercase() && !b"IOSVZ".contains(&letter))
        })
}

pub(super) fn is_site_code(code: &str) -> bool {
    let digits = code.strip_prefix("bm").unwrap_or(code);
    let wanted = if digits.len() == code.len() { 10 } else { 8 };
    digits.len() == wanted && digits.bytes().all(|digit| digit.is_ascii_digit())
}

pub(super) fn is_host(host: &str) -> bool {
    host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|letter| {
                    letter == '-' || (letter.is_alphanumeric() && !letter.is_ascii_uppercase())
                })
        })
}

pub(super) fn is_origin(origin: &str) -> bool {
    let Some(rest) = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))
    else {
        return false;
    };
    match rest.split_once(':') {
        Some((host, port)) => {
            is_host(host) && !port.starts_with('0') && port.parse::<u16>().is_ok()
        }
        None => is_host(rest),
    }
}

/// A path of the site itself, or an absolute address. `//host` is neither.
pub(super) fn is_address(address: &str) -> bool {
    let plain = address.len() <= 2000
        && !address
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control() || letter == '\\');
    let own = address.starts_with('/') && !address.starts_with("//");
    let absolute = ["https://", "http://"]
        .into_iter()
        .filter_map(|scheme| address.strip_prefix(scheme))
        .any(|rest| rest.starts_with(char::is_alphanumeric));
    plain && (own || absolute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_hosts_and_origins_have_their_shapes() {
        for right in ["3100000087", "bm64130001"] {
            assert!(is_site_code(right), "{right}");
        }
        for wrong in ["", "310000008", "bm641300", "bm6413000x", "31000000870"] {
            assert!(!is_site_code(wrong), "{wrong}");
        }
        for right in ["www.lanqiao.gov.cn", "政府.政务", "localhost"] {
            assert!(is_host(right), "{right}");
        }
        for wrong in ["", "https://a.cn", "a.cn/", "a..cn", "-a.cn", "a.cn:80", "WWW.A.CN"] {
            assert!(!is_host(wrong), "{wrong}");
        }
        for wrong in [
            "a.cn",
            "https://",
            "https://a.cn/",
            "https://a.cn:0",
            "https://a.cn:99999",
            "ftp://a.cn",
        ] {
            assert!(!is_origin(wrong), "{wrong}");
        }
        assert!(is_credit_code("11990000MB1234567X"));
        assert!(!is_credit_code("11990000MB123456OX"), "the letter O is not in the alphabet");
    }
}
