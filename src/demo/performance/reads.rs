//! Reading what was published: a GraphQL query that goes along a link both ways, a feed, a
//! sitemap.

use hyper::header::{ETAG, IF_NONE_MATCH};
use schema::message::Bilingual;
use serde_json::Value;

use super::{
    hub::Hub,
    report::{FeedRead, GraphqlRead, Reads, SitemapRead},
};

/// The query, which GraphiQL is opened with too.
pub(super) const QUERY: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/demo/queries/policies.graphql"));

/// Reads of `site`, and looks that `away` (a path) is in neither feed nor sitemap.
pub(super) async fn read(hub: &Hub, site: &str, away: &[String]) -> Result<Reads, Bilingual> {
    Ok(Reads {
        graphql: graphql(hub).await?,
        feed: feed(hub, site).await?,
        sitemap: sitemap(hub, site, away).await?,
    })
}

async fn graphql(hub: &Hub) -> Result<GraphqlRead, Bilingual> {
    let answer = hub.content(QUERY, Value::Null).await?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut links = 0;
    for policy in list(&answer["policies"]["nodes"]) {
        for explained in list(&policy["explained"]) {
            // The other direction of the same link.
            let back = list(&explained["explains"]);
            if !back.iter().any(|one| one["title"] == policy["title"]) {
                return Err(Bilingual::new(
                    format!("解读 {} 没有指回政策", explained["title"]),
                    format!("the interpretation {} does not link back", explained["title"]),
                ));
            }
            links += 1;
        }
    }
    let policies = answer["policies"]["totalCount"].as_u64().unwrap_or_default();
    if policies == 0 || links == 0 {
        return Err(Bilingual::new("没有查到政策与解读的关联", "no policy with an interpretation"));
    }
    Ok(GraphqlRead { policies, links, answer })
}

async fn feed(hub: &Hub, site: &str) -> Result<FeedRead, Bilingual> {
    let path = format!("/sites/{site}/feed.atom");
    let answer = hub.page(&path).await?;
    let text = answer.text();
    let tag = answer.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default();
    let asked_again = hub.get(&path, &[(IF_NONE_MATCH, tag)]).await?.status.as_u16();
    let entries = text.matches("<entry>").count();
    let tombstones = text.matches("<at:deleted-entry").count();
    if entries == 0 || tombstones == 0 || asked_again != 304 {
        return Err(Bilingual::new(
            format!("{path}：{entries} 条、{tombstones} 个墓碑、再问为 {asked_again}"),
            format!(
                "{path}: {entries} entries, {tombstones} tombstones, {asked_again} when asked again"
            ),
        ));
    }
    Ok(FeedRead { path, entries, tombstones, asked_again })
}

async fn sitemap(hub: &Hub, site: &str, away: &[String]) -> Result<SitemapRead, Bilingual> {
    let path = format!("/sites/{site}/sitemap.xml");
    let index = hub.page(&path).await?.text();
    let (mut shards, mut addresses) = (0, 0);
    for shard in locations(&index) {
        // It is named at the portal's host, which hands it on to the hub.
        let name = shard.rsplit('/').next().unwrap_or_default();
        let text = hub.page(&format!("/sites/{site}/sitemaps/{name}")).await?.text();
        for address in locations(&text) {
            if let Some(wrong) = away.iter().find(|path| address.ends_with(path.as_str())) {
                return Err(Bilingual::new(
                    format!("站点地图中仍有 {wrong}"),
                    format!("{wrong} is still in the sitemap"),
                ));
            }
            addresses += 1;
        }
        shards += 1;
    }
    if addresses == 0 {
        return Err(Bilingual::new(format!("{path} 是空的"), format!("{path} is empty")));
    }
    Ok(SitemapRead { path, shards, addresses })
}

fn locations(xml: &str) -> Vec<&str> {
    let parts = xml.split("<loc>").skip(1);
    parts.filter_map(|part| part.split("</loc>").next()).collect()
}
