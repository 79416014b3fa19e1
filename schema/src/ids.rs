//! Identifiers: one newtype per thing, all UUIDv7, so that an id of one kind never stands in
//! for another. Making an id needs time and randomness; both are handed in.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The plain UUID, for the edges of the system.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

id! {
    /// A body of government (机构).
    AuthorityId;
    /// A website of an authority (站点).
    SiteId;
    /// A place in the tree of a site (栏目).
    ColumnId;
    /// One piece of content in all its locales; the name other sites know it by.
    ContentId;
    /// One piece of content in one locale (信息).
    DocumentId;
    /// One immutable text of a document (版本).
    EditionId;
    /// Where a document stands on one site (发布位置).
    PlacementId;
    /// What a site tells on every page for a time (站点公告).
    NoticeId;
    /// What a text passes before it becomes public: one matter, one review (登记备案).
    ReviewId;
    /// One order to erase, and its confirmation.
    ErasureId;
    /// One destination of one channel (投放对象).
    TargetId;
    /// What is owed to one target for one event (投放).
    DeliveryId;
    /// One try at a delivery.
    AttemptId;
    /// Somebody or something that acts: a person, a service, the command line.
    ActorId;
    /// A token by which a person or a service is known to the API.
    TokenId;
    /// A link that shows a draft to whoever holds it.
    PreviewLinkId;
    /// Somebody signed in on one device, from the password to the end.
    SessionId;
    /// Something that is to be done at a moment (定时).
    DueTimeId;
    /// A file on its way in that can be interrupted.
    UploadId;
    /// A part of it that has arrived.
    PieceId;
    /// Drafts that become public together or not at all (同步发布).
    ReleaseSetId;
    /// A body that was asked to co-sign a text (会签).
    CosignatureId;
}
