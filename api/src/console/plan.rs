//! The publication plan on the page of a document: what it says, and the form that changes it.

use editorial::{
    Error, Refusal,
    documents::Target,
    plans::{Change, Planned},
};
use jiff::{Timestamp, civil::DateTime};
use schema::{
    digest::Digest,
    message::Fault,
    parameters::BEIJING,
    plan::{STAGES, Step, StepChange},
};
use store::{Error as StoreError, Session, deliveries::targets};

use super::{form::Form as Sent, frame::Tongue};

/// Steps that a form brings, at the most: what a rule names at the most.
const STEPS: usize = 100;

/// A plan as the page shows it.
pub(super) struct Plan {
    pub(super) digest: String,
    pub(super) steps: Vec<Row>,
    /// Whether whoever looks may change it, and anything in it can be.
    pub(super) can_change: bool,
}

/// One target.
pub(super) struct Row {
    pub(super) target: String,
    pub(super) channel: String,
    pub(super) goes: bool,
    pub(super) required: bool,
    pub(super) stage: u8,
    /// As an input of the browser writes it, by the clock of Beijing.
    pub(super) at: String,
    pub(super) after_minutes: u32,
    /// The same for people.
    pub(super) when: String,
}

/// What the page shows of a plan; nothing of one that says nothing.
pub(super) async fn told(
    session: &mut Session,
    l: Tongue,
    planned: Planned,
    may_change: bool,
) -> Result<Option<Plan>, StoreError> {
    if planned.plan.is_empty() {
        return Ok(None);
    }
    let mut steps = Vec::with_capacity(planned.plan.steps.len());
    for step in &planned.plan.steps {
        let target = targets::by_key(session, &step.target).await?;
        steps.push(Row {
            target: step.target.clone(),
            channel: target.map(|target| target.channel).unwrap_or_default(),
            goes: step.goes,
            required: step.required,
            stage: step.stage,
            at: step.at.map(input_time).unwrap_or_default(),
            after_minutes: step.after_minutes,
            when: when(l, step, planned.plan.before(step).next().is_some()),
        });
    }
    let can_change = may_change && steps.iter().any(|row| !row.required);
    Ok(Some(Plan { digest: planned.digest.to_string(), steps, can_change }))
}

fn when(l: Tongue, step: &Step, waits: bool) -> String {
    if !step.goes {
        return l.t("不投放", "does not go there").to_owned();
    }
    let mut words = Vec::new();
    if waits {
        words.push(l.t("前序对象收到后", "after those before hold it").to_owned());
    }
    match step.after_minutes {
        0 => {}
        minutes => {
            words.push(format!("{} {minutes} {}", l.t("推迟", "later by"), l.t("分钟", "min")));
        }
    }
    if let Some(at) = step.at {
        words.push(format!("{} {}", l.t("不早于", "not before"), Tongue::moment(at)));
    }
    match words.is_empty() {
        true => l.t("发布即投", "at once").to_owned(),
        false => words.join(l.t("，", ", ")),
    }
}

fn input_time(at: Timestamp) -> String {
    BEIJING.to_datetime(at).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// What the form of the page says.
pub(super) fn read(target: Target, form: &Sent) -> Result<Change, Error> {
    let seen: Digest = form.text("plan").parse().map_err(|_| super::acts::stale())?;
    let mut steps = Vec::new();
    for place in 0..STEPS {
        let named = |what: &str| format!("{what}-{place}");
        let Some(key) = form.filled(&named("target")) else { continue };
        let number = |what: &str, most: u32| {
            let text = form.filled(&named(what)).unwrap_or("0");
            text.parse().map_err(|_| wrong(format!("{what} {key}"), most))
        };
        let stage = number("stage", STAGES.into())?;
        steps.push(StepChange {
            target: key.to_owned(),
            goes: Some(form.filled(&named("goes")).is_some()),
            stage: Some(
                u8::try_from(stage).map_err(|_| wrong(format!("stage {key}"), STAGES.into()))?,
            ),
            at: Some(form.filled(&named("at")).map(|text| moment(text, key)).transpose()?),
            after_minutes: Some(number("after", schema::plan::LONGEST)?),
        });
    }
    Ok(Change { target, seen: Some(seen), steps })
}

fn moment(text: &str, key: &str) -> Result<Timestamp, Error> {
    let wrong = || {
        let fault = Fault::new(
            format!("at {key}"),
            "bad_time",
            format!("“{key}”的时间应写作 2026-03-02T09:00"),
            format!("write the time of {key:?} as 2026-03-02T09:00"),
        );
        Error::from(Refusal::Invalid(vec![fault]))
    };
    let wall: DateTime = text.parse().map_err(|_| wrong())?;
    BEIJING.to_timestamp(wall).map_err(|_| wrong())
}

fn wrong(path: String, most: u32) -> Error {
    let fault = Fault::new(
        path,
        "out_of_range",
        format!("应为 0 至 {most} 的整数"),
        format!("give a whole number from 0 to {most}"),
    );
    Refusal::Invalid(vec![fault]).into()
}
