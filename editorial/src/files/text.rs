//! Whether a file is text that nothing runs: UTF-8 from its first to its last byte, and no markup.

use std::io::{self, Read};

/// Read at a time.
const CHUNK: usize = 64 * 1024;

/// What became of looking at a file as text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Looked {
    Text,
    /// It starts as pages, drawings and scripts do.
    Markup,
    NoText,
}

pub(super) fn look(mut file: impl Read) -> io::Result<Looked> {
    let mut chunk = vec![0; CHUNK];
    // Bytes of a character that the end of the last chunk cut.
    let mut held = 0;
    let mut is_first = true;
    loop {
        let read = file.read(&mut chunk[held..])?;
        let end = held + read;
        let text = match std::str::from_utf8(&chunk[..end]) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() && read > 0 => {
                std::str::from_utf8(&chunk[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(_) => return Ok(Looked::NoText),
        };
        if text.chars().any(is_no_text) {
            return Ok(Looked::NoText);
        }
        if is_first && is_markup(text) {
            return Ok(Looked::Markup);
        }
        let seen = text.len();
        // Blanks alone say nothing yet.
        is_first &= text.trim_start_matches('\u{feff}').trim().is_empty();
        if read == 0 {
            return Ok(Looked::Text);
        }
        chunk.copy_within(seen..end, 0);
        held = end - seen;
    }
}

fn is_no_text(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\t' | '\r' | '\n' | '\u{c}')
}

/// Browsers that guess, and people who rename, make pages of what starts like this.
fn is_markup(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let tag = text.strip_prefix('<').and_then(|rest| rest.chars().next());
    let is_tag = tag.is_some_and(|next| next.is_ascii_alphabetic() || "!?/%".contains(next));
    is_tag || text.starts_with("#!")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_markup_and_from_bytes() {
        for (bytes, expected) in [
            ("关于印发\r\n\t一、".as_bytes(), Looked::Text),
            (b"", Looked::Text),
            (b"a < b, <\xe5\x85\xb3\xe4\xba\x8e>", Looked::Text),
            (b"<\xe5\x85\xb3\xe4\xba\x8e>", Looked::Text),
            (b"\xef\xbb\xbf  \n<!DOCTYPE html>", Looked::Markup),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", Looked::Markup),
            (b"<?xml version='1.0'?>", Looked::Markup),
            (b"#!/bin/sh", Looked::Markup),
            (b"\xb9\xd8\xd3\xda", Looked::NoText),
            (b"a\0b", Looked::NoText),
            (b"a\x1b[2J", Looked::NoText),
            (b"cut \xe5\x85", Looked::NoText),
        ] {
            assert_eq!(look(bytes).expect("it is read"), expected, "{bytes:?}");
        }
    }

    #[test]
    fn characters_are_whole_wherever_chunks_end() {
        let long = "公".repeat(CHUNK);
        assert_eq!(look(long.as_bytes()).expect("it is read"), Looked::Text);
        let late = format!("{}<script>", " ".repeat(3 * CHUNK));
        assert_eq!(look(late.as_bytes()).expect("it is read"), Looked::Markup);
    }
}
