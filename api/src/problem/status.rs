//! What a bare status means, for refusals that come from below without words: routing,
//! limits, extractors.

use axum::http::StatusCode;
use schema::message::Bilingual;

use super::Problem;

impl Problem {
    /// The problem that a status by itself stands for.
    pub fn of_status(status: StatusCode) -> Self {
        let (code, zh, en) = words(status);
        Self::new(status, code, Bilingual::new(zh, en))
    }

    /// There is no such thing, or the caller may not know of it.
    pub fn not_found() -> Self {
        Self::of_status(StatusCode::NOT_FOUND)
    }
}

fn words(status: StatusCode) -> (&'static str, &'static str, &'static str) {
    match status {
        StatusCode::UNAUTHORIZED => {
            ("unauthenticated", "需要有效的访问令牌", "a valid access token is needed")
        }
        StatusCode::FORBIDDEN => ("not_permitted", "没有权限", "this is not permitted"),
        StatusCode::NOT_FOUND => (
            "not_found",
            "找不到所请求的内容，请检查地址",
            "there is nothing at this address: check it",
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "method_not_allowed",
            "此地址不支持该请求方法，可用的方法见 Allow 标头",
            "this address does not take this method; the header Allow names those it takes",
        ),
        StatusCode::NOT_ACCEPTABLE => {
            ("not_acceptable", "无法提供所要求的格式", "the format asked for cannot be given")
        }
        StatusCode::REQUEST_TIMEOUT => (
            "request_timeout",
            "请求没有及时传完，请重试",
            "the request did not arrive in time: try again",
        ),
        StatusCode::CONFLICT => {
            ("conflict", "与现有数据冲突", "this conflicts with what is stored")
        }
        StatusCode::PAYLOAD_TOO_LARGE => (
            "too_large",
            "请求体超过上限，请缩减后重试",
            "the body is larger than is taken here: make it smaller",
        ),
        StatusCode::URI_TOO_LONG => ("address_too_long", "请求地址过长", "the address is too long"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            "unsupported_media_type",
            "不支持该内容类型，请检查 Content-Type 标头",
            "this media type is not taken here: check the header Content-Type",
        ),
        StatusCode::RANGE_NOT_SATISFIABLE => (
            "range_not_satisfiable",
            "请求的范围不在文件之内",
            "the range asked for lies outside the file",
        ),
        StatusCode::UNPROCESSABLE_ENTITY => (
            "invalid",
            "请求的内容有误，请改正后重试",
            "what was handed in is wrong: correct it and try again",
        ),
        StatusCode::TOO_MANY_REQUESTS => {
            ("too_many_requests", "请求过于频繁，请稍后再试", "too many requests: try again later")
        }
        StatusCode::SERVICE_UNAVAILABLE => (
            "unavailable",
            "服务暂时不可用，请稍后再试",
            "the service is not available at the moment: try again shortly",
        ),
        StatusCode::INSUFFICIENT_STORAGE => (
            "storage_full",
            "存储空间不足，请联系管理员",
            "the storage is full: tell the administrator",
        ),
        other if other.is_client_error() => (
            "bad_request",
            "请求有误，请检查其写法",
            "the request is wrong: check how it is written",
        ),
        _ => (
            "internal_error",
            "服务内部出错，已记入日志；联系管理员时请提供请求编号",
            "something went wrong inside; it is in the log: name the request id to the administrator",
        ),
    }
}
