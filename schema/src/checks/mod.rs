//! Checks of contents: what is wrong with a text that its type cannot know.
//!
//! A type says what content must look like; these say what it should not say: wrong words,
//! personal data, maps without their number, links that lead nowhere. They never change and never
//! forbid anything: they give [`Finding`]s, each with its place in the text, and people or a rule of
//! the publisher decide.
//!
//! One file per check, all behind [`Check`]. A check is pure: what has to be known beside the text
//! stands in [`Surroundings`], which `editorial` gathers from the store.

mod counterparts;
mod dates;
mod deadlines;
mod dictionary;
mod document_numbers;
mod duplicates;
mod finding;
mod fold;
mod images;
mod lengths;
mod links;
mod list;
mod personal_data;
mod sources;
mod subject;
mod surroundings;
mod terms;

pub use dictionary::{Class, Dictionary, Term};
pub use finding::{Finding, Findings, MOST_OF_ONE_CHECK, Severity};
pub use links::{Address, opened};
pub use list::BadList;
pub use sources::{AllowedSource, Sources};
pub use subject::{Subject, SubjectFile, SubjectText};
pub use surroundings::{Dead, Limit, Nearly, Published, Room, Standing, Surroundings};
pub use terms::{Terms, TooManyTerms};

/// One check.
pub trait Check: Send + Sync {
    /// Its name, for settings, reports and measurements: snake case, never changed.
    fn key(&self) -> &'static str;

    /// Looks at `subject` and adds what it finds.
    fn look(&self, subject: &Subject<'_>, surroundings: &Surroundings, findings: &mut Findings<'_>);
}

/// Every check of a hub, with the data they go by.
pub struct Checks(Vec<Box<dyn Check>>);

impl Checks {
    /// All checks, with these words and these sources.
    pub fn new(terms: Terms, sources: Sources) -> Self {
        Self(vec![
            Box::new(terms),
            Box::new(personal_data::PersonalData),
            Box::new(images::Images),
            Box::new(sources),
            Box::new(document_numbers::DocumentNumbers),
            Box::new(dates::Dates),
            Box::new(links::Links),
            Box::new(counterparts::Counterparts),
            Box::new(duplicates::Duplicates),
            Box::new(deadlines::Deadlines),
            Box::new(lengths::Lengths),
        ])
    }

    /// All checks, with the words that come with Gongbao and no list of sources.
    pub fn embedded() -> Self {
        Self::new(Terms::embedded(), Sources::default())
    }

    /// Everything they find, by field in the order of the type, and by place in it. Of one check at
    /// most [`MOST_OF_ONE_CHECK`] findings: a text that is more broken than that is no text with
    /// mistakes.
    pub fn look(&self, subject: &Subject<'_>, surroundings: &Surroundings) -> Vec<Finding> {
        let mut found = Vec::new();
        for check in &self.0 {
            check.look(subject, surroundings, &mut Findings::of_one_check(&mut found));
        }
        found.sort_by_cached_key(|finding: &Finding| {
            (subject.rank(&finding.path), finding.start, finding.end)
        });
        found
    }

    /// The keys of the checks, in the order they look.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|check| check.key())
    }
}

impl std::fmt::Debug for Checks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.keys()).finish()
    }
}

#[cfg(test)]
mod tests;
