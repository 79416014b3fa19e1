//! The page of permissions says what the one function over grants decides: it is written by that
//! function, in both languages, and kept with the code.

use std::{env, fmt::Write as _, fs};

use schema::{
    message::Bilingual,
    permission::{Action, Actor, Grant, Role, Scope, Touched, may},
    standing::Employment,
};
use uuid::Uuid;

/// Set, the story writes the committed pages instead of comparing with them.
const UPDATE: &str = "GONGBAO_TEST_UPDATE";

/// What a page says in one language.
struct Words {
    file: &'static str,
    of: fn(&Bilingual) -> &str,
    title: &'static str,
    roles: &'static str,
    actions: &'static str,
    scopes: &'static str,
    holders: &'static str,
}

const PAGES: [Words; 2] = [
    Words {
        file: "permissions.md",
        of: |text| &text.en,
        title: "# Permissions\n\nWho may do what, and where. This page is written by the function that decides every question of permission (`schema::permission::may`). [中文](permissions.zh-CN.md)",
        roles: "## Roles\n\nA role is granted on the hub, on an authority, or on a site. A token can do no more than its owner.",
        actions: "## What each role may do\n\nWherever it was granted.",
        scopes: "## How far a grant reaches\n\nA document touches the authority that owns it and every site it stands on; the hub's own affairs touch neither. Grants on sites reach a document when together they reach all of its sites.",
        holders: "## Who may hold a role\n\nBy how somebody is [employed](management-api.md#accounts).",
    },
    Words {
        file: "permissions.zh-CN.md",
        of: |text| &text.zh,
        title: "# 权限\n\n谁可以在何处做什么。本页由判定一切权限的函数（`schema::permission::may`）生成。[English](permissions.md)",
        roles: "## 角色\n\n角色授予的范围为全平台、某机构或某站点。令牌的权限不超过其账号。",
        actions: "## 各角色可以做什么\n\n在所授予的范围内。",
        scopes: "## 授权的范围\n\n信息涉及其所属机构与所在的全部站点，平台自身事务两者都不涉及。站点上的授权合起来涵盖信息所在的全部站点，方可及于该信息。",
        holders: "## 谁可以担任\n\n依[用工性质](management-api.zh-CN.md#账号)。",
    },
];

fn allows(grants: &[Grant], action: Action, touched: &Touched) -> bool {
    let actor = Actor { id: Uuid::nil().into(), name: "t".into(), grants: grants.to_vec() };
    may(&actor, action, touched)
}

fn mark(allowed: bool) -> &'static str {
    if allowed { "✓" } else { "–" }
}

fn table(head: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|", head.join(" | "));
    for number in 0..head.len() {
        text.push_str(if number == 0 { " --- |" } else { " :-: |" });
    }
    text.push('\n');
    for row in rows {
        writeln!(text, "| {} |", row.join(" | ")).expect("a text grows");
    }
    text
}

fn names(words: &Words) -> Vec<String> {
    Role::ALL.map(|role| (words.of)(&role.label()).to_owned()).to_vec()
}

fn with_corner(names: Vec<String>) -> Vec<String> {
    std::iter::once(String::new()).chain(names).collect()
}

/// Every role and every action.
fn actions(words: &Words) -> String {
    let hub = |role| [Grant { role, scope: Scope::Hub }];
    let rows = Action::ALL.map(|action| {
        let cells =
            Role::ALL.map(|role| mark(allows(&hub(role), action, &Touched::default())).to_owned());
        std::iter::once((words.of)(&action.label()).to_owned()).chain(cells).collect()
    });
    table(&with_corner(names(words)), rows)
}

/// Every kind of grant and every kind of thing.
fn scopes(words: &Words) -> String {
    let (city, county) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
    let (portal, office) = (Uuid::from_u128(11).into(), Uuid::from_u128(12).into());
    let grants = [
        (Bilingual::new("全平台", "the hub"), vec![Scope::Hub]),
        (Bilingual::new("其机构", "its authority"), vec![Scope::Authority(city)]),
        (Bilingual::new("其他机构", "another authority"), vec![Scope::Authority(county)]),
        (Bilingual::new("其站点之一", "one of its sites"), vec![Scope::Site(portal)]),
        (
            Bilingual::new("其全部站点", "all of its sites"),
            vec![Scope::Site(portal), Scope::Site(office)],
        ),
    ];
    let things = [
        (Bilingual::new("平台事务", "affairs of the hub"), Touched::default()),
        (
            Bilingual::new("尚无站点的信息", "a document without a site"),
            Touched { authority: Some(city), sites: vec![], ..Touched::default() },
        ),
        (
            Bilingual::new("在一个站点的信息", "a document on one site"),
            Touched { authority: Some(city), sites: vec![portal], ..Touched::default() },
        ),
        (
            Bilingual::new("在两个站点的信息", "a document on two sites"),
            Touched { authority: Some(city), sites: vec![portal, office], ..Touched::default() },
        ),
    ];
    let head = things.iter().map(|(name, _)| (words.of)(name).to_owned()).collect();
    let rows = grants.iter().map(|(name, scopes)| {
        let grants: Vec<Grant> =
            scopes.iter().map(|scope| Grant { role: Role::Editor, scope: *scope }).collect();
        let cells = things
            .iter()
            .map(|(_, touched)| mark(allows(&grants, Action::Draft, touched)).to_owned());
        std::iter::once((words.of)(name).to_owned()).chain(cells).collect()
    });
    table(&with_corner(head), rows)
}

/// Every kind of employment and every role.
fn holders(words: &Words) -> String {
    let rows = Employment::ALL.map(|employment| {
        let cells = Role::ALL.map(|role| mark(employment.may_hold(role)).to_owned());
        let name = employment.label();
        std::iter::once((words.of)(&name).to_owned()).chain(cells).collect()
    });
    table(&with_corner(names(words)), rows)
}

fn page(words: &Words) -> String {
    let roles = Role::ALL
        .map(|role| vec![(words.of)(&role.label()).to_owned(), format!("`{}`", role.as_str())]);
    let head = [Bilingual::new("角色", "role"), Bilingual::new("代号", "word")]
        .map(|name| (words.of)(&name).to_owned());
    [
        words.title.to_owned(),
        words.roles.to_owned(),
        table(&head, roles),
        words.actions.to_owned(),
        actions(words),
        words.scopes.to_owned(),
        scopes(words),
        words.holders.to_owned(),
        holders(words),
    ]
    .map(|part| format!("{}\n", part.trim_end()))
    .join("\n")
}

#[test]
fn the_pages_say_what_is_decided() {
    for words in &PAGES {
        let path = format!("{}/docs/{}", env!("CARGO_MANIFEST_DIR"), words.file);
        if env::var_os(UPDATE).is_some() {
            fs::write(&path, page(words)).expect("the page is written");
        }
        let committed = fs::read_to_string(&path).expect("the page");
        assert!(committed == page(words), "{path} is out of date: run this with {UPDATE}=1");
    }
}
