//! Where a viewer may do something, as a statement asks for it: the rule of
//! [`may`](schema::permission::may) over what each document touches, so that a list is read
//! without asking document by document.

use schema::{
    permission::{Action, Scope},
    viewer::Viewer,
};
use uuid::Uuid;

/// Whether a document `d` has no draft that is hidden from the viewer for being limited.
macro_rules! not_hidden {
    () => {
        "d.id NOT IN (SELECT id FROM of_hidden)"
    };
}

/// Whether a document `d` lies within `of_authority (id)` and `of_site (id)`, or the parameter
/// says that everything does.
macro_rules! within {
    ($everything:literal) => {
        concat!(
            "(",
            $everything,
            " OR d.authority_id IN (SELECT id FROM of_authority) \
              OR ((EXISTS (SELECT 1 FROM placement p WHERE p.document_id = d.id AND p.own) \
                   OR EXISTS (SELECT 1 FROM route t WHERE t.document_id = d.id AND t.state = 'reserved')) \
                  AND NOT EXISTS (SELECT 1 FROM placement p WHERE p.document_id = d.id AND p.own \
                                  AND p.site_id NOT IN (SELECT id FROM of_site)) \
                  AND NOT EXISTS (SELECT 1 FROM route t WHERE t.document_id = d.id AND t.state = 'reserved' \
                                  AND t.site_id NOT IN (SELECT id FROM of_site))))"
        )
    };
}

/// A statement with the scopes of two parameters as tables `of_authority` and `of_site`, and, where
/// it is about drafts, with a third one's as `of_hidden`.
macro_rules! with_scopes {
    ($session:expr, $authorities:literal, $sites:literal, $hidden:literal, $rest:expr) => {
        with_scopes!(
            $session,
            $authorities,
            $sites,
            sqlite: concat!(
                ", of_hidden (id) AS MATERIALIZED (SELECT unhex(value, '-') FROM json_each(", $hidden, ")) ",
                $rest,
            ),
            postgres: concat!(
                ", of_hidden (id) AS MATERIALIZED (SELECT CAST(value AS UUID) \
                 FROM jsonb_array_elements_text(CAST(", $hidden, " AS JSONB)) value) ",
                $rest,
            ),
        )
    };
    ($session:expr, $authorities:literal, $sites:literal, $rest:expr) => {
        with_scopes!($session, $authorities, $sites, sqlite: $rest, postgres: $rest,)
    };
    ($session:expr, $authorities:literal, $sites:literal,
     sqlite: $sqlite:expr, postgres: $postgres:expr,) => {
        dialect!($session,
            sqlite: concat!(
                "WITH of_authority (id) AS MATERIALIZED (SELECT unhex(value, '-') FROM json_each(", $authorities, ")), \
                 of_site (id) AS MATERIALIZED (SELECT unhex(value, '-') FROM json_each(", $sites, ")) ",
                $sqlite,
            ),
            postgres: concat!(
                "WITH of_authority (id) AS MATERIALIZED (SELECT CAST(value AS UUID) \
                 FROM jsonb_array_elements_text(CAST(", $authorities, " AS JSONB)) value), \
                 of_site (id) AS MATERIALIZED (SELECT CAST(value AS UUID) \
                 FROM jsonb_array_elements_text(CAST(", $sites, " AS JSONB)) value) ",
                $postgres,
            ),
        )
    };
}

/// Where a viewer may do something.
#[derive(Clone, Debug)]
pub(crate) struct Scopes {
    /// On the whole hub.
    pub(crate) everything: bool,
    /// Ids of authorities, as JSON.
    pub(crate) authorities: String,
    /// Ids of sites, as JSON.
    pub(crate) sites: String,
}

impl Scopes {
    pub(crate) fn of(viewer: &Viewer, action: Action) -> Self {
        let scopes: Vec<Scope> = match viewer {
            Viewer::Public | Viewer::Preview(_) => Vec::new(),
            Viewer::Known(actor) => {
                let carries = actor.grants.iter().filter(|grant| grant.role.carries(action));
                carries.map(|grant| grant.scope).collect()
            }
        };
        let list = |of: fn(&Scope) -> Option<Uuid>| {
            let ids: Vec<String> = scopes.iter().filter_map(of).map(|id| id.to_string()).collect();
            serde_json::json!(ids).to_string()
        };
        Self {
            everything: scopes.contains(&Scope::Hub),
            authorities: list(|scope| match scope {
                Scope::Authority(authority) => Some(authority.uuid()),
                _ => None,
            }),
            sites: list(|scope| match scope {
                Scope::Site(site) => Some(site.uuid()),
                _ => None,
            }),
        }
    }

    /// Whether it is nowhere.
    pub(crate) fn is_nowhere(&self) -> bool {
        !self.everything && self.authorities == "[]" && self.sites == "[]"
    }
}
