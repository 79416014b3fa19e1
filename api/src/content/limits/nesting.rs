//! How deep brackets lie in the text of a query, counted on its bytes: parsers of GraphQL
//! recurse, and a query of 10,000 levels must be refused before one of them sees it.

/// Whether brackets of any kind lie more than `most` deep in `query`. Brackets in strings and
/// comments do not count; a string that never ends is left to the parser, which refuses it.
pub(crate) fn is_deeper_than(query: &str, most: usize) -> bool {
    let bytes = query.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' | b'(' => {
                depth += 1;
                if depth > most {
                    return true;
                }
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'#' => at += line(&bytes[at..]),
            b'"' if bytes[at..].starts_with(b"\"\"\"") => {
                at += 2 + block_string(&bytes[at + 3..]);
            }
            b'"' => at += string(&bytes[at + 1..]),
            _ => {}
        }
        at += 1;
    }
    false
}

/// Bytes up to the end of the line.
fn line(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count()
}

/// Bytes up to and with the closing quote.
fn string(rest: &[u8]) -> usize {
    let mut escaped = false;
    for (index, byte) in rest.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            // A string does not span lines: what follows is read as query again.
            b'"' | b'\n' | b'\r' => return index + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Bytes up to and with the three closing quotes.
fn block_string(rest: &[u8]) -> usize {
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if rest[at..].starts_with(b"\"\"\"") {
            return at + 3;
        } else {
            at += 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn brackets_of_every_kind_count() {
        for (open, close) in [("{a", "}"), ("[", "]"), ("(", ")"), ("{a(b:[", "])}")] {
            let query = format!("{}{}", open.repeat(4), close.repeat(4));
            let depth = 4 * open.bytes().filter(|byte| b"{[(".contains(byte)).count();
            assert!(!is_deeper_than(&query, depth), "{query}");
            assert!(is_deeper_than(&query, depth - 1), "{query}");
        }
    }

    #[test]
    fn ten_thousand_levels_are_refused() {
        let query = "{a".repeat(10_000) + &"}".repeat(10_000);
        assert!(is_deeper_than(&query, 48));
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        for query in [
            r#"{a(b:"{{{{{{ \" [[[[")}"#,
            "{a # {{{{{{{{\n b}",
            "{a(b:\"\"\"{{{{ \\\"\"\" \" {{{{\"\"\")}",
        ] {
            assert!(!is_deeper_than(query, 2), "{query}");
        }
    }

    #[test]
    fn brackets_cannot_hide_behind_a_quote_that_is_no_string() {
        let deep = "{a".repeat(50);
        for query in [
            format!("{{a(b:\"\"){deep}"),
            format!("{{a(b:\"x\n){deep}"),
            format!("# \"\n{deep}"),
            format!("{{a(b:\"\"\"x\"\"\"){deep}"),
            format!("{{a(b:\"\"\"\"\"\"){deep}"),
        ] {
            assert!(is_deeper_than(&query, 48), "{query}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_walked_to_its_end(query in r#"[{}\[\]()"\\# \nab]{0,200}"#) {
            let opened = query.bytes().filter(|byte| b"{[(".contains(byte)).count();
            prop_assert!(!is_deeper_than(&query, opened));
        }

        #[test]
        fn what_the_parser_takes_is_never_deeper_than_what_is_counted(
            depth in 1_usize..40, comment in "[ -~]{0,20}", text in "[a-z{}(\\[ ]{0,20}",
        ) {
            let mut query = String::new();
            for _ in 0..depth {
                query += &format!("{{ #{comment}\n a(b: \"{text}\") ");
            }
            query += &"}".repeat(depth);
            prop_assert!(async_graphql::parser::parse_query(&query).is_ok());
            prop_assert!(is_deeper_than(&query, depth));
            prop_assert!(!is_deeper_than(&query, depth + 1));
        }
    }
}
