//! Notices of sites: what a banner on every page shows, and from when to when.

mod acts;
mod banner;
mod command;
mod guide;
mod kept;
mod listening;
mod management;

use editorial::{
    Desk,
    arrange::notices::{self, WantedNotice},
};
use jiff::Timestamp;
use schema::tree::notice::{NoticeKind, NoticeParticulars, NoticeSeverity, NoticeText, SiteNotice};
use serde_json::Value;
use store::Store;

use crate::house::House;

/// A notice of the weather, from now on until it is ended.
pub fn warning(severity: NoticeSeverity, zh: &str) -> WantedNotice {
    WantedNotice {
        particulars: NoticeParticulars {
            kind: NoticeKind::Weather,
            severity,
            text: NoticeText { zh: zh.into(), en: None },
            link: None,
        },
        starts_at: None,
        ends_at: None,
    }
}

/// The same from one moment to another.
pub fn during(wanted: WantedNotice, starts_at: &str, ends_at: &str) -> WantedNotice {
    WantedNotice { starts_at: Some(moment(starts_at)), ends_at: Some(moment(ends_at)), ..wanted }
}

pub fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

impl House {
    /// Puts a notice up on `site`.
    pub async fn put_up(&self, site: &str, wanted: WantedNotice) -> SiteNotice {
        let site = self.site(site).await;
        self.act(async |work| notices::create_notice(work, site, wanted.clone()).await)
            .await
            .expect("it is put up")
    }

    /// A desk with a view of its own of the same database, as another process has it.
    async fn another_desk(&self) -> Desk {
        let store = Store::open(self.database.url()).await.expect("the store opens");
        Desk { store, ..self.desk.clone() }
    }

    /// Takes a notice down at once.
    pub async fn end(&self, notice: &SiteNotice) -> SiteNotice {
        self.act(async |work| notices::end_notice(work, notice.id, None).await)
            .await
            .expect("it is ended")
    }
}

/// The Chinese texts of `site.notices` in an answer.
pub fn said(data: &Value) -> Vec<&str> {
    let notices = data["site"]["notices"].as_array().expect("notices");
    notices.iter().map(|notice| notice["text"]["zh"].as_str().expect("a text")).collect()
}
