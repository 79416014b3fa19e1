//! The types that come with Gongbao, compiled in so that the program runs with nothing set up.

macro_rules! embedded {
    ($($file:literal),+ $(,)?) => {
        /// File name and text of each, in the order of names.
        pub const EMBEDDED_FILES: &[(&str, &str)] =
            &[$(($file, include_str!(concat!("../../types/", $file)))),+];
    };
}

embedded! {
    "activity.toml",
    "clarification.toml",
    "consultation.toml",
    "dataRelease.toml",
    "emergency.toml",
    "interpretation.toml",
    "interview.toml",
    "leader.toml",
    "letter.toml",
    "news.toml",
    "notice.toml",
    "organisation.toml",
    "overview.toml",
    "policyDocument.toml",
    "pressConference.toml",
    "serviceGuide.toml",
    "survey.toml",
    "topic.toml",
}
