//! Folding: everything that readers do not distinguish becomes the same.
//!
//! Compatibility forms (full width, circled, ligatures) in their plain form, small letters,
//! Latin, Greek and Cyrillic letters without accents, traditional Chinese characters as their
//! simplified ones. The result is runs between single spaces, ` 关于印发 5g 网络 `: letters
//! of scripts without spaces in one kind of run, words in the other. Punctuation and line ends
//! part runs; a space within Chinese (`张　三`) does not.

use std::{ops::Range, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Pairs of a traditional character and its simplified form, as the Unihan database of Unicode
/// and the transliteration of CLDR give them; where one simplified form stands for several
/// characters, all of them lead to it.
const SIMPLIFIED: &str = include_str!("../../search/simplified.txt");
/// The characters that [`SIMPLIFIED`] can name.
const HAN: Range<u32> = 0x3400..0xa000;
/// Letters of a word without a space; longer ones are cut, as no reader types them.
const WORD_CHARACTERS: usize = 64;

/// The simplified form of each character of [`HAN`].
static SIMPLER: LazyLock<Box<[char]>> = LazyLock::new(|| {
    let mut table: Box<[char]> = HAN.map(|it| char::from_u32(it).unwrap_or(' ')).collect();
    for pair in SIMPLIFIED.split_whitespace() {
        let mut pair = pair.chars();
        if let (Some(from), Some(to)) = (pair.next(), pair.next())
            && let Some(place) = table.get_mut((from as u32).wrapping_sub(HAN.start) as usize)
        {
            *place = to;
        }
    }
    table
});

/// Folds `text`.
pub fn fold(text: &str) -> String {
    let mut folder = Folder::new(|_, _| {});
    folder.add(text);
    folder.finish()
}

/// Folds `text` and tells for each letter of the result from which bytes of `text` it came: the
/// place in the result, and the bytes.
pub(super) fn fold_with_origins(text: &str) -> (String, Vec<(usize, Range<usize>)>) {
    let mut origins = Vec::new();
    let mut folder = Folder::new(|at, from| origins.push((at, from)));
    folder.add(text);
    let folded = folder.finish();
    (folded, origins)
}

/// Whether a folded letter is of a script written without spaces, which is cut into pairs.
pub(super) const fn is_dense(letter: char) -> bool {
    matches!(letter,
        '\u{0e00}'..='\u{109f}'     // Thai, Lao, Tibetan, Myanmar
        | '\u{1100}'..='\u{11ff}'   // Hangul
        | '\u{1780}'..='\u{17ff}'   // Khmer
        | '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{31ff}'   // kana, Bopomofo
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{a4cf}'   // Han, Yi
        | '\u{ac00}'..='\u{d7ff}'   // Hangul
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Which kind of run was added to last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    None,
    Dense,
    Word { letters: usize },
}

/// Folds several texts into one; between two of them every run ends.
pub(super) struct Folder<Note> {
    folded: String,
    run: Run,
    spaced: bool,
    letters: Vec<char>,
    note: Note,
}

impl<Note: FnMut(usize, Range<usize>)> Folder<Note> {
    pub(super) fn new(note: Note) -> Self {
        Self { folded: String::new(), run: Run::None, spaced: false, letters: Vec::new(), note }
    }

    /// Adds a text.
    pub(super) fn add(&mut self, text: &str) {
        self.run = Run::None;
        for (at, letter) in text.char_indices() {
            if letter.is_whitespace() {
                match letter {
                    '\n' | '\r' | '\u{2028}' | '\u{2029}' => self.run = Run::None,
                    _ => self.spaced = true,
                }
                continue;
            }
            let mut letters = std::mem::take(&mut self.letters);
            letters.clear();
            folded(letter, &mut letters);
            for &letter_folded in &letters {
                self.push(letter_folded, at..at + letter.len_utf8());
            }
            self.letters = letters;
        }
    }

    fn push(&mut self, letter: char, from: Range<usize>) {
        if !letter.is_alphanumeric() {
            if !is_ignored(letter) {
                self.run = Run::None;
            }
            return;
        }
        let spaced = std::mem::take(&mut self.spaced);
        let (goes_on, run) = match (is_dense(letter), self.run) {
            (true, Run::Dense) => (true, Run::Dense),
            (true, _) => (false, Run::Dense),
            (false, Run::Word { letters }) if !spaced && letters < WORD_CHARACTERS => {
                (true, Run::Word { letters: letters + 1 })
            }
            (false, _) => (false, Run::Word { letters: 1 }),
        };
        if !goes_on {
            self.folded.push(' ');
        }
        self.run = run;
        (self.note)(self.folded.len(), from);
        self.folded.push(letter);
    }

    /// Bytes folded so far.
    pub(super) fn len(&self) -> usize {
        self.folded.len()
    }

    /// Everything folded, with a space at either end; empty when there is no letter.
    pub(super) fn finish(mut self) -> String {
        if !self.folded.is_empty() {
            self.folded.push(' ');
        }
        self.folded
    }
}

/// What neither is a letter nor parts letters.
fn is_ignored(letter: char) -> bool {
    is_combining_mark(letter)
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The folded form of one letter.
fn folded(letter: char, into: &mut Vec<char>) {
    if letter.is_ascii() {
        into.push(letter.to_ascii_lowercase());
        return;
    }
    if HAN.contains(&(letter as u32)) {
        into.push(simpler(letter));
        return;
    }
    for plain in std::iter::once(letter).nfkc().flat_map(char::to_lowercase) {
        match plain {
            // Where accents are often left out.
            '\u{80}'..'\u{530}' | '\u{1e00}'..'\u{2000}' => {
                into.extend(std::iter::once(plain).nfd().filter(|it| !is_combining_mark(*it)));
            }
            _ => into.push(simpler(plain)),
        }
    }
}

/// `text` with simplified characters, otherwise as it is.
pub(super) fn simplified(text: &str) -> String {
    text.chars().map(simpler).collect()
}

fn simpler(letter: char) -> char {
    let place = (letter as u32).wrapping_sub(HAN.start) as usize;
    SIMPLER.get(place).copied().unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_readers_do_not_distinguish_becomes_the_same() {
        for (written, expected) in [
            ("關於印發國務院辦公廳的通知", " 关于印发国务院办公厅的通知 "),
            ("ＷＴＯ２０２４年", " wto2024 年 "),
            ("Élan Straße", " elan straße "),
            ("e\u{301}lan", " elan "),
            ("ﬁnance ①", " finance 1 "),
            ("张　三，男", " 张三 男 "),
            ("第一条\n第二条", " 第一条 第二条 "),
            ("5G网络和 5 G", " 5g 网络和 5 g "),
            ("COVID-19", " covid 19 "),
            ("市\u{200b}政府", " 市政府 "),
            ("。，！", ""),
            ("", ""),
        ] {
            assert_eq!(fold(written), expected, "{written}");
        }
    }

    #[test]
    fn the_table_leads_from_traditional_to_simplified_in_one_step() {
        let pairs: Vec<Vec<char>> =
            SIMPLIFIED.split_whitespace().map(|pair| pair.chars().collect()).collect();
        assert!(pairs.len() > 2_500, "{}", pairs.len());
        for pair in &pairs {
            assert_eq!(pair.len(), 2, "{pair:?}");
            assert_eq!(simpler(pair[0]), pair[1]);
            assert_eq!(simpler(pair[1]), pair[1], "{pair:?} leads on");
        }
    }

    #[test]
    fn no_word_is_endless() {
        let folded = fold(&"a".repeat(1_000));
        assert!(folded.split(' ').all(|word| word.len() <= WORD_CHARACTERS));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_no_letter(text in any::<String>()) {
            let letters = |folded: &str| folded.replace(' ', "");
            let once = fold(&text);
            prop_assert_eq!(letters(&fold(&once)), letters(&once));
        }

        #[test]
        fn every_letter_has_an_origin(text in "[關於a-zÀ-ÿ０-９ ，\n張三]{0,40}") {
            let (folded, origins) = fold_with_origins(&text);
            prop_assert_eq!(&folded, &fold(&text));
            let letters = folded.char_indices().filter(|(_, letter)| *letter != ' ');
            let places: Vec<usize> = letters.map(|(at, _)| at).collect();
            prop_assert_eq!(places, origins.iter().map(|(at, _)| *at).collect::<Vec<_>>());
            for (_, from) in origins {
                prop_assert!(text.get(from).is_some());
            }
        }
    }
}
