//! What pages print in their heads, asked of the content API: the data, and markup that a
//! browser reads as the same data.

mod documents;
mod guide;
mod markup;
mod places;
mod standing;
mod structured;

use serde_json::{Value, json};

use crate::content_api::Front;

/// Everything of a head.
const HEAD: &str = "head { title description canonical robots missing html jsonLd \
    tags { attribute name content } links { rel href hreflang type title } }";

/// A head as the content API gives it, its markup checked against its data.
pub struct Head(Value);

impl Head {
    fn of(answer: &Value) -> Self {
        let head = answer["head"].clone();
        assert!(head.is_object(), "{answer}");
        markup::check(&head);
        Self(head)
    }

    /// The content of a tag, if it is there.
    pub fn tag(&self, name: &str) -> Option<&str> {
        let tags = self.0["tags"].as_array().expect("tags");
        let found = tags.iter().find(|tag| tag["name"] == name);
        found.map(|tag| tag["content"].as_str().expect("a text"))
    }

    /// A text of the head itself.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0[name].as_str()
    }

    /// The node of the graph with this type.
    pub fn node(&self, r#type: &str) -> &Value {
        let graph = self.0["jsonLd"]["@graph"].as_array().expect("a graph");
        graph.iter().find(|node| node["@type"] == r#type).unwrap_or_else(|| panic!("{graph:?}"))
    }

    /// Languages and their addresses.
    pub fn languages(&self) -> Vec<(&str, &str)> {
        let links = self.0["links"].as_array().expect("links").iter();
        links
            .filter_map(|link| Some((link["hreflang"].as_str()?, link["href"].as_str()?)))
            .collect()
    }

    /// Names of the breadcrumbs.
    pub fn way(&self) -> Vec<&str> {
        let steps = self.node("BreadcrumbList")["itemListElement"].as_array().expect("steps");
        steps.iter().map(|step| step["name"].as_str().expect("a name")).collect()
    }
}

impl Front {
    /// The head of a document, by its content id in a language.
    pub async fn head_in(&self, content: impl ToString, locale: &str) -> Head {
        let query = format!(
            "query ($id: ID!, $locale: String) {{ document(contentId: $id, locale: $locale) {{ {HEAD} }} }}"
        );
        let variables = json!({ "id": content.to_string(), "locale": locale });
        Head::of(&self.ask_with(&query, variables).await["document"])
    }

    /// The head of a document in Chinese.
    pub async fn head(&self, document: &store::documents::Document) -> Head {
        self.head_in(document.content, "zh-CN").await
    }
}
