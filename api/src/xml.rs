//! Writing XML: elements in the order they are given, the same bytes for the same input.
//!
//! XML 1.0 has no way to write most control characters, not even escaped, so they are left
//! out here, once, for every document we make: one of them in a title would otherwise make a
//! whole feed unreadable.

/// An XML document as it is written. An element that is opened must be closed, in order: the
/// writer does not watch over it, the tests of each document do.
pub(crate) struct Xml {
    text: String,
}

/// Names and values of attributes.
pub(crate) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Xml {
    /// A document with its declaration.
    pub(crate) fn new() -> Self {
        Self { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned() }
    }

    /// Opens an element, which takes a line of its own.
    pub(crate) fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.start(name, attributes);
        self.text.push_str(">\n");
    }

    /// Closes an element that was opened.
    pub(crate) fn close(&mut self, name: &'static str) {
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push_str(">\n");
    }

    /// An element without content.
    pub(crate) fn empty(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.start(name, attributes);
        self.text.push_str("/>\n");
    }

    /// An element that holds text.
    pub(crate) fn text(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        self.start(name, attributes);
        self.text.push('>');
        self.escape(text, false);
        self.close(name);
    }

    /// The document.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    fn start(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.text.push('<');
        self.text.push_str(name);
        for (name, value) in attributes {
            self.text.push(' ');
            self.text.push_str(name);
            self.text.push_str("=\"");
            self.escape(value, true);
            self.text.push('"');
        }
    }

    fn escape(&mut self, text: &str, in_quotes: bool) {
        for letter in text.chars().filter(|letter| is_allowed(*letter)) {
            match letter {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' if in_quotes => self.text.push_str("&quot;"),
                // A reader would make a line feed of it, and spaces of both in an attribute.
                '\r' => self.text.push_str("&#13;"),
                '\n' if in_quotes => self.text.push_str("&#10;"),
                '\t' if in_quotes => self.text.push_str("&#9;"),
                _ => self.text.push(letter),
            }
        }
    }
}

/// Whether XML 1.0 (section 2.2, `Char`) has the character.
const fn is_allowed(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::{Reader, XmlVersion, events::Event};

    use super::*;

    /// What an independent reader finds: the attribute and the text of the one element.
    fn read_back(document: &[u8]) -> (String, String) {
        let document = std::str::from_utf8(document).expect("UTF-8");
        let mut reader = Reader::from_str(document);
        let (mut value, mut text) = (String::new(), String::new());
        let mut is_within = false;
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Start(start) => {
                    is_within = true;
                    for attribute in start.attributes() {
                        let attribute = attribute.expect("an attribute");
                        value = attribute
                            .normalized_value(XmlVersion::Implicit1_0)
                            .expect("a value")
                            .into_owned();
                    }
                }
                Event::End(_) => is_within = false,
                Event::Text(part) if is_within => text.push_str(&part.xml10_content()),
                Event::GeneralRef(reference) => {
                    match reference.resolve_char_ref().expect("a reference") {
                        Some(letter) => text.push(letter),
                        None => text.push_str(
                            quick_xml::escape::resolve_xml_entity(&reference).expect("known"),
                        ),
                    }
                }
                Event::Eof => return (value, text),
                _ => {}
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back_but_for_what_xml_cannot_say(text in any::<String>()) {
            let mut xml = Xml::new();
            xml.text("t", &[("a", &text)], &text);
            let (value, read) = read_back(&xml.into_bytes());
            let expected: String = text.chars().filter(|letter| is_allowed(*letter)).collect();
            prop_assert_eq!(&value, &expected);
            prop_assert_eq!(&read, &expected);
        }
    }

    #[test]
    fn control_characters_and_ends_of_sections_do_no_harm() {
        let mut xml = Xml::new();
        xml.text("t", &[("a", "\"'<>&")], "]]>\u{0}\u{8}\u{b}\u{1f}\u{ffff}😀\u{85}&amp;");

        let written = String::from_utf8(xml.into_bytes()).expect("UTF-8");

        let expected = "<t a=\"&quot;'&lt;&gt;&amp;\">]]&gt;😀\u{85}&amp;amp;</t>\n";
        assert_eq!(written.lines().skip(1).collect::<Vec<_>>().join("\n") + "\n", expected);
    }
}
