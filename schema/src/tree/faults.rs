//! What can be wrong with the particulars of authorities, sites and columns.
//!
//! Each check looks at one value alone. What depends on others (keys that are taken, columns
//! that exist) is decided where the act is done.

use super::{
    AuthorityParticulars, ColumnParticulars, Footer, Home, NavigationItem, SiteParticulars,
    shapes::{is_address, is_credit_code, is_host, is_origin, is_region_code, is_site_code},
};
use crate::{
    content_type::PathTemplate,
    message::{Bilingual, Fault},
};

const NAME_LIMIT: usize = 200;
const CLASS_LIMIT: usize = 40;
const DESCRIPTION_LIMIT: usize = 500;
const KEYWORDS: usize = 20;
/// Levels of a menu that a page can still show.
const MENU_DEPTH: usize = 3;
const MENU_ITEMS: usize = 200;
/// Documents on top of a home page, and in each of its slots.
const SHOWN: usize = 100;
const SLOTS: usize = 50;

impl AuthorityParticulars {
    /// Everything that is wrong with them.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = texts("name", &self.name, NAME_LIMIT);
        if !is_region_code(&self.region) {
            faults.push(Fault::new(
                "region",
                "not_a_region_code",
                "行政区划代码应为 6、9 或 12 位数字",
                "a region code is 6, 9 or 12 digits",
            ));
        }
        if self.credit_code.as_deref().is_some_and(|code| !is_credit_code(code)) {
            faults.push(Fault::new(
                "creditCode",
                "not_a_credit_code",
                "统一社会信用代码为 18 位数字或大写字母（不含 I、O、S、V、Z）",
                "a unified social credit code is 18 digits or capitals (without I, O, S, V, Z)",
            ));
        }
        let trades = self.trades.iter().map(String::as_str);
        faults.extend(list("trades", trades, KEYWORDS, CLASS_LIMIT));
        faults
    }
}

impl SiteParticulars {
    /// Everything that is wrong with them.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = texts("name", &self.name, NAME_LIMIT);
        if !is_host(&self.domain) {
            faults.push(Fault::new(
                "domain",
                "not_a_host",
                "域名应只含主机名，例如 www.lanqiao.gov.cn",
                "the domain is a host name alone, such as www.lanqiao.gov.cn",
            ));
        }
        if self.locales.is_empty() {
            faults.push(Fault::new(
                "locales",
                "required",
                "站点至少要有一种语言",
                "a site has at least one language",
            ));
        }
        faults.extend(repeated("locales", &self.locales));
        if self.site_code.as_deref().is_some_and(|code| !is_site_code(code)) {
            faults.push(Fault::new(
                "siteCode",
                "not_a_site_code",
                "网站标识码为 10 位数字，或 bm 加 8 位数字",
                "a site code is 10 digits, or bm and 8 digits",
            ));
        }
        for (name, template) in &self.paths {
            if let Err(bad) = template.parse::<PathTemplate>() {
                faults.push(Fault::new(
                    format!("paths.{name}"),
                    "not_a_path_template",
                    format!("路径模板不对，须含 {{id}} 或 {{slug}}，例如 /{{column}}/{{year}}/{{id}}：{bad}"),
                    format!("not a path template such as /{{column}}/{{year}}/{{id}}: {bad}"),
                ));
            }
        }
        for (place, origin) in self.origins.iter().enumerate() {
            if !is_origin(origin) {
                faults.push(Fault::new(
                    format!("origins[{place}]"),
                    "not_an_origin",
                    "来源应为协议加主机名，末尾不带斜杠，例如 https://www.lanqiao.gov.cn",
                    "an origin is scheme and host without a slash at the end, such as https://www.lanqiao.gov.cn",
                ));
            }
        }
        faults.extend(self.footer.faults());
        faults.extend(self.home.faults());
        faults
    }
}

impl Footer {
    fn faults(&self) -> Vec<Fault> {
        let texts = [("footer.sponsor", &self.sponsor), ("footer.contact", &self.contact)]
            .into_iter()
            .filter_map(|(path, text)| {
                text.as_ref().map(|text| self::texts(path, text, DESCRIPTION_LIMIT))
            })
            .flatten();
        let numbers = [("footer.icp", &self.icp), ("footer.publicSecurity", &self.public_security)]
            .into_iter()
            .filter_map(|(path, text)| length(path, text.as_deref()?, CLASS_LIMIT));
        let mark = self
            .party_government_mark
            .as_deref()
            .filter(|mark| !is_address(mark))
            .map(|_| not_an_address("footer.partyGovernmentMark"));
        texts.chain(numbers).chain(mark).collect()
    }
}

impl Home {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        menu("home.navigation", &self.navigation, MENU_DEPTH, &mut faults);
        shown("home.pinned", &self.pinned, &mut faults);
        for (name, documents) in &self.slots {
            let path = format!("home.slots.{name}");
            faults.extend(length(&path, name, CLASS_LIMIT));
            shown(&path, documents, &mut faults);
        }
        faults.extend(too_many("home.slots", self.slots.len(), SLOTS));
        faults
    }
}

impl ColumnParticulars {
    /// Everything that is wrong with them.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = texts("name", &self.name, NAME_LIMIT);
        faults.extend(length("class", &self.class, CLASS_LIMIT));
        if let Some(description) = &self.description {
            faults.extend(texts("description", description, DESCRIPTION_LIMIT));
        }
        let keywords = self.keywords.iter().map(String::as_str);
        faults.extend(list("keywords", keywords, KEYWORDS, CLASS_LIMIT));
        if self.update_period_days == Some(0) {
            faults.push(Fault::new(
                "updatePeriodDays",
                "too_small",
                "更新期限至少为 1 天；不作要求时请留空",
                "an update period is at least one day; leave it out where nothing is expected",
            ));
        }
        faults
    }
}

fn menu(path: &str, items: &[NavigationItem], depth: usize, faults: &mut Vec<Fault>) {
    faults.extend(too_many(path, items.len(), MENU_ITEMS));
    if depth == 0 && !items.is_empty() {
        faults.push(Fault::new(
            path,
            "too_deep",
            format!("导航最多 {MENU_DEPTH} 级"),
            format!("a menu has at most {MENU_DEPTH} levels"),
        ));
        return;
    }
    for (place, item) in items.iter().enumerate() {
        let path = format!("{path}[{place}]");
        faults.extend(texts(&format!("{path}.label"), &item.label, NAME_LIMIT));
        if item.column.is_some() && item.url.is_some() {
            faults.push(Fault::new(
                &path,
                "two_targets",
                "导航项只能指向栏目或网址之一",
                "a menu item leads to a column or to an address, not to both",
            ));
        }
        if item.column.is_none() && item.url.is_none() && item.items.is_empty() {
            faults.push(Fault::new(
                &path,
                "required",
                "导航项须指向栏目或网址，或含有下级项",
                "a menu item leads to a column or an address, or has items below it",
            ));
        }
        if item.url.as_deref().is_some_and(|url| !is_address(url)) {
            faults.push(not_an_address(format!("{path}.url")));
        }
        menu(&format!("{path}.items"), &item.items, depth.saturating_sub(1), faults);
    }
}

fn shown<T: PartialEq>(path: &str, documents: &[T], faults: &mut Vec<Fault>) {
    faults.extend(too_many(path, documents.len(), SHOWN));
    faults.extend(repeated(path, documents));
}

fn texts(path: &str, text: &Bilingual, limit: usize) -> Vec<Fault> {
    [("zh", &text.zh), ("en", &text.en)]
        .into_iter()
        .filter_map(|(language, text)| length(&format!("{path}.{language}"), text, limit))
        .collect()
}

fn list<'t>(
    path: &str,
    items: impl ExactSizeIterator<Item = &'t str>,
    most: usize,
    limit: usize,
) -> Vec<Fault> {
    let too_many = too_many(path, items.len(), most);
    items
        .enumerate()
        .filter_map(|(place, item)| length(&format!("{path}[{place}]"), item, limit))
        .chain(too_many)
        .collect()
}

pub(super) fn length(path: &str, text: &str, limit: usize) -> Option<Fault> {
    let fits = !text.trim().is_empty() && text.chars().count() <= limit;
    (!fits).then(|| {
        Fault::new(
            path,
            "length",
            format!("应为 1 至 {limit} 个字"),
            format!("this has 1 to {limit} characters"),
        )
    })
}

fn too_many(path: &str, count: usize, most: usize) -> Option<Fault> {
    (count > most).then(|| {
        Fault::new(path, "too_many", format!("最多 {most} 项"), format!("at most {most} of them"))
    })
}

fn repeated<T: PartialEq>(path: &str, items: &[T]) -> Option<Fault> {
    let place = (1..items.len()).find(|place| items[..*place].contains(&items[*place]))?;
    Some(Fault::new(
        format!("{path}[{place}]"),
        "repeated",
        "与前面的项重复，请删去一个",
        "this stands there twice: take one out",
    ))
}

pub(super) fn not_an_address(path: impl Into<String>) -> Fault {
    Fault::new(
        path,
        "not_an_address",
        "网址应以 https://、http:// 或 / 开头，不含空白",
        "an address starts with https://, http:// or / and holds no white space",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::ColumnPath;

    fn site() -> SiteParticulars {
        SiteParticulars {
            name: Bilingual::new("蓝桥市人民政府门户网站", "Lanqiao Municipal Government"),
            domain: "www.lanqiao.gov.cn".into(),
            site_code: Some("9901000001".into()),
            locales: vec!["zh-CN".parse().expect("a locale")],
            footer: Footer::default(),
            paths: [("article".parse().expect("a type"), "/{column}/{id}".to_owned())].into(),
            origins: vec!["https://www.lanqiao.gov.cn".into(), "http://localhost:3000".into()],
            home: Home::default(),
        }
    }

    fn codes(faults: &[Fault]) -> Vec<(&str, &str)> {
        faults.iter().map(|fault| (fault.path.as_str(), fault.code)).collect()
    }

    #[test]
    fn a_proper_site_has_no_faults() {
        assert_eq!(site().faults(), []);
    }

    #[test]
    fn every_fault_of_a_site_is_named_at_its_place() {
        let mut wrong = site();
        wrong.name.en = " ".into();
        wrong.domain = "https://www.lanqiao.gov.cn".into();
        wrong.site_code = Some("51".into());
        wrong.locales.push(wrong.locales[0].clone());
        wrong.paths.insert("notice".parse().expect("a type"), "/{column}".into());
        wrong.origins.push("https://www.lanqiao.gov.cn/".into());
        wrong.footer.party_government_mark = Some("javascript:alert(1)".into());

        let expected = [
            ("name.en", "length"),
            ("domain", "not_a_host"),
            ("locales[1]", "repeated"),
            ("siteCode", "not_a_site_code"),
            ("paths.notice", "not_a_path_template"),
            ("origins[2]", "not_an_origin"),
            ("footer.partyGovernmentMark", "not_an_address"),
        ];
        assert_eq!(codes(&wrong.faults()), expected);
    }

    #[test]
    fn a_menu_item_leads_to_one_place() {
        let item = |column: Option<&str>, url: Option<&str>| NavigationItem {
            label: Bilingual::new("政务公开", "Open government"),
            column: column.map(|path| path.parse::<ColumnPath>().expect("a column path")),
            url: url.map(str::to_owned),
            items: vec![],
        };
        let mut wrong = site();
        wrong.home.navigation = vec![
            item(Some("policy"), Some("/x")),
            item(None, None),
            item(None, Some("//evil.example")),
        ];
        let mut deep = item(Some("policy"), None);
        for _ in 0..MENU_DEPTH {
            deep = NavigationItem { items: vec![deep], ..item(Some("policy"), None) };
        }
        wrong.home.navigation.push(deep);

        let expected = [
            ("home.navigation[0]", "two_targets"),
            ("home.navigation[1]", "required"),
            ("home.navigation[2].url", "not_an_address"),
            ("home.navigation[3].items[0].items[0].items", "too_deep"),
        ];
        assert_eq!(codes(&wrong.faults()), expected);
    }
}
