//! Cleaned HTML as it is sent away: every address in it absolute, since a feed reader has no
//! page that a relative one could be relative to.
//!
//! It relies on the one spelling of cleaned HTML (`schema::rich_text`): `<` and `"` stand only
//! where markup has them, and values stand in double quotes.

use schema::digest::Digest;
use url::Url;

use crate::addresses::Addresses;

const ADDRESS_ATTRIBUTES: [&str; 3] = [" href=\"", " src=\"", " poster=\""];

/// `html`, which stands at `page`, with its addresses made absolute; `name_of` knows what files
/// are called. An address that leads nowhere even there (`//?`) stays as it is.
pub(crate) fn absolute(
    html: &str,
    page: &str,
    addresses: &Addresses,
    name_of: impl Fn(&Digest) -> Option<String>,
) -> String {
    let base = Url::parse(page).ok();
    let resolve = |address: &str| -> String {
        if let Some(digest) = address.strip_prefix("asset:") {
            return match digest.parse::<Digest>() {
                Ok(digest) => {
                    addresses.file(&digest, name_of(&digest).as_deref().unwrap_or("file"))
                }
                Err(_) => address.to_owned(),
            };
        }
        match (Url::parse(address), &base) {
            (Err(url::ParseError::RelativeUrlWithoutBase), Some(base)) => {
                base.join(address).map_or_else(|_| address.to_owned(), String::from)
            }
            _ => address.to_owned(),
        }
    };
    let mut sent = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (text, markup) = rest.split_at(start);
        let end = markup.find('>').map_or(markup.len(), |end| end + 1);
        let (tag, after) = markup.split_at(end);
        sent.push_str(text);
        write_tag(tag, &resolve, &mut sent);
        rest = after;
    }
    sent.push_str(rest);
    sent
}

fn write_tag(tag: &str, resolve: &impl Fn(&str) -> String, sent: &mut String) {
    let mut rest = tag;
    while let Some(start) = rest.find("=\"") {
        let (name, quoted) = rest.split_at(start + 2);
        let (value, after) = quoted.split_at(quoted.find('"').unwrap_or(quoted.len()));
        sent.push_str(name);
        if ADDRESS_ATTRIBUTES.iter().any(|attribute| name.ends_with(attribute)) {
            escape(&resolve(&unescaped(value)), sent);
        } else {
            sent.push_str(value);
        }
        rest = after;
    }
    sent.push_str(rest);
}

fn unescaped(value: &str) -> String {
    value
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

fn escape(value: &str, sent: &mut String) {
    for letter in value.chars() {
        match letter {
            '&' => sent.push_str("&amp;"),
            '<' => sent.push_str("&lt;"),
            '>' => sent.push_str("&gt;"),
            '"' => sent.push_str("&quot;"),
            '\u{a0}' => sent.push_str("&nbsp;"),
            _ => sent.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use schema::rich_text::{clean_html, derive};

    use super::*;
    use crate::addresses::tests::site;

    const PAGE: &str = "https://www.lanqiao.gov.cn/policy/2026/7.html";

    fn sent(html: &str) -> String {
        let cleaned = clean_html(html);
        absolute(&cleaned, PAGE, &Addresses::of(&site(), None), |_| None)
    }

    #[test]
    fn every_kind_of_address_becomes_absolute() {
        for (written, expected) in [
            ("/a?b=1&amp;c=2", "https://www.lanqiao.gov.cn/a?b=1&amp;c=2"),
            ("附件.pdf", "https://www.lanqiao.gov.cn/policy/2026/%E9%99%84%E4%BB%B6.pdf"),
            ("../x", "https://www.lanqiao.gov.cn/policy/x"),
            ("#1", "https://www.lanqiao.gov.cn/policy/2026/7.html#1"),
            ("//other.example/x", "https://other.example/x"),
            ("https://other.example/?q=a&amp;b", "https://other.example/?q=a&amp;b"),
            ("mailto:a@b.example", "mailto:a@b.example"),
            ("tel:12345", "tel:12345"),
        ] {
            let html = sent(&format!("<p>前<a href=\"{written}\" title=\"href=/x\">文</a>后</p>"));
            assert!(html.contains(&format!("href=\"{expected}\"")), "{written}: {html}");
            assert!(html.contains("title=\"href=/x\"") && html.starts_with("<p>前<a "), "{html}");
        }
    }

    #[test]
    fn a_file_of_the_hub_is_reached_by_its_digest() {
        let digest = Digest::of(b"picture");
        let cleaned = clean_html(&format!("<p><img src=\"asset:{digest}\" alt=\"图\"></p>"));

        let name = |_: &Digest| Some("图 1.png".to_owned());
        let html = absolute(&cleaned, PAGE, &Addresses::of(&site(), None), name);

        let expected =
            format!("src=\"https://www.lanqiao.gov.cn/assets/{}/%E5%9B%BE%201.png\"", digest.hex());
        assert!(html.contains(&expected), "{html}");
    }

    proptest! {
        #[test]
        fn nothing_but_addresses_changes(text in "[^<>&\u{0}-\u{1f}]{0,40}", link in "[a-z/#?&;\"'=.]{0,20}") {
            let cleaned = clean_html(&format!("<p>{text}<a href='{}'>x</a></p>", link.replace('\'', "")));
            let html = absolute(&cleaned, PAGE, &Addresses::of(&site(), None), |_| None);
            prop_assert_eq!(derive(&html).text, derive(&cleaned).text);
            for link in derive(&html).links {
                let page = Url::parse(PAGE).expect("an address");
                let leads_nowhere = page.join(&link.href).is_err();
                prop_assert!(Url::parse(&link.href).is_ok() || leads_nowhere, "{}", link.href);
            }
        }
    }
}
