use super::*;

fn named(target: &str, required: bool, proposed: bool, stage: u8, after: u32) -> Named {
    Named { target: target.into(), required, proposed, stage, after_minutes: after }
}

fn rule() -> Rule {
    Rule {
        targets: vec![
            named("weibo", false, true, 2, 10),
            named("province", true, false, 1, 0),
            named("wechat", false, false, 1, 0),
        ],
    }
}

fn goes(target: &str, goes: bool) -> StepChange {
    StepChange { target: target.into(), goes: Some(goes), ..StepChange::default() }
}

fn now() -> Timestamp {
    "2026-03-02T01:00:00Z".parse().expect("a moment")
}

fn written(said: Option<&Plan>) -> Plan {
    propose(&[&rule()], |_| true, said, Occasion::Written)
}

#[test]
fn a_rule_proposes_what_it_names_in_its_order() {
    let plan = written(None);
    let steps: Vec<_> = plan.steps.iter().map(|s| (s.target.as_str(), s.goes, s.stage)).collect();

    assert_eq!(steps, [("province", true, 1), ("wechat", false, 1), ("weibo", true, 2)]);
    assert_eq!(plan.before(&plan.steps[2]).collect::<Vec<_>>(), ["province"]);
}

#[test]
fn a_target_that_does_not_take_the_text_is_no_part_of_its_plan() {
    let plan = propose(&[&rule()], |target| target == "wechat", None, Occasion::Written);

    assert_eq!(plan.steps.len(), 1);
}

#[test]
fn what_is_imported_goes_only_where_it_must() {
    let plan = propose(&[&rule()], |_| true, None, Occasion::Imported);
    let goes: Vec<_> = plan.steps.iter().filter(|s| s.goes).map(|s| s.target.as_str()).collect();

    assert_eq!(goes, ["province"]);
}

#[test]
fn what_an_editor_said_stays_unless_a_rule_requires_it_meanwhile() {
    let changed = written(None).change(&[goes("wechat", true)], now()).expect("it may be changed");
    assert!(written(Some(&changed)).step("wechat").expect("it is there").goes);

    let stricter = Rule { targets: vec![named("wechat", true, true, 3, 5)] };
    let plan = propose(&[&stricter], |_| true, Some(&changed), Occasion::Written);
    let step = plan.step("wechat").expect("it is there");
    assert_eq!((step.required, step.stage, step.after_minutes), (true, 3, 5));
}

#[test]
fn in_two_columns_the_stricter_rule_holds() {
    let other = Rule { targets: vec![named("weibo", true, true, 1, 0)] };
    let plan = propose(&[&rule(), &other], |_| true, None, Occasion::Written);
    let step = plan.step("weibo").expect("it is there");

    assert_eq!((step.required, step.stage, step.after_minutes), (true, 1, 0));
}

#[test]
fn what_is_required_cannot_be_changed_nor_what_is_not_there() {
    let plan = written(None);
    let code = |changes: &[StepChange]| plan.change(changes, now()).expect_err("a fault")[0].code;

    assert_eq!(code(&[goes("province", false)]), "required");
    assert_eq!(code(&[goes("nobody", true)]), "not_in_the_plan");
    assert_eq!(code(&[goes("wechat", true), goes("wechat", true)]), "twice");
    assert_eq!(code(&[StepChange { stage: Some(0), ..goes("wechat", true) }]), "out_of_range");
    let late = StepChange { after_minutes: Some(LONGEST + 1), ..goes("wechat", true) };
    assert_eq!(code(&[late]), "out_of_range");
    let late = now().checked_add(FURTHEST * 2).expect("a moment");
    let late = StepChange { at: Some(Some(late)), ..goes("wechat", true) };
    assert_eq!(code(&[late]), "out_of_range");
    assert!(plan.change(&[goes("province", true)], now()).is_ok(), "it says what is said already");
}

#[test]
fn what_is_not_said_of_a_target_stays_as_it_is() {
    let plan = written(None).change(&[goes("weibo", false)], now()).expect("it may be changed");
    let step = plan.step("weibo").expect("it is there");

    assert_eq!((step.goes, step.stage, step.after_minutes), (false, 2, 10));
}

#[test]
fn another_plan_has_another_digest() {
    let plan = written(None);
    let other = plan.change(&[goes("wechat", true)], now()).expect("one");

    let digest = |plan: &Plan| plan.digest().expect("it was checked");
    assert_ne!(digest(&plan), digest(&other));
    assert_eq!(digest(&plan), digest(&written(None)));
}
