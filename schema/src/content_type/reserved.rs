//! Names that the core has taken, so that no type file can shadow what every document has or
//! what the content API is built of.

use super::{Choice, ContentType, Field, FieldKind};

/// Fields of the `Document` interface and of every edition beside its fields.
///
/// The fields of [`ROLES`] are in the interface too.
pub const CORE_FIELDS: [&str; 28] = [
    "id",
    "contentId",
    "locale",
    "translations",
    "type",
    "typeLabel",
    "characters",
    "site",
    "columns",
    "url",
    "path",
    "publishedAt",
    "firstPublishedAt",
    "originallyPublishedAt",
    "updatedAt",
    "edition",
    "history",
    "difference",
    "draft",
    "source",
    "origin",
    "head",
    "attachments",
    "related",
    "visibility",
    "notice",
    "placements",
    "authority",
];

/// Fields of the `Document` interface that are filled from a type's own fields of these names or
/// roles, where it has them.
pub const ROLES: [&str; 6] = ["title", "summary", "body", "cover", "keywords", "validity"];

/// Fields of the content API's query root that belong to no type. Every type has two: its name
/// for one document, its plural for the list.
pub const ROOT_FIELDS: [&str; 13] = [
    "document",
    "route",
    "documents",
    "search",
    "suggestions",
    "site",
    "sites",
    "column",
    "columns",
    "changes",
    "node",
    "nodes",
    "authority",
];

/// Conditions of every filter that are not a field; no field may take their place.
pub const FILTER_WORDS: [&str; 8] =
    ["and", "or", "not", "column", "listedAt", "eq", "in", "isNull"];

/// GraphQL types of the core that the name of a content type could turn into.
const CORE_TYPES: [&str; 95] = [
    "Query",
    "Mutation",
    "Subscription",
    "Document",
    "DocumentType",
    "DocumentConnection",
    "DocumentEdge",
    "DocumentFilter",
    "DocumentOrderBy",
    "Edition",
    "Draft",
    "HistoryEntry",
    "Difference",
    "FieldDifference",
    "DifferencePassage",
    "DifferenceSegment",
    "DifferenceKind",
    "Translation",
    "Placement",
    "Visibility",
    "Importance",
    "UnpublishingNotice",
    "Source",
    "Origin",
    "Site",
    "SiteNotice",
    "SiteNoticeKind",
    "SiteNoticeSeverity",
    "SiteNoticeText",
    "Footer",
    "Slot",
    "NavigationItem",
    "Column",
    "Authority",
    "AuthorityLevel",
    "Node",
    "Route",
    "DocumentRoute",
    "RedirectRoute",
    "GoneRoute",
    "PageInfo",
    "Change",
    "ChangeKind",
    "ChangeConnection",
    "ChangeEdge",
    "Position",
    "Search",
    "SearchResult",
    "SearchConnection",
    "SearchEdge",
    "SearchHighlights",
    "Suggestion",
    "Facets",
    "TypeFacet",
    "YearFacet",
    "ColumnFacet",
    "ChoiceFacet",
    "ChoiceValueFacet",
    "Head",
    "HeadTag",
    "HeadLink",
    "Bilingual",
    "ChoiceValue",
    "RichText",
    "Heading",
    "Image",
    "TextLink",
    "File",
    "FocalPoint",
    "CaptionTrack",
    "CaptionKind",
    "RenditionFormat",
    "Place",
    "Link",
    "StringFilter",
    "LongFilter",
    "DecimalFilter",
    "DateFilter",
    "DateTimeFilter",
    "DateTimeRange",
    "BooleanFilter",
    "Near",
    "PlaceFilter",
    "ContentFilter",
    "ContentIdFilter",
    "Date",
    "DateTime",
    "Decimal",
    "Long",
    "JSON",
    "Boolean",
    "String",
    "Int",
    "Float",
    "ID",
];

/// What the content API appends to a type's GraphQL name.
const SUFFIXES: [&str; 5] = ["Connection", "Edge", "Filter", "LinkFilter", "OrderBy"];

/// Whether no field of a type file may have this name.
pub fn is_core_field(name: &str) -> bool {
    CORE_FIELDS.contains(&name) || FILTER_WORDS.contains(&name)
}

/// Whether the core of the content API has a GraphQL type of this name.
pub fn is_core_type(graphql_name: &str) -> bool {
    CORE_TYPES.contains(&graphql_name)
}

/// A camelCase name as the name of a GraphQL type, `jobOpening` → `JobOpening`.
pub fn graphql_type_name(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + letters.as_str(),
        None => String::new(),
    }
}

/// Every GraphQL type name that comes from one content type: its own, its connection, edge,
/// filters and order, one per group (`JobOpeningStages`), and two per choice field.
pub fn graphql_type_names(content_type: &ContentType) -> Vec<String> {
    let own = content_type.graphql_name();
    let mut names: Vec<String> = SUFFIXES.iter().map(|suffix| format!("{own}{suffix}")).collect();
    nested_names(&own, &content_type.fields, &mut names);
    names.push(own);
    names
}

/// The GraphQL name of what can be chosen in a field of `prefix`, a type or a group: its own, or
/// that which several types share.
pub fn choices_name(prefix: &str, field: &Field) -> String {
    match &field.kind {
        FieldKind::Choice { name: Some(name), .. } => name.clone(),
        _ => format!("{prefix}{}", graphql_type_name(field.name.as_str())),
    }
}

/// The choices that several types may have in common, by their name, groups looked into.
pub fn shared_choices<'a>(fields: &'a [Field], found: &mut Vec<(&'a str, &'a [Choice])>) {
    for field in fields {
        match &field.kind {
            FieldKind::Group { fields, .. } => shared_choices(fields, found),
            FieldKind::Choice { name: Some(name), choices, .. } => found.push((name, choices)),
            _ => {}
        }
    }
}

fn nested_names(prefix: &str, fields: &[Field], names: &mut Vec<String>) {
    for field in fields {
        let name = format!("{prefix}{}", graphql_type_name(field.name.as_str()));
        match &field.kind {
            FieldKind::Group { fields, .. } => {
                nested_names(&name, fields, names);
                names.push(name);
            }
            FieldKind::Choice { .. } => {
                let name = choices_name(prefix, field);
                names.push(format!("{name}Filter"));
                names.push(name);
            }
            _ => {}
        }
    }
}
