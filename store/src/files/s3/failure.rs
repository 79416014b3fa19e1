//! What the service's refusals and silences mean.

use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};

use crate::files::FileError;

pub(super) type Failure<E> = SdkError<E, HttpResponse>;

/// A failed call to the service at `place`, as the product knows it.
pub(super) fn meaning<E>(place: String, error: &Failure<E>) -> FileError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    // An answer to HEAD has no body and so no code.
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.code().map(str::to_owned);
    match (code.as_deref(), status) {
        (Some("QuotaExceeded" | "XMinioStorageFull" | "TooManyStorage"), _) | (_, Some(507)) => {
            FileError::Full { place }
        }
        (
            Some(code @ ("NoSuchBucket" | "PermanentRedirect" | "AuthorizationHeaderMalformed")),
            _,
        ) => FileError::Refused { place, code: code.to_owned() },
        (_, Some(status @ (401 | 403))) => {
            FileError::Refused { place, code: code.unwrap_or_else(|| status.to_string()) }
        }
        _ => FileError::Unavailable { place, reason: reason(error, code) },
    }
}

/// The service's own words, or the chain of causes where it said nothing.
fn reason<E>(error: &Failure<E>, code: Option<String>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    if let Some(code) = code {
        return format!("{code}: {}", error.message().unwrap_or_default());
    }
    let mut reason = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        reason = format!("{reason}: {error}");
        cause = error.source();
    }
    reason
}
