//! Whether a place lies in a circle, and how far from its middle, asked of the digits of its key (see [`schema::position`]): its
//! latitude by the index, its longitude, and how long the straight line to the middle is.

use schema::position::{COORDINATES, Circle, KEY_BYTES, LONGITUDE};

use crate::{Engine, statement::Statement};

/// Writes the condition on `key`.
pub(in crate::reading) fn push(key: &'static str, circle: &Circle, statement: &mut Statement) {
    statement.push(key).push(" >= ").bind(circle.from.clone());
    statement.push(" AND ").push(key).push(" < ").bind(circle.to.clone());
    if let Some((first, last)) = &circle.longitudes {
        for (sign, longitude) in [(" >= ", first), (" <= ", last)] {
            statement.push(" AND ");
            push_digits(key, LONGITUDE, statement);
            statement.push(sign).bind(longitude.clone());
        }
    }
    // Whatever a planner tries first, only keys of positions are read as digits.
    statement.push(" AND CASE WHEN length(").push(key).push(") = ").bind(KEY_BYTES as i64);
    statement.push(" THEN ");
    push_sum(key, circle, statement);
    statement.push(" <= ").bind(circle.line_squared).push(" ELSE (1 = 0) END");
}

/// Writes the square of the straight line from the middle to `key`; null for what is no position.
pub(in crate::reading) fn push_line(key: &'static str, circle: &Circle, statement: &mut Statement) {
    statement.push("CASE WHEN length(").push(key).push(") = ").bind(KEY_BYTES as i64);
    statement.push(" THEN ");
    push_sum(key, circle, statement);
    statement.push(" END");
}

fn push_sum(key: &'static str, circle: &Circle, statement: &mut Statement) {
    for (nth, (at, centre)) in COORDINATES.into_iter().zip(circle.centre).enumerate() {
        statement.push(if nth == 0 { "" } else { " + " });
        for factor in ["(", " * ("] {
            statement.push(factor);
            push_number(key, at, statement);
            statement.push(" - ").bind(centre).push(")");
        }
    }
}

/// Writes the ten digits from `at` as a number.
fn push_number(key: &'static str, at: usize, statement: &mut Statement) {
    let (before, after) = match statement.engine() {
        Engine::Sqlite => ("CAST(", " AS INTEGER)"),
        Engine::Postgres => ("CAST(encode(", ", 'escape') AS BIGINT)"),
    };
    statement.push(before);
    push_digits(key, (at, 10), statement);
    statement.push(after);
}

/// Writes so many digits of `key` from `at`.
fn push_digits(key: &'static str, (at, length): (usize, usize), statement: &mut Statement) {
    statement.push("substr(").push(key);
    for number in [at, length] {
        statement.push(", CAST(").bind(number as i64).push(" AS INTEGER)");
    }
    statement.push(")");
}
