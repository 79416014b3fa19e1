//! The content types in force, with all that a form needs.

use async_graphql::{Context, Json, Object, Result, SimpleObject};
use schema::content_type::{self, FieldKind, Unique};
use serde_json::{Value, json};

use crate::manage::{answer::Text, caller::Caller, words::OldTexts};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Types;

/// 内容类型 / A content type
#[derive(SimpleObject)]
pub(crate) struct ContentType {
    /// 名称 / Its name
    name: String,
    /// 定义的版本 / Counts its definitions
    version: u32,
    /// 显示名 / What people read
    label: Text,
    /// 何时选用 / When to choose it
    help: Option<Text>,
    /// 作标题的字段 / The field that is the title
    title: String,
    /// 作摘要的字段 / The field that is the summary
    summary: Option<String>,
    /// 作正文的字段 / The field that is the main text
    body: Option<String>,
    /// 作封面的字段 / The field that is the picture
    cover: Option<String>,
    /// 更正后旧文本的去留 / What becomes of the old text when a correction is published
    old_texts: OldTexts,
    /// 字段，按填写的先后 / Its fields, in the order an editor meets them
    fields: Vec<Field>,
}

/// 字段 / One field
#[derive(SimpleObject)]
pub(crate) struct Field {
    /// 名称 / Its name
    name: String,
    /// 显示名 / What people read
    label: Text,
    /// 填写说明 / What an editor should know
    help: Option<Text>,
    /// 种类，如 short_text、rich_text、date / What it holds
    kind: String,
    /// 该种类的限制与选项 / Limits and choices of that kind
    settings: Json<Value>,
    /// 是否为列表 / Whether its value is a list
    list: bool,
    /// 发布时必填 / Must be filled at publication
    required: bool,
    /// 各语言可以不同 / May differ between the languages of one content
    localised: bool,
    /// 可作筛选 / Queries may filter by it
    filterable: bool,
    /// 可作排序 / Lists may be ordered by it
    sortable: bool,
    /// 在什么范围内不得重复：site 或 authority / Among whose contents a value is unique: site or authority
    unique: Option<String>,
    /// 不再填写的原因 / Why it should no longer be filled
    deprecated: Option<Text>,
    /// 每一项的字段，仅限成组的字段 / The fields of an item, for a group
    fields: Vec<Field>,
}

impl From<&content_type::Field> for Field {
    fn from(field: &content_type::Field) -> Self {
        let fields = match &field.kind {
            FieldKind::Group { fields, .. } => fields.iter().map(Self::from).collect(),
            _ => Vec::new(),
        };
        let mut settings = json!(field.kind);
        if let Some(settings) = settings.as_object_mut() {
            // Said beside it, in their own form.
            settings.remove("type");
            settings.remove("fields");
        }
        let unique = field.unique.map(|unique| match unique {
            Unique::Site => "site".to_owned(),
            Unique::Authority => "authority".to_owned(),
        });
        Self {
            name: field.name.to_string(),
            label: field.label.clone().into(),
            help: field.help.clone().map(Into::into),
            kind: field.kind.name().to_owned(),
            settings: Json(settings),
            list: field.kind.is_list(),
            required: field.required,
            localised: field.localised,
            filterable: field.filterable,
            sortable: field.sortable,
            unique,
            deprecated: field.deprecated.clone().map(Into::into),
            fields,
        }
    }
}

impl From<&content_type::ContentType> for ContentType {
    fn from(of: &content_type::ContentType) -> Self {
        let name = |name: &Option<schema::names::FieldName>| name.as_ref().map(ToString::to_string);
        Self {
            name: of.name.to_string(),
            version: of.version,
            label: of.label.clone().into(),
            help: of.help.clone().map(Into::into),
            title: of.title.to_string(),
            summary: name(&of.summary),
            body: name(&of.body),
            cover: name(&of.cover),
            old_texts: of.old_texts.into(),
            fields: of.fields.iter().map(Field::from).collect(),
        }
    }
}

#[Object]
impl Types {
    /// 现行的内容类型 / The content types in force
    async fn content_types(&self, context: &Context<'_>) -> Vec<ContentType> {
        Caller::of(context).desk.types.iter().map(ContentType::from).collect()
    }

    /// 某内容类型 / One content type
    async fn content_type(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "名称 / Its name")] name: String,
    ) -> Result<Option<ContentType>> {
        let types = &Caller::of(context).desk.types;
        let name = name.parse().ok();
        Ok(name.and_then(|name| types.get(&name)).map(ContentType::from))
    }
}
