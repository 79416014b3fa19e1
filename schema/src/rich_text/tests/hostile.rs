//! Hostile and careless texts: cleaning settles in one round, leaves nothing that runs, and
//! takes no longer than for other texts of their length.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use proptest::prelude::*;

use crate::rich_text::*;

/// Enough to find a mistake within a few runs; raise it for a campaign.
const CASES: u32 = 400;

/// Texts that keep naive cleaners busy for minutes or break their stack.
#[test]
fn hostile_texts_take_no_longer_than_others() {
    let size = if cfg!(debug_assertions) { 200_000 } else { 2_000_000 };
    let repeat = |piece: &str| piece.repeat(size / piece.len());
    let many_attributes: String = (0..200_000).map(|number| format!(" a{number}")).collect();
    let crossing: String = (0..20_000).map(|number| format!("<b lang=a{number}><i><p>")).collect();
    let texts = [
        (
            "an ordinary text",
            repeat("<h2>一、总则</h2><p>政府网站<b>信息</b>内容<a href=/a>建设</a>。</p>"),
        ),
        ("nested boxes", repeat("<div>")),
        ("nested inline", repeat("<b><i>x")),
        ("nested lists", repeat("<ul><li>x")),
        ("nested tables", repeat("<table><td>x")),
        ("nested quotes", repeat("<blockquote>x")),
        ("attributes", format!("<p{many_attributes}>x</p>")),
        ("crossing", crossing),
        ("links across paragraphs", format!("<a href='/{}'>{}", "x".repeat(1_900), repeat("<p>x"))),
        ("end tags", repeat("</div></p></b>")),
        ("headings", repeat("<h2>总则</h2>")),
        ("open angle brackets", repeat("<")),
        ("open tags", repeat("<a ")),
        ("open quotes", repeat("<a b='")),
        ("comments", repeat("<!--")),
        ("entities", repeat("&amp;&lt")),
        ("drawings", repeat("<svg><math>")),
        ("combining marks", format!("a{}", repeat("\u{301}\u{323}"))),
    ];
    for (name, html) in texts {
        let start = Instant::now();

        let cleaned = clean_html(&html);

        let taken = start.elapsed();
        println!("{name}: {taken:?}, {} bytes", cleaned.len());
        // Unoptimised builds on busy machines need seconds; what this guards against is hours.
        assert!(taken < Duration::from_secs(60), "{name} took {taken:?}");
        assert!(cleaned.len() <= 20 * html.len(), "{name} grew to {} bytes", cleaned.len());
        let _ = (derive(&cleaned), blocks(&cleaned));
    }
}

/// Tags, text and attributes in any order, as hostile or careless authors send them.
fn any_html() -> impl Strategy<Value = String> {
    let tags = "p h1 h2 h6 div center section ul ol li dl dt dd table caption colgroup col thead \
                tbody tfoot tr td th blockquote pre hr br img figure figcaption details summary a b \
                strong i em u s sub sup small mark span code abbr time ruby rt rp video audio \
                source svg math style script template select option textarea title iframe noscript \
                object form button font foreignObject mtext mglyph annotation-xml plaintext xmp \
                body html frameset image nobr marquee listing dialog";
    let names: Vec<&str> = tags.split_ascii_whitespace().collect();
    let attributes = prop_oneof![
        6 => Just(String::new()),
        4 => prop::sample::select(vec![
            " href='/a'", " href=https://example.org/?a=1&b=2", " href='java\nscript:x'", " src=/x",
            " src='x:y'", " href='#body'", " href='HTTP://a b/'", " id=body", " id='h-总则'",
            " id='é'", " align=right", " style='text-align:center;text-indent:2em'", " class='align-right x'",
            " lang=zh-CN", " dir=RTL", " colspan=3", " title='\"<b>&quot;'", " alt=' a\u{a0}b '",
            " type=A", " start=7", " open", " onclick=x", " x='", " controls",
        ])
        .prop_map(str::to_owned),
    ];
    let start = (prop::sample::select(names.clone()), attributes, any::<bool>()).prop_map(
        |(name, attributes, closed)| {
            format!("<{name}{attributes}{}>", if closed { "/" } else { "" })
        },
    );
    let end = prop::sample::select(names).prop_map(|name| format!("</{name}>"));
    let text = prop_oneof![
        prop::sample::select(vec![
            " ",
            "\n",
            "公报",
            "总则",
            "a",
            " a\n",
            "中\n",
            "&nbsp;",
            "\u{3000}",
            "e",
            "\u{301}",
            "&#x301;",
            "&lt;p&gt;",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "\u{202e}",
            "&#x202e;",
            "\0",
            "&#0;",
            "\u{2028}",
            "<",
            ">",
            "&",
            "\"",
            "\r\n",
            "\u{1100}",
            "\u{1161}",
            "\u{f900}",
            "<?x",
            "</",
            "İ",
            "&amp;lt;",
        ])
        .prop_map(str::to_owned),
        ".{0,6}",
    ];
    prop::collection::vec(prop_oneof![5 => start, 3 => end, 5 => text], 0..60)
        .prop_map(|pieces| pieces.concat())
}

/// What [`clean_html`] promises of its answer, beyond being settled.
fn assert_harmless(cleaned: &str) {
    let lower = cleaned.to_lowercase();
    for wrong in [
        "<script",
        "<style",
        "<svg",
        "<math",
        "<iframe",
        "<template",
        "<form",
        "javascript:",
        "data:",
    ] {
        assert!(!lower.contains(wrong), "{wrong} in {cleaned}");
    }
    assert!(!cleaned.chars().any(characters::is_unwanted), "{cleaned:?}");
    assert!(unicode_normalization::is_nfc(&derive(cleaned).text), "{cleaned}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn one_round_of_cleaning_is_enough(html in any_html()) {
        let built = build(&html);

        prop_assert_eq!(&allow_list::GATE.clean(&built).to_string(), &built, "the gate");
        prop_assert_eq!(&build(&built), &built, "building again");
        prop_assert_eq!(&clean_html(&html), &built);
        assert_harmless(&built);
    }

    #[test]
    fn plain_text_survives(text in "\\PC{0,60}") {
        let html = html_from_text(&text);

        prop_assert_eq!(clean_html(&html), html);
    }

    #[test]
    fn any_markdown_settles(markdown in "([#*>`|\\[\\]()<> \n1.~-]|公|报|\\PC){0,80}") {
        let html = html_from_markdown(&markdown);

        prop_assert_eq!(clean_html(&html), html);
    }

    #[test]
    fn what_is_derived_can_be_derived_from_anything(html in any_html()) {
        let cleaned = clean_html(&html);
        let derived = derive(&cleaned);

        let ids: Vec<_> = derived.headings.iter().map(|heading| &heading.id).collect();
        prop_assert!(ids.iter().all(|id| id.starts_with("h-")));
        prop_assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        prop_assert!(derived.headings.iter().all(|heading| !heading.text.contains('\n')));
        prop_assert_eq!(blocks(&cleaned).is_empty(), cleaned.is_empty());
        prop_assert!(excerpt(&derived.text, 8).chars().count() <= 8);
    }
}
