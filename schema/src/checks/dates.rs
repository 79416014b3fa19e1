//! Dates in texts: days that no calendar has, and dates written half in Chinese and half in digits.
//!
//! A date that does not exist is a slip, and the reader cannot know which day was meant. GB/T
//! 15835—2011 wants a date in one kind of digits.

mod written;

use super::{Check, Findings, Severity, Subject, SubjectText, Surroundings};
use crate::message::Bilingual;
use written::{Digits, Fault, Written};

/// See the module.
pub(super) struct Dates;

impl Check for Dates {
    fn key(&self) -> &'static str {
        "dates"
    }

    fn look(&self, subject: &Subject<'_>, _: &Surroundings, findings: &mut Findings<'_>) {
        for text in &subject.texts {
            for written in written::dates(text.folded()) {
                if findings.is_full() {
                    return;
                }
                tell(text, &written, findings);
            }
        }
    }
}

fn tell(text: &SubjectText<'_>, date: &Written, findings: &mut Findings<'_>) {
    let place = date.place.clone();
    let words = text.at(place.clone());
    if let Some(fault) = date.fault() {
        let (zh, en) = match fault {
            Fault::Month => ("没有这个月份", "there is no such month"),
            Fault::Day => ("没有这一天", "there is no such day"),
            Fault::LeapDay => ("该年不是闰年，没有 2 月 29 日", "that year has no 29 February"),
        };
        let message =
            Bilingual::new(format!("日期“{words}”有误：{zh}"), format!("{words:?}: {en}"));
        findings.push(text.finding(place, "impossible_date", Severity::Error, message));
        return;
    }
    let is_wide = words.chars().any(|letter| ('０'..='９').contains(&letter));
    let is_mixed = date.digits == Digits::Both;
    if is_wide || is_mixed {
        let plain = date.plain();
        let message = Bilingual::new(
            format!("日期“{words}”的数字写法不一致，应写作“{plain}”"),
            format!("{words:?} mixes kinds of digits: write {plain}"),
        );
        let finding = text.finding(place, "mixed_date", Severity::Notice, message);
        findings.push(finding.suggesting(plain));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::tests::found_by;

    fn told(text: &str) -> Vec<(&'static str, Option<String>)> {
        let body = format!("<p>{text}</p>");
        let found = found_by(&Dates, json!({ "title": "甲", "body": body }));
        found.into_iter().map(|it| (it.code, it.suggestion)).collect()
    }

    #[test]
    fn days_that_do_not_exist_are_found() {
        for text in [
            "2026年2月30日起施行",
            "2026年13月召开",
            "2026年0月5日",
            "截至6月31日",
            "二〇二六年二月三十日",
            "于二月三十日前",
            "2026年2月29日",
            "12月32日",
            "2026-02-30",
            "2026/13/01",
            "２０２６年２月３０日",
            "2026 年 2 月 30 日",
            "二○二六年十一月三十一日",
        ] {
            assert_eq!(told(text), [("impossible_date", None)], "{text}");
        }
    }

    #[test]
    fn days_that_do_exist_are_left_alone() {
        for text in [
            "2026年2月28日",
            "2024年2月29日",
            "2月29日",
            "二〇二六年三月二日",
            "一九九八年十二月三十一日",
            "3个月30日内",
            "满13月龄",
            "共13月",
            "农历二月三十日",
            "（农历）六月三十日",
            "五六月间",
            "一二月份",
            "2020-13",
            "GB/T 1234-2026-02-30",
            "电话2026-0230",
            "1-2月30日均气温",
            "2026-03-02",
            "12-36月",
            "2026年度1月至3月",
            "每月31日",
            "30日",
            "十月革命",
            "2026年三季度",
            "20日、30日",
            "版本 2026.2.30",
        ] {
            assert_eq!(told(text), [], "{text}");
        }
    }

    #[test]
    fn a_date_has_one_kind_of_digits() {
        for (text, plain) in [
            ("２０２６年３月２日", "2026年3月2日"),
            ("二〇二六年3月2日", "2026年3月2日"),
            ("2026年三月2日", "2026年3月2日"),
            ("三月2日", "3月2日"),
            ("2026年十二月", "2026年12月"),
        ] {
            assert_eq!(told(text), [("mixed_date", Some(plain.to_owned()))], "{text}");
        }
    }
}
