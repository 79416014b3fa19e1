//! Writing a problem as bytes, at the outer edge of the server.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use schema::message::Bilingual;
use serde::Serialize;
use serde_json::{Value, json};

use super::Problem;
use crate::http::RequestId;

/// What a refusal from below may say in plain text, in bytes; longer ones are cut off.
const WORDS: usize = 4 * 1024;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'problem> {
    r#type: String,
    title: &'problem str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'problem str>,
    code: &'static str,
    messages: &'problem Bilingual,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Value>,
    request_id: &'problem str,
}

/// Middleware: answers that refuse become `application/problem+json` in the language of
/// `Accept-Language`, with both languages for programs. Refusals without words of their own
/// (routing, limits, extractors) get those of their status; faults are logged here, once.
pub(crate) async fn in_the_callers_language(request: Request, next: Next) -> Response {
    let language = language(request.headers());
    let id = request.extensions().get::<RequestId>().cloned();
    let response = next.run(request).await;
    let (mut parts, body) = response.into_parts();
    let problem = match parts.extensions.remove::<Problem>() {
        Some(problem) => problem,
        None if is_wordless(parts.status, &parts.headers) => {
            let problem = Problem::of_status(parts.status);
            match to_bytes(body, WORDS).await {
                Ok(words) if !words.is_empty() && parts.status.is_client_error() => {
                    let words = String::from_utf8_lossy(&words).into_owned();
                    problem.detail(Bilingual::new(words.clone(), words))
                }
                _ => problem,
            }
        }
        None => return Response::from_parts(parts, body),
    };
    problem.log();
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    let text = write(&problem, language, &id);
    let headers = &mut parts.headers;
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(header::VARY, HeaderValue::from_static("accept-language"));
    Response::from_parts(parts, Body::from(text))
}

/// Whether a refusal has no document of its own: no body type, or the plain text of an
/// extractor.
fn is_wordless(status: StatusCode, headers: &HeaderMap) -> bool {
    (status.is_client_error() || status.is_server_error())
        && headers
            .get(header::CONTENT_TYPE)
            .is_none_or(|media| media.as_bytes().starts_with(b"text/plain"))
}

fn write(problem: &Problem, language: &'static str, id: &str) -> String {
    let errors =
        problem.0.faults.iter().map(
            |fault| json!({ "path": fault.path, "code": fault.code, "message": fault.message }),
        );
    let document = Document {
        r#type: format!("urn:gongbao:problem:{}", problem.0.code),
        title: problem.0.title.for_locale(language),
        status: problem.0.status.as_u16(),
        detail: problem.0.detail.as_ref().map(|detail| detail.for_locale(language)),
        code: problem.0.code,
        messages: problem.0.detail.as_ref().unwrap_or(&problem.0.title),
        errors: errors.collect(),
        request_id: id,
    };
    serde_json::to_string(&document).unwrap_or_default()
}

/// `zh` or `en`, whichever the caller likes better; `en` for everybody who likes neither.
pub(crate) fn language(headers: &HeaderMap) -> &'static str {
    let wishes = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let weight = |wanted: &str| {
        let ranges = wishes.unwrap_or_default().split(',').filter_map(|range| {
            let (tag, quality) = range.split_once(';').unwrap_or((range, "q=1"));
            let named = tag.trim().split('-').next()?.eq_ignore_ascii_case(wanted);
            let quality: f32 = quality.trim().strip_prefix("q=")?.trim().parse().ok()?;
            named.then_some(quality)
        });
        ranges.fold(0.0_f32, f32::max)
    };
    if weight("zh") > weight("en") { "zh" } else { "en" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_liked_better() {
        for (wishes, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
            ("en;q=0.3, zh-Hant-HK;q=0.4", "zh"),
            ("en-GB,en;q=0.9,zh;q=0.1", "en"),
            ("bo", "en"),
            (";;;q=zh,q", "en"),
        ] {
            let headers = HeaderMap::from_iter([(
                header::ACCEPT_LANGUAGE,
                HeaderValue::from_str(wishes).expect("a header"),
            )]);
            assert_eq!(language(&headers), expected, "{wishes}");
        }
        assert_eq!(language(&HeaderMap::new()), "en");
    }

    #[test]
    fn a_document_carries_both_languages_and_the_request() {
        let fault =
            schema::message::Fault::new("fields.title", "required", "缺标题", "a title is missing");
        let problem = Problem::of_status(StatusCode::UNPROCESSABLE_ENTITY).faults(vec![fault]);

        let document: Value = serde_json::from_str(&write(&problem, "zh", "r-1")).expect("JSON");

        assert_eq!(document["type"], "urn:gongbao:problem:invalid");
        assert_eq!(document["status"], 422);
        assert_eq!(document["title"], document["messages"]["zh"]);
        assert_eq!(document["errors"][0]["message"]["en"], "a title is missing");
        assert_eq!(document["requestId"], "r-1");
    }
}
