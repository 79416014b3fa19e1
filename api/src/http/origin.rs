//! From where a request comes, as the audit says it.

use axum::http::Extensions;
use editorial::sign_in::SignedIn;
use schema::{
    ids::PreviewLinkId,
    origin::{Credential, Origin, Via},
};

use super::{ClientAddress, RequestId};
use crate::authentication::PresentedToken;

/// Which preview link a request presents, and how people tell it from others; in its extensions.
#[derive(Clone, Debug)]
pub(crate) struct PresentedLink(pub(crate) PreviewLinkId, pub(crate) String);

/// From where the request comes that has these extensions.
pub(crate) fn origin(of: &Extensions) -> Origin {
    let token = of.get::<PresentedToken>().map(|PresentedToken(id)| Credential::from(*id));
    let session = of.get::<SignedIn>().map(|signed_in| Credential::from(signed_in.session));
    let link = of.get::<PresentedLink>().map(|PresentedLink(id, _)| Credential::from(*id));
    Origin {
        via: Via::Request,
        address: of.get::<ClientAddress>().and_then(|ClientAddress(address)| *address),
        request: of.get::<RequestId>().map(ToString::to_string),
        credential: token.or(session).or(link),
    }
}
