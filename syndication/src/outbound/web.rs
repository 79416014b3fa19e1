//! Pages outside the hub, seen through the guarded client: public addresses alone, over http too,
//! because links are written so.

use async_trait::async_trait;
use bytes::Bytes;
use editorial::ports::Web;
use schema::delivery::Reach;

use super::{Call, Outbound, Transport as _};

#[async_trait]
impl Web for Outbound {
    async fn status(&self, url: &str) -> Option<u16> {
        let reach = Reach { http: true, ..Reach::default() };
        let mut status = None;
        // Some answer nothing but GET; of its answer only the beginning is read.
        for method in ["HEAD", "GET"] {
            let call = Call {
                method: method.into(),
                url: url.to_owned(),
                headers: Vec::new(),
                body: Bytes::new(),
            };
            status = self.send(call, &reach).await.ok().map(|reply| reply.status);
            if status.is_some_and(|status| status < 400) {
                break;
            }
        }
        status
    }
}
