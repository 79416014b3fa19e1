//! The languages that the program speaks to people.

use clap::ValueEnum;

/// The languages of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// 中文 / Chinese
    Zh,
    /// 英文 / English
    En,
}

impl Language {
    /// As [`Bilingual::for_locale`](schema::message::Bilingual::for_locale) takes it.
    pub(crate) const fn locale(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// One of two texts.
    pub(crate) fn say<'t>(self, zh: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// The language of the environment: the first of these that says anything decides.
    pub(crate) fn of(environment: &[(String, String)]) -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|wanted| {
            let (_, value) = environment.iter().find(|(name, _)| name == wanted)?;
            (!value.is_empty()).then_some(value)
        });
        if locale.is_some_and(|locale| locale.starts_with("zh")) { Self::Zh } else { Self::En }
    }
}
