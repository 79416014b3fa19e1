//! Asking for drafts in the place of what the public reads: with a preview link, which takes the
//! place of a token, or with a token and a header that says so. A token alone is no such wish: a
//! portal with a token of its own goes on to show what is public.

use axum::http::{HeaderMap, HeaderName, StatusCode};
use editorial::{
    Desk,
    access::{Authenticated, PreviewSecret, TokenSecret},
    previews::{self, Opened},
};
use schema::message::Bilingual;

use super::Authentication;
use crate::{Problem, http::ClientAddress};

/// The header by which somebody known asks for drafts, and the one thing it says.
pub(crate) const PREVIEW: HeaderName = HeaderName::from_static("gongbao-preview");
const DRAFTS: &str = "drafts";

/// Whether a request asks for drafts.
pub(super) fn wants_drafts(headers: &HeaderMap) -> Result<bool, Problem> {
    let mut values = headers.get_all(PREVIEW).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(false),
        (Some(value), None) if value.as_bytes() == DRAFTS.as_bytes() => Ok(true),
        _ => Err(Problem::of_status(StatusCode::BAD_REQUEST).detail(Bilingual::new(
            "请求头 Gongbao-Preview 只能写作 drafts",
            "the header Gongbao-Preview says drafts, or is left out",
        ))),
    }
}

/// Whether what is presented looks like a preview link.
pub(super) fn is_link(presented: &str) -> bool {
    PreviewSecret::parse(presented).is_some()
}

/// What somebody known is shown who asks for drafts.
pub(super) fn reading_drafts(
    desk: &Desk,
    known: &Authenticated,
    secret: &TokenSecret,
) -> Result<Opened, Problem> {
    previews::reading_drafts(desk, known, secret).ok_or_else(|| {
        Problem::of_status(StatusCode::FORBIDDEN).detail(Bilingual::new(
            "该令牌无权查看草稿：请向站点管理员申请，或去掉请求头 Gongbao-Preview",
            "this token may not see drafts: ask the site's administrator, or leave out the header Gongbao-Preview",
        ))
    })
}

/// Refuses drafts to the public.
pub(super) fn nobody_known() -> Problem {
    Problem::of_status(StatusCode::UNAUTHORIZED).detail(Bilingual::new(
        "预览草稿须出示令牌或预览链接",
        "drafts are shown to those who present a token or a preview link",
    ))
}

impl Authentication {
    /// What a preview link shows.
    pub(super) async fn opened(
        &self,
        presented: &str,
        address: Option<ClientAddress>,
    ) -> Result<Opened, Problem> {
        self.check_failures(address)?;
        let opened = previews::open(&self.desk, presented).await?;
        opened.ok_or_else(|| self.failed(address, not_good()))
    }
}

fn not_good() -> Problem {
    Problem::of_status(StatusCode::UNAUTHORIZED).detail(Bilingual::new(
        "预览链接无效、已过期、已撤销，或所预览的内容已经发布，请向编辑人员索取新的链接",
        "the preview link is unknown, expired or revoked, or what it showed was published: ask the editors for another",
    ))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn drafts_are_asked_for_in_one_word_and_no_other() {
        let given = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(PREVIEW, HeaderValue::from_static(value));
            }
            wants_drafts(&headers).map_err(|problem| problem.status())
        };

        assert_eq!(given(&[]), Ok(false));
        assert_eq!(given(&["drafts"]), Ok(true));
        for wrong in [&["Drafts"][..], &[""], &["true"], &["drafts", "drafts"]] {
            assert_eq!(given(wrong), Err(StatusCode::BAD_REQUEST), "{wrong:?}");
        }
    }
}
