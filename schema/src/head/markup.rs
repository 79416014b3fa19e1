//! A head as HTML. Texts come from editors and from other sites: whatever stands in them, they
//! stay the text of a title, the value of an attribute, or a string in a script.

use std::fmt::{self, Write as _};

use super::{Head, Link, Tag};

/// The head as HTML, a line per element.
pub(super) fn html(head: &Head) -> String {
    let mut html = String::new();
    // Nothing fails when the target is a string.
    let _ = write(head, &mut html);
    html
}

fn write(head: &Head, html: &mut String) -> fmt::Result {
    writeln!(html, "<title>{}</title>", Escaped(&head.title))?;
    for Tag { attribute, name, content } in &head.tags {
        let attribute = attribute.as_str();
        writeln!(html, "<meta {attribute}=\"{name}\" content=\"{}\">", Escaped(content))?;
    }
    for link in &head.links {
        write_link(link, html)?;
    }
    if let Some(graph) = &head.json_ld {
        // A script ends at the first `</script`, and `<!--` changes where that is.
        let json = graph.to_string().replace('<', "\\u003c");
        writeln!(html, "<script type=\"application/ld+json\">{json}</script>")?;
    }
    Ok(())
}

fn write_link(link: &Link, html: &mut String) -> fmt::Result {
    write!(html, "<link rel=\"{}\" href=\"{}\"", link.rel, Escaped(&link.href))?;
    let more = [
        ("hreflang", link.hreflang.as_deref()),
        ("type", link.r#type),
        ("title", link.title.as_deref()),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            write!(html, " {name}=\"{}\"", Escaped(value))?;
        }
    }
    writeln!(html, ">")
}

/// A text, safe between tags and in a quoted attribute alike.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                // Parsers of HTML make a line feed of it.
                '\r' => formatter.write_str("&#13;")?,
                _ => formatter.write_char(letter)?,
            }
        }
        Ok(())
    }
}
