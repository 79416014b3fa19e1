//! Everything an answer is made of, as one type: what fields read from, and what the walk ahead
//! passes from level to level.

use std::sync::Arc;

use schema::{
    content_type::Field,
    difference::Segment,
    edition::{Content, Origin, Source},
    head::Head,
    message::Bilingual,
    names::{FieldName, TypeName},
    tree::{Authority, Column, NavigationItem, Site},
    visibility::Notice,
};
use store::reading::{Change, Closed, HistoryLine, ItemPlacement, Position};

use super::{Connection, Counted, Difference, Facts, Posted, SearchPage, Shown, Suggestion};

/// A value of an object type of the schema. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    Document(Shown),
    Edition(Arc<Facts>),
    /// What is known of a draft.
    Draft(Arc<Facts>),
    Translation {
        shown: Shown,
        /// The main language, where it has changed since.
        behind: Option<Arc<Facts>>,
    },
    History(Arc<HistoryLine>),
    Difference(Arc<Difference>),
    /// A field of a difference, by its place.
    FieldDifference(Arc<Difference>, usize),
    /// A passage of a difference, by the places of its field and of itself.
    Passage(Arc<Difference>, usize, usize),
    Segment(Segment),
    Placement(Shown, Arc<ItemPlacement>),
    Connection(Arc<Connection>),
    Edge(Arc<Connection>, usize),
    PageInfo(Arc<Connection>),
    Site(Arc<Site>),
    Footer(Arc<Site>),
    Slot(Arc<Site>, Arc<str>),
    Navigation(Arc<Site>, Arc<NavigationItem>),
    Column(Arc<Column>),
    Authority(Arc<Authority>),
    /// The schema as a subgraph.
    Subgraph(Arc<str>),
    Route(Arc<RouteAnswer>),
    Changes(Arc<Changes>),
    ChangeEdge(Arc<Change>),
    ChangePage(Arc<Changes>),
    Change(Arc<Change>),
    Search(Arc<SearchPage>),
    SearchEdge(Arc<SearchPage>, usize),
    SearchPageInfo(Arc<SearchPage>),
    Highlights(Arc<SearchPage>, usize),
    Suggestion(Arc<Suggestion>),
    Facets(Arc<Counted>),
    TypeCount(TypeName, u64),
    YearCount(i32, u64),
    ColumnCount(Arc<Column>, u64),
    /// A field of choices with how many there are of each.
    ChoiceFacet(Arc<ChoiceCounts>),
    /// One of its choices.
    ValueCount(Arc<ChoiceCounts>, Arc<str>, u64),
    Position(Arc<Position>),
    Notice(Arc<Notice>),
    SiteNotice(Arc<Posted>),
    SiteNoticeText(Arc<Posted>),
    Bilingual(Bilingual),
    Source(Source),
    Origin(Origin),
    Head(Arc<Head>),
    /// A tag of a head, by its place.
    HeadTag(Arc<Head>, usize),
    /// A link of a head, by its place.
    HeadLink(Arc<Head>, usize),
    /// A field of rich text.
    RichText(Arc<Content>, FieldName),
    /// A place, a file, or an item of a group, as stored.
    Stored(Arc<serde_json::Value>),
}

/// A field of choices, and how many there are of each, the most first.
pub(crate) type ChoiceCounts = (Field, Vec<(Arc<str>, u64)>);

/// A page of the log.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(crate) page: Vec<Arc<Change>>,
    pub(crate) has_more: bool,
}

/// What stands at an address, for a front end that routes by it.
#[derive(Debug)]
pub(crate) enum RouteAnswer {
    /// A text to show.
    Here(Shown),
    /// Send the reader to where the text stands now.
    Moved(Shown),
    /// Send the reader to what took its place.
    Redirect(Closed),
    /// Say that it is gone, or withdrawn, and why.
    Gone(Closed),
}

/// What a field gives.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Nothing,
    Value(async_graphql::Value),
    One(Thing),
    Many(Vec<Thing>),
    /// One for each that was asked for, where there is one.
    Each(Vec<Option<Thing>>),
}

impl Answer {
    /// A plain value where there is one.
    pub(crate) fn value(value: Option<impl Into<async_graphql::Value>>) -> Self {
        value.map_or(Self::Nothing, |value| Self::Value(value.into()))
    }

    /// A thing where there is one.
    pub(crate) fn one(thing: Option<Thing>) -> Self {
        thing.map_or(Self::Nothing, Self::One)
    }

    /// The things in it.
    pub(crate) fn things(&self) -> impl Iterator<Item = &Thing> {
        let (things, places) = match self {
            Self::One(thing) => (std::slice::from_ref(thing), &[][..]),
            Self::Many(things) => (things.as_slice(), &[][..]),
            Self::Each(places) => (&[][..], places.as_slice()),
            Self::Nothing | Self::Value(_) => (&[][..], &[][..]),
        };
        things.iter().chain(places.iter().flatten())
    }
}

impl Thing {
    /// The name of its GraphQL type; `None` for what is never looked at from an abstract type
    /// and leads nowhere.
    pub(crate) fn type_name(&self) -> Option<Arc<str>> {
        let name = match self {
            Self::Document(shown) => return Some(Arc::clone(&shown.facts.graphql)),
            Self::Connection(connection) => return Some(Arc::clone(&connection.page.graphql.0)),
            Self::Edge(connection, _) => return Some(Arc::clone(&connection.page.graphql.1)),
            Self::Translation { .. } => "Translation",
            Self::Placement(..) => "Placement",
            Self::Site(_) => "Site",
            Self::SiteNotice(_) => "SiteNotice",
            Self::Slot(..) => "Slot",
            Self::Navigation(..) => "NavigationItem",
            Self::Column(_) => "Column",
            Self::Authority(_) => "Authority",
            Self::Route(answer) => match **answer {
                RouteAnswer::Here(_) => "DocumentRoute",
                RouteAnswer::Moved(_) | RouteAnswer::Redirect(_) => "RedirectRoute",
                RouteAnswer::Gone(_) => "GoneRoute",
            },
            Self::Changes(_) => "ChangeConnection",
            Self::ChangeEdge(_) => "ChangeEdge",
            Self::Change(_) => "Change",
            Self::Search(_) => "SearchConnection",
            Self::SearchEdge(..) => "SearchEdge",
            Self::Highlights(..) => "SearchHighlights",
            Self::Suggestion(_) => "Suggestion",
            Self::Facets(_) => "Facets",
            Self::ColumnCount(..) => "ColumnFacet",
            _ => return None,
        };
        Some(name.into())
    }
}
