//! Anchors of headings: stable, unique, and never a name that scripts of a page use.
//!
//! An anchor is made from the heading's words and then stays with the heading, even when the
//! words change, because it is part of the cleaned HTML. All begin with `h-`: an element
//! whose id is `config` or `body` would become a global name in the pages that embed it.

use std::collections::{HashMap, HashSet};

use super::tree::{Element, Node};

const PREFIX: &str = "h-";
/// The most characters an anchor takes from a heading.
const LONGEST: usize = 40;

/// Gives every heading of `blocks` its anchor, and follows renamed ones in the links.
pub(super) fn settle(blocks: &mut [Node]) {
    let mut used = HashSet::new();
    let mut renamed = HashMap::new();
    each(blocks, &mut |element| {
        if element.heading_level().is_some() {
            keep_authors(element, &mut used, &mut renamed);
        }
    });
    let mut next = HashMap::new();
    each(blocks, &mut |element| {
        if element.heading_level().is_some() && element.attribute("id").is_none() {
            let anchor = unused(&from_words(element), &mut used, &mut next);
            element.attributes.insert(0, ("id", anchor));
        }
    });
    if renamed.is_empty() {
        return;
    }
    each(blocks, &mut |element| {
        let links = element.attributes.iter_mut().filter(|(name, _)| *name == "href");
        for (_, href) in links {
            if let Some(anchor) = href.strip_prefix('#').and_then(|old| renamed.get(old)) {
                *href = format!("#{anchor}");
            }
        }
    });
}

/// Keeps the author's anchor, with our prefix, where it is well-formed and the first of its name.
fn keep_authors(
    heading: &mut Element,
    used: &mut HashSet<String>,
    renamed: &mut HashMap<String, String>,
) {
    let Some(index) = heading.attributes.iter().position(|(name, _)| *name == "id") else {
        return;
    };
    let (_, given) = heading.attributes.remove(index);
    let words = given.strip_prefix(PREFIX).unwrap_or(&given);
    let is_well_formed = !words.is_empty()
        && words.chars().count() <= 2 * LONGEST
        && words.chars().all(|letter| letter.is_alphanumeric() || "-_.".contains(letter))
        && super::characters::composed(words) == words;
    if !is_well_formed {
        return;
    }
    let anchor = format!("{PREFIX}{words}");
    if used.insert(anchor.clone()) {
        if given != anchor {
            renamed.entry(given).or_insert_with(|| anchor.clone());
        }
        heading.attributes.insert(0, ("id", anchor));
    }
}

fn from_words(heading: &Element) -> String {
    let mut words = String::new();
    let mut length = 0;
    for letter in text_of(&heading.children).chars() {
        if length == LONGEST {
            break;
        }
        if letter.is_alphanumeric() {
            words.extend(letter.to_lowercase());
            length += 1;
        } else if !words.is_empty() && !words.ends_with('-') {
            words.push('-');
            length += 1;
        }
    }
    let words = super::characters::composed(words.trim_end_matches('-'));
    // A few letters grow a mark when made small; the mark is no letter of an anchor.
    let words: String =
        words.chars().filter(|letter| letter.is_alphanumeric() || *letter == '-').collect();
    if words.is_empty() { "section".to_owned() } else { words }
}

fn unused(words: &str, used: &mut HashSet<String>, next: &mut HashMap<String, usize>) -> String {
    let number = next.entry(words.to_owned()).or_insert(1);
    loop {
        let anchor = match *number {
            1 => format!("{PREFIX}{words}"),
            number => format!("{PREFIX}{words}-{number}"),
        };
        *number += 1;
        if used.insert(anchor.clone()) {
            return anchor;
        }
    }
}

fn text_of(nodes: &[Node]) -> String {
    nodes
        .iter()
        .map(|node| match node {
            Node::Text(text) => text.clone(),
            Node::Element(element) => text_of(&element.children),
        })
        .collect()
}

fn each(nodes: &mut [Node], visit: &mut impl FnMut(&mut Element)) {
    for node in nodes {
        if let Node::Element(element) = node {
            visit(element);
            each(&mut element.children, visit);
        }
    }
}
