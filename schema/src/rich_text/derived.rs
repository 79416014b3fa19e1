//! What is read off a rich text: plain text, headings, pictures, links, length, summaries.

use std::ops::Range;

use serde::Serialize;

use super::{
    allow_list::Kind,
    characters::composed,
    parse::parse,
    tree::{Element, Node},
};

/// The version of everything derived from rich text. Raised whenever [`derive()`] or
/// [`blocks`](super::blocks) answers differently for the same text; what was stored under an
/// earlier version is then rebuilt.
pub const RENDERER_VERSION: u32 = 1;

/// What is read off one rich text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Derived {
    /// Plain text: one line per paragraph, heading, item or row; cells divided by tabs.
    pub text: String,
    /// The headings in the order of the text.
    pub headings: Vec<Heading>,
    /// The pictures in the order of the text.
    pub images: Vec<Image>,
    /// The links in the order of the text.
    pub links: Vec<Link>,
    /// The length of `text` without white space, as 字数 is counted.
    pub characters: usize,
}

/// One heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its anchor, the `id` in the HTML.
    pub id: String,
    /// Its words.
    pub text: String,
}

/// One picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// Address, or `asset:sha256:…` for a file of the hub.
    pub src: String,
    /// What it shows, in words; empty where the author gave none.
    pub alt: String,
    /// What stands under it, where it stands in a figure; else empty. For looking at texts, not
    /// for readers, who have it in the text.
    #[serde(skip)]
    pub caption: String,
    /// Where it stands: how many characters of the plain text stand before it.
    #[serde(skip)]
    pub at: usize,
}

/// One link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// Address.
    pub href: String,
    /// The words that carry it.
    pub text: String,
    /// Where they stand, in characters of the plain text.
    #[serde(skip)]
    pub at: Range<usize>,
}

/// Reads off `html`, which is cleaned HTML; other HTML is read as it would be after cleaning,
/// except that headings may lack anchors.
pub fn derive(html: &str) -> Derived {
    let mut derived = Derived::default();
    visit(&parse(html), &mut derived);
    derived.text.truncate(derived.text.trim_end().len());
    count_characters(&mut derived);
    // A letter and its mark may stand in different elements; read off, they are one.
    derived.text = composed(&derived.text);
    derived.characters = derived.text.chars().filter(|letter| !letter.is_whitespace()).count();
    derived
}

/// Turns the places of pictures and links, so far in bytes of the text as it was gathered, into
/// characters of the text as it will be.
fn count_characters(derived: &mut Derived) {
    let images = derived.images.iter_mut().map(|image| &mut image.at);
    let links = derived.links.iter_mut().flat_map(|link| [&mut link.at.start, &mut link.at.end]);
    let mut places: Vec<&mut usize> = images.chain(links).collect();
    places.sort_unstable();
    let (mut bytes, mut characters) = (0, 0);
    for place in places {
        // Space at the end of a line is dropped, also where a link ended in it.
        let end = (*place).min(derived.text.len());
        characters += composed(derived.text.get(bytes..end).unwrap_or_default()).chars().count();
        bytes = end;
        *place = characters;
    }
}

fn visit(nodes: &[Node], derived: &mut Derived) {
    for node in nodes {
        match node {
            Node::Text(text) => derived.text.push_str(text),
            Node::Element(element) => visit_element(element, derived),
        }
    }
}

fn visit_element(element: &Element, derived: &mut Derived) {
    let value = |name| element.attribute(name).unwrap_or_default().to_owned();
    let is_block = !element.is_inline();
    let is_cell = matches!(element.name(), "td" | "th");
    if is_block && !is_cell {
        end_line(&mut derived.text);
    }
    match (element.name(), element.rule.kind) {
        ("br", _) => end_line(&mut derived.text),
        ("img", _) => derived.images.push(Image {
            src: value("src"),
            alt: value("alt"),
            caption: String::new(),
            at: derived.text.len(),
        }),
        ("rp", _) | (_, Kind::Media) => {}
        ("rt", _) => {
            derived.text.push('(');
            visit(&element.children, derived);
            derived.text.push(')');
        }
        ("a", _) => {
            let index = derived.links.len();
            let start = derived.text.len();
            derived.links.push(Link { href: value("href"), text: String::new(), at: start..start });
            visit(&element.children, derived);
            let link = &mut derived.links[index];
            link.text = one_line(&derived.text, start);
            link.at.end = derived.text.len().max(start);
        }
        ("figure", _) => {
            let index = derived.images.len();
            visit(&element.children, derived);
            let caption = caption(element);
            for image in &mut derived.images[index..] {
                image.caption.clone_from(&caption);
            }
        }
        ("td" | "th", _) => {
            if !derived.text.is_empty() && !derived.text.ends_with(['\n', '\t']) {
                derived.text.push('\t');
            }
            // A cell with several lines still stands in the line of its row.
            let apart = visit_apart(&element.children, derived);
            apart.join(&apart.text.replace('\n', " "), derived);
        }
        ("ol", _) => number_items(element, derived),
        _ => {
            let start = derived.text.len();
            visit(&element.children, derived);
            if let Some(level) = element.heading_level() {
                let text = one_line(&derived.text, start);
                derived.headings.push(Heading { level, id: value("id"), text });
            }
        }
    }
    if is_block && !is_cell {
        end_line(&mut derived.text);
    }
}

/// Items with their numbers, which other passages of a text refer to.
fn number_items(list: &Element, derived: &mut Derived) {
    let given =
        |element: &Element, name| element.attribute(name).and_then(|text| text.parse().ok());
    let mut number: i64 = given(list, "start").unwrap_or(1);
    for item in &list.children {
        let Node::Element(item) = item else { continue };
        number = given(item, "value").unwrap_or(number);
        let apart = visit_apart(&item.children, derived);
        end_line(&mut derived.text);
        derived.text.push_str(&format!("{number}. "));
        apart.join(&apart.text, derived);
        number += 1;
    }
}

/// A part of the text that still has to be joined to the rest.
struct Apart {
    text: String,
    /// The first picture and the first link in it.
    images: usize,
    links: usize,
}

impl Apart {
    /// Adds it at the end as `text`, which is as long, and moves the places in it there.
    fn join(&self, text: &str, derived: &mut Derived) {
        let start = derived.text.len();
        for image in &mut derived.images[self.images..] {
            image.at = start + image.at.min(text.len());
        }
        for link in &mut derived.links[self.links..] {
            let within = |at: usize| start + at.min(text.len());
            link.at = within(link.at.start)..within(link.at.end);
        }
        derived.text.push_str(text);
    }
}

/// The text of `nodes`, while all else is added to `derived`.
fn visit_apart(nodes: &[Node], derived: &mut Derived) -> Apart {
    let (images, links) = (derived.images.len(), derived.links.len());
    let before = std::mem::take(&mut derived.text);
    visit(nodes, derived);
    let text = std::mem::replace(&mut derived.text, before);
    Apart { text: text.trim_end().to_owned(), images, links }
}

/// What stands under a figure.
fn caption(figure: &Element) -> String {
    let mut caption = Derived::default();
    for node in &figure.children {
        match node {
            Node::Element(element) if element.name() == "figcaption" => {
                visit(&element.children, &mut caption);
            }
            _ => {}
        }
    }
    one_line(&caption.text, 0)
}

/// What stands in `text` from `start`; a line break in it becomes a space.
fn one_line(text: &str, start: usize) -> String {
    composed(&text.get(start..).unwrap_or_default().trim().replace('\n', " "))
}

fn end_line(text: &mut String) {
    let length = text.trim_end_matches([' ', '\t']).len();
    text.truncate(length);
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// The start of a plain text, for summaries: at most `max_characters` characters with the `…`
/// that marks a cut, cut after a sentence where one ends in the second half, else after a
/// clause or word.
pub fn excerpt(text: &str, max_characters: usize) -> String {
    let mut line = super::characters::Line::default();
    let text = line.fold(text);
    let text = text.trim();
    if text.chars().count() <= max_characters {
        return text.to_owned();
    }
    let Some(room) = max_characters.checked_sub(1) else {
        return String::new();
    };
    let letters: Vec<char> = text.chars().take(room).collect();
    let after_last = |marks: &str, least: usize| {
        let found = letters.iter().rposition(|letter| marks.contains(*letter))?;
        (found + 1 > least).then_some(found + 1)
    };
    let word_end = || {
        let next = text.chars().nth(room);
        let is_inside = next.is_some_and(|letter| letter.is_ascii_alphanumeric());
        let start = letters.iter().rposition(|letter| !letter.is_ascii_alphanumeric());
        if is_inside { start.map(|start| start + 1) } else { None }
    };
    let end = after_last("。！？!?", room / 2)
        .or_else(|| after_last("；;，,、：:", room * 3 / 4))
        .or_else(word_end)
        .unwrap_or(room);
    let cut: String = letters[..end].iter().collect();
    let cut = cut.trim_end().trim_end_matches(['，', ',', '、', '；', ';', '：', ':']);
    format!("{cut}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rich_text::clean_html;

    #[test]
    fn a_document_is_read_off_in_the_order_of_its_text() {
        let html = clean_html(
            "<h2>一、总体要求</h2><p>见<a href='/a'>《意见》</a>。<br>第二行</p>\
             <ul><li>甲</ul><ol start=2><li><p>乙</p>丙<li>丁</ol><table><tr><th>年<th>数<tr><td>2014<td>57</table>\
             <p><img src='/t.png' alt='图'></p>",
        );

        let derived = derive(&html);

        assert_eq!(
            derived.text,
            "一、总体要求\n见《意见》。\n第二行\n甲\n2. 乙\n丙\n3. 丁\n年\t数\n2014\t57"
        );
        assert_eq!(derived.characters, 31);
        let heading = Heading {
            level: 2, id: "h-一-总体要求".into(), text: "一、总体要求".into()
        };
        assert_eq!(derived.headings, [heading]);
        let link = Link { href: "/a".into(), text: "《意见》".into(), at: 8..12 };
        assert_eq!(derived.links, [link]);
        let image =
            Image { src: "/t.png".into(), alt: "图".into(), caption: String::new(), at: 43 };
        assert_eq!(derived.images, [image]);
    }

    #[test]
    fn links_and_pictures_are_found_where_they_stand_in_the_plain_text() {
        let html = clean_html(
            "<p>前文<a href='/1'> 一 </a></p><ol><li>甲</li><li>乙<a href='/2'>二</a></li></ol>\
             <table><tr><td>表<td><p>格</p><p><a href='/3'>三\u{301}</a></p></table>\
             <figure><p><img src='/m.png'></p><figcaption>区位图 <b>GS(2026)1号</b></figcaption></figure>\
             <p>e<b>\u{301}</b><a href='/4'>四</a><a href='/5'><img src='/n.png'></a></p>",
        );

        let derived = derive(&html);

        let letters: Vec<char> = derived.text.chars().collect();
        let words = derived.links.iter().map(|link| letters[link.at.clone()].iter().collect());
        let words: Vec<String> = words.collect();
        assert_eq!(
            words.iter().map(|word| word.trim()).collect::<Vec<_>>(),
            ["一", "二", "三\u{301}", "四", ""]
        );
        assert_eq!(derived.images[0].caption, "区位图 GS(2026)1号");
        let after: String = letters[derived.images[0].at..].iter().take(4).collect();
        assert_eq!(after.trim(), "区位图");
        assert_eq!((derived.images[1].caption.as_str(), derived.images[1].at), ("", letters.len()));
    }

    #[test]
    fn an_excerpt_ends_with_a_sentence_clause_or_word() {
        let text = "政府网站是重要平台。近年来，各级政府积极适应信息技术发展。";
        assert_eq!(excerpt(text, 100), text);
        assert_eq!(excerpt(text, 14), "政府网站是重要平台。…");
        assert_eq!(excerpt(text, 28), "政府网站是重要平台。近年来，各级政府积极适应信息技术发…");
        assert_eq!(excerpt("Open government data for everyone", 20), "Open government…");
        assert_eq!(excerpt(text, 0), "");
        for most in 0..40 {
            assert!(excerpt(text, most).chars().count() <= most);
        }
    }
}
