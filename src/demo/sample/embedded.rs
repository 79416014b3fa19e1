//! The files of `examples/demo`, compiled in so that the demo runs with nothing set up. A test
//! holds the lists against the folder.

use super::Sources;

macro_rules! documents {
    ($($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/examples/demo/content/",
            $file
        )))),+]
    };
}

macro_rules! files {
    ($($file:literal),+ $(,)?) => {
        &[$((concat!("files/", $file), include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/examples/demo/files/",
            $file
        )))),+]
    };
}

/// The sample that comes with Gongbao.
pub const EMBEDDED: Sources<'static> = Sources {
    tree: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/demo/tree.toml")),
    documents: documents![
        "01-org-city-office.toml",
        "02-org-finance.toml",
        "03-leader-mayor.toml",
        "04-leader-deputy.toml",
        "05-overview-lanqiao.toml",
        "06-overview-lanqiao-en.toml",
        "07-overview-qingxi.toml",
        "08-policy-national-guides.toml",
        "09-policy-province-guides.toml",
        "10-policy-city-guides.toml",
        "11-policy-elevator.toml",
        "12-policy-elevator-en.toml",
        "13-explained-elevator.toml",
        "14-explained-elevator-en.toml",
        "15-consultation-elevator.toml",
        "16-consultation-parking.toml",
        "17-guide-elevator.toml",
        "18-guide-elevator-en.toml",
        "19-press-elevator.toml",
        "20-news-first-elevator.toml",
        "21-news-first-elevator-en.toml",
        "22-clarify-deposit.toml",
        "23-policy-county-elevator.toml",
        "24-notice-water.toml",
        "25-notice-subsidy-list.toml",
        "26-notice-bridge-works.toml",
        "27-notice-library-hours.toml",
        "28-notice-library-summer-hours.toml",
        "29-emergency-rain.toml",
        "30-emergency-rain-en.toml",
        "31-interview-housing.toml",
        "32-letter-lift-noise.toml",
        "33-survey-library.toml",
        "34-activity-reading-day.toml",
        "35-data-budget.toml",
        "36-data-budget-en.toml",
        "37-topic-elevator.toml",
        "38-news-province-guides.toml",
        "39-news-parking.toml",
    ],
    story: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/demo/story.toml")),
    files: files![
        "budget-2026-q3.csv",
        "elevator-application-form.csv",
        "elevator-application-sample.csv",
        "elevator-subsidy-batch-3.csv",
        "parking-draft.txt",
    ],
};
