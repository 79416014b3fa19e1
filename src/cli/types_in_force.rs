//! The content types of this program, put in force before anything is written under them.

use editorial::{Error, Refusal};
use schema::message::Bilingual;

use super::{Failure, Hub};

/// Holds the content types against those in force, and puts them in force. Nodes that start together do it one after
/// the other; the second finds nothing to change.
pub(super) async fn put(hub: &Hub, accepts: bool) -> Result<(), Failure> {
    let desk = &hub.desk;
    let put = editorial::work!(desk, &hub.operator, work => {
        editorial::types::put_in_force(desk, work, accepts).await
    });
    match put {
        Ok((changes, _)) => {
            for change in changes {
                tracing::info!(content_type = %change.content_type, "put in force");
            }
            Ok(())
        }
        Err(Error::Refused(refusal)) if matches!(*refusal, Refusal::TypesWouldOrphan(_)) => {
            Err(Failure::work(
                refusal.message(),
                Bilingual::new(
                    "改回内容类型；或确认后加 --accept-type-changes 启动",
                    "change the content types back, or start with --accept-type-changes to accept that",
                ),
            ))
        }
        Err(error) => Err(error.into()),
    }
}
