//! Refusals and faults of the layers below, as problems: the one place that gives each its
//! status.

use axum::http::StatusCode;
use editorial::{
    Refusal,
    files::{FileRefusal, uploads::UploadRefusal},
    sign_in::SignInRefusal,
};
use schema::{gate::Shut, message::Bilingual};
use store::files::FileError;

use super::Problem;

impl From<editorial::Error> for Problem {
    fn from(error: editorial::Error) -> Self {
        match error {
            editorial::Error::Refused(refusal) => (*refusal).into(),
            editorial::Error::Store(error) => error.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = (status(&refusal), refusal.code());
        match refusal {
            Refusal::Invalid(faults) => {
                let title = Bilingual::new(
                    format!("有 {} 处错误，请改正后重试", faults.len()),
                    format!("{} things are wrong: correct them and try again", faults.len()),
                );
                Self::new(status, code, title).faults(faults)
            }
            Refusal::SignIn(SignInRefusal::Wait(_)) => {
                Self::new(status, code, refusal.message()).retry_after(SOON)
            }
            refusal => Self::new(status, code, refusal.message()),
        }
    }
}

/// Seconds after which a refusal for too many failures may be over: the message says when.
const SOON: u32 = 60;

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotPermitted(_) | Refusal::Gate(Shut::NotPermitted(_)) | Refusal::SamePerson => {
            StatusCode::FORBIDDEN
        }
        Refusal::NotFound { .. } => StatusCode::NOT_FOUND,
        Refusal::File(FileRefusal::Kind(_) | FileRefusal::Markup) => {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        }
        Refusal::Upload(refusal) => match refusal {
            UploadRefusal::TooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            UploadRefusal::TooMany => StatusCode::TOO_MANY_REQUESTS,
            UploadRefusal::Overtaken => StatusCode::LOCKED,
            // Of the tus protocol: Checksum Mismatch.
            UploadRefusal::WrongChecksum => {
                StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST)
            }
            UploadRefusal::WrongOffset { .. }
            | UploadRefusal::TooManyPieces
            | UploadRefusal::PartsMissing(_)
            | UploadRefusal::NotDirect => StatusCode::CONFLICT,
        },
        Refusal::Invalid(_)
        | Refusal::LinkToNothing(..)
        | Refusal::FileMissing(_)
        | Refusal::File(_)
        | Refusal::ForeignSite(_)
        | Refusal::SharedField(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::SignIn(refusal) => match refusal {
            SignInRefusal::Wrong
            | SignInRefusal::WrongCode
            | SignInRefusal::WrongPassword
            | SignInRefusal::Over => StatusCode::UNAUTHORIZED,
            SignInRefusal::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
            SignInRefusal::UsedBefore => StatusCode::UNPROCESSABLE_ENTITY,
            SignInRefusal::HasSecondFactor
            | SignInRefusal::NoSecondFactor
            | SignInRefusal::SecondFactorRequired
            | SignInRefusal::NotForPrograms => StatusCode::CONFLICT,
        },
        // All others are about the state that something is in now.
        _ => StatusCode::CONFLICT,
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Again => Self::unavailable(error, 1),
            store::Error::File(error) => error.into(),
            error if error.is_full() => {
                Self::of_status(StatusCode::INSUFFICIENT_STORAGE).because(error)
            }
            error if error.is_unavailable() => Self::unavailable(error, 5),
            error => Self::fault(error),
        }
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        let told = |status| Self::of_status(status).detail(error.message());
        match error {
            FileError::TooLarge { .. } => told(StatusCode::PAYLOAD_TOO_LARGE),
            FileError::OutOfRange { .. } => told(StatusCode::RANGE_NOT_SATISFIABLE),
            FileError::Source(_) => told(StatusCode::BAD_REQUEST),
            // Where the files lie is not the caller's business: only the log hears the place.
            FileError::Full { .. } => {
                Self::of_status(StatusCode::INSUFFICIENT_STORAGE).because(error)
            }
            FileError::ReadOnly { .. }
            | FileError::Refused { .. }
            | FileError::Unavailable { .. } => Self::unavailable(error, 10),
            FileError::NotFound(_) | FileError::Damaged(_) | FileError::Settings(_) => {
                Self::fault(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use schema::{message::Fault, visibility::Visibility};

    use super::*;

    #[test]
    fn a_refusal_keeps_its_code_and_gets_its_status() {
        for (refusal, expected) in [
            (Refusal::not_found("site", "x"), 404),
            (Refusal::SamePerson, 403),
            (Refusal::NoDraft, 409),
            (Refusal::NotFrom(Visibility::Recalled), 409),
            (Refusal::Invalid(vec![Fault::new("title", "required", "缺", "missing")]), 422),
        ] {
            let code = refusal.code();
            let problem = Problem::from(refusal);
            assert_eq!((problem.status().as_u16(), problem.code()), (expected, code));
        }
    }

    #[test]
    fn a_full_disk_is_told_without_its_place() {
        let problem = Problem::from(FileError::Full { place: "/srv/geheim".into() });

        assert_eq!(problem.status(), StatusCode::INSUFFICIENT_STORAGE);
        assert!(!format!("{} {:?}", problem.0.title, problem.0.detail).contains("geheim"));
    }
}
