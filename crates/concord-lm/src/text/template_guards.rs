//! The guards of single instructions: each takes what its instruction will cost (see `template_code`).
//!
//! A guard of two values gives both back as a list, the upper one first, as the engine unpacks it.

use std::sync::Arc;

use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, Value};

use super::template_budget::{Budget, ENTRY_BYTES, VALUE_BYTES, failed};

/// Bytes of a macro and of what it closes over, those values not counted.
const MACRO_BYTES: usize = 1 << 10;
/// Most bytes that a byte of text or a value takes when it is printed.
const PRINTED_FACTOR: usize = 8;

/// Takes what an operation on two values costs.
type Cost = fn(&Budget, &Value, &Value) -> Result<(), Error>;

pub(super) fn add_to(environment: &mut Environment<'_>, budget: &Arc<Budget>) {
    let guards: [(&'static str, Cost); 5] =
        [("+", add), ("*", multiply), ("~", concatenate), ("==", compare), ("in", contain)];
    for (name, cost) in guards {
        let budget = budget.clone();
        environment.add_filter(name, move |left: Value, right: Value| {
            cost(&budget, &left, &right).map(|()| Value::from(vec![right, left]))
        });
    }
    let owned = budget.clone();
    environment.add_filter("=", move |value: Value, namespace: Value| {
        owned.read_data(&value).map(|_| Value::from(vec![namespace, value]))
    });
    let owned = budget.clone();
    environment.add_filter("[]", move |container: &Value, key: &Value| item(&owned, container, key));
    let owned = budget.clone();
    environment.add_filter("[:]", move |bounds: Rest<Value>| slice(&owned, &bounds));
    let owned = budget.clone();
    environment.add_filter("settle", move |value: Value| match value.kind() {
        ValueKind::Iterable => owned.settle(value),
        _ => Ok(value),
    });
    let owned = budget.clone();
    // Takes whatever it is given as it is: the arguments of a call too.
    environment.add_filter("make", move |values: Rest<Value>| make(&owned, &values));
    let owned = budget.clone();
    environment.add_filter("read", move |value: Value| {
        let n_items = value.len().unwrap_or(0);
        owned.read(n_items.saturating_mul(VALUE_BYTES)).map(|()| value)
    });
    let owned = budget.clone();
    environment.add_filter("macro", move |_: Value| owned.keep(MACRO_BYTES).map(|()| Value::from(())));
}

fn n_bytes(value: &Value) -> usize {
    value.as_str().map_or(0, str::len)
}

fn is_list(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
}

fn add(budget: &Budget, left: &Value, right: &Value) -> Result<(), Error> {
    match (left.as_str(), right.as_str()) {
        (Some(left), Some(right)) => budget.keep_text(left.len() + right.len()),
        _ => Ok(()),
    }
}

fn multiply(budget: &Budget, left: &Value, right: &Value) -> Result<(), Error> {
    let (many, n_times) = if right.is_number() { (left, right) } else { (right, left) };
    let Some(n_times) = n_times.as_usize() else { return Ok(()) };
    if is_list(many) {
        let n_items = many.len().unwrap_or(0).saturating_mul(n_times);
        return budget.keep(n_items.saturating_mul(VALUE_BYTES));
    }
    budget.keep_text(n_bytes(many).saturating_mul(n_times))
}

fn concatenate(budget: &Budget, left: &Value, right: &Value) -> Result<(), Error> {
    let mut n_bytes = 0;
    for value in [left, right] {
        n_bytes += match value.as_str() {
            Some(text) => text.len(),
            None => PRINTED_FACTOR * budget.read_value(value)?,
        };
    }
    budget.keep_text(n_bytes)
}

fn compare(budget: &Budget, left: &Value, right: &Value) -> Result<(), Error> {
    if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
        return budget.read(left.len().min(right.len()));
    }
    // Values of different kinds are told apart at once.
    if left.kind() == right.kind() {
        budget.read_value(left)?;
        budget.read_value(right)?;
    }
    Ok(())
}

fn contain(budget: &Budget, needle: &Value, container: &Value) -> Result<(), Error> {
    let n_needle = budget.read_value(needle)?;
    if container.as_str().is_some() && needle.as_str().is_none() {
        budget.keep_text(PRINTED_FACTOR * n_needle)?;
    }
    if container.kind() != ValueKind::Map {
        budget.read_value(container)?;
        let n_items = if is_list(container) { container.len().unwrap_or(0) } else { 0 };
        budget.read(n_items.saturating_mul(n_needle))?;
    }
    Ok(())
}

fn item(budget: &Budget, container: &Value, key: &Value) -> Result<Value, Error> {
    let n_read = match container.kind() {
        ValueKind::String => n_bytes(container),
        ValueKind::Iterable => container.len().unwrap_or(0).saturating_mul(VALUE_BYTES),
        _ => 0,
    };
    budget.read(n_read)?;
    budget.read_value(key)?;
    container.get_item(key)
}

/// `value[start:stop:step]`, as Python does it.
fn slice(budget: &Budget, operands: &[Value]) -> Result<Value, Error> {
    let [value, bounds @ ..] = operands else { return Err(failed("nothing to slice")) };
    let mut numbers = [None; 3];
    for (number, bound) in numbers.iter_mut().zip(bounds) {
        *number = match bound.as_i64() {
            _ if bound.is_none() => None,
            Some(bound) => Some(bound.clamp(-(1 << 40), 1 << 40)),
            None => return Err(failed("the bounds of a slice must be whole numbers")),
        };
    }
    let [start, stop, step] = numbers;
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(failed("the step of a slice cannot be 0"));
    }
    if let Some(text) = value.as_str() {
        budget.read(PRINTED_FACTOR * text.len())?;
        let chars: Vec<char> = text.chars().collect();
        let part: String = indices(start, stop, step, chars.len()).map(|index| chars[index]).collect();
        budget.keep_text(part.len())?;
        return Ok(Value::from(part));
    }
    if value.is_undefined() || value.is_none() {
        return Ok(Value::from(Vec::<Value>::new()));
    }
    if !is_list(value) {
        return Err(failed(format!("a {} cannot be sliced", value.kind())));
    }
    let n_items = value.len().unwrap_or(0);
    budget.keep(n_items.saturating_mul(2 * VALUE_BYTES))?;
    budget.read(n_items.saturating_mul(VALUE_BYTES))?;
    let items: Vec<Value> = value.try_iter()?.collect();
    Ok(Value::from_iter(indices(start, stop, step, items.len()).map(|index| items[index].clone())))
}

/// Python's indices of a slice of `n` items.
fn indices(start: Option<i64>, stop: Option<i64>, step: i64, n: usize) -> impl Iterator<Item = usize> {
    let n = n as i64;
    let (least, most) = if step > 0 { (0, n) } else { (-1, n - 1) };
    let place = |bound: i64| if bound < 0 { (bound + n).max(least) } else { bound.min(most) };
    let start = start.map_or(if step > 0 { 0 } else { n - 1 }, place);
    let stop = stop.map_or(if step > 0 { n } else { -1 }, place);
    let is_before = move |index: &i64| if step > 0 { *index < stop } else { *index > stop };
    std::iter::successors(Some(start), move |index| Some(index + step))
        .take_while(is_before)
        .map(|index| index as usize)
}

fn make(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let [value] = values else { return Err(failed("nothing was made")) };
    budget.read_value(value)?;
    let item_bytes = if value.kind() == ValueKind::Map { ENTRY_BYTES } else { VALUE_BYTES };
    budget.keep(value.len().unwrap_or(0).saturating_mul(item_bytes))?;
    Ok(value.clone())
}
