//! The filters, tests, functions and methods that templates may call, each under the budget.
//!
//! Those of the template engine are called through [`call`]: it takes the cost of reading the arguments
//! before and that of the result after. Those whose result can be longer than their arguments are
//! checked before, or written here.

use std::sync::Arc;

use minijinja::value::{Kwargs, Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, Value, filters, functions};
use minijinja_contrib::pycompat::unknown_method_callback;

use super::python::printed;
use super::template_budget::{Budget, ENTRY_BYTES, VALUE_BYTES, too_long};

/// Largest number that may say how much a value grows: a width, a count.
const MAX_GROWTH: usize = 10_000;
/// Most digits of a number within a format, and so the widest field.
const MAX_FORMAT_DIGITS: usize = 3;
/// Farthest end of a range.
const MAX_RANGE: u64 = 1 << 28;

/// Adds all of them.
pub(super) fn add_to(environment: &mut Environment<'_>, budget: &Arc<Budget>) {
    for (name, filter) in engine_filters() {
        let budget = budget.clone();
        environment.add_filter(name, move |state: &State<'_, '_>, arguments: Rest<Value>| {
            call(&budget, &filter, state, name, &arguments)
        });
    }
    for (name, test) in engine_tests() {
        let budget = budget.clone();
        environment.add_test(name, move |state: &State<'_, '_>, arguments: Rest<Value>| {
            read_arguments(&budget, &arguments)?;
            test.call(state, &arguments).map(|value| value.is_true())
        });
    }
    let owned = budget.clone();
    environment.add_filter("replace", move |text: &Value, old: &Value, new: &Value, count: Option<i64>| {
        replace(&owned, &[&printed(text)?, &printed(old)?, &printed(new)?], count)
    });
    let owned = budget.clone();
    environment.add_filter("join", move |values: &Value, separator: Option<Value>| {
        join(&owned, values, &separator.as_ref().map_or(Ok(String::new()), printed)?)
    });
    for name in ["string", "pprint"] {
        let owned = budget.clone();
        environment.add_filter(name, move |value: &Value| {
            let text = printed(value)?;
            owned.keep_text(text.len()).map(|()| Value::from(text))
        });
    }
    for name in ["length", "count"] {
        let owned = budget.clone();
        environment.add_filter(name, move |value: &Value| {
            owned.read(value.as_str().map_or(0, str::len))?;
            filters::length(value)
        });
    }
    environment.add_filter("default", filters::default);
    environment.add_filter("d", filters::default);
    environment.add_filter("first", filters::first);
    add_functions(environment, budget);
    let owned = budget.clone();
    environment.set_unknown_method_callback(move |state, value, name, arguments| {
        method(&owned, state, value, name, arguments)
    });
}

fn add_functions(environment: &mut Environment<'_>, budget: &Arc<Budget>) {
    environment.add_function("range", |lower: i64, upper: Option<i64>, step: Option<i64>| {
        let numbers = [Some(lower), upper, step].into_iter().flatten();
        if numbers.into_iter().any(|number| number.unsigned_abs() > MAX_RANGE) {
            return Err(too_long());
        }
        functions::range(lower as isize, upper.map(|n| n as isize), step.map(|n| n as isize))
    });
    let owned = budget.clone();
    environment.add_function("dict", move |value: Option<Value>, more: Kwargs| {
        let n_items = value.as_ref().and_then(Value::len).unwrap_or(0) + more.args().count();
        owned.keep(n_items.saturating_mul(ENTRY_BYTES))?;
        functions::dict(value, more)
    });
    let owned = budget.clone();
    environment.add_function("namespace", move |defaults: Option<Value>| {
        let n_items = defaults.as_ref().and_then(Value::len).unwrap_or(0) + 1;
        owned.keep(n_items.saturating_mul(ENTRY_BYTES))?;
        functions::namespace(defaults)
    });
}

/// Calls a filter of the engine.
fn call(
    budget: &Budget,
    filter: &Value,
    state: &State<'_, '_>,
    name: &str,
    arguments: &[Value],
) -> Result<Value, Error> {
    read_arguments(budget, arguments)?;
    let n_items = arguments
        .first()
        .map_or(0, |value| if value.as_str().is_some() { 0 } else { value.len().unwrap_or(0) });
    match name {
        "indent" => {
            let width = largest_number(arguments)?;
            let text = arguments.first().and_then(Value::as_str).unwrap_or_default();
            budget.read(text.len())?;
            budget.keep_text(text.len() + (text.matches('\n').count() + 1) * width.max(4))?;
        }
        "batch" | "slice" => budget.keep((n_items + largest_number(arguments)?) * 2 * VALUE_BYTES)?,
        "format" => check_format(budget, arguments)?,
        _ => {}
    }
    budget.settle(filter.call(state, arguments)?)
}

/// Takes the time of reading all arguments, those after a list once for each of its items.
fn read_arguments(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    let Some((first, others)) = arguments.split_first() else { return Ok(()) };
    budget.read_value(first)?;
    let n_times = if first.as_str().is_some() { 1 } else { first.len().unwrap_or(1).max(1) };
    for other in others {
        let n_bytes = budget.read_value(other)?;
        budget.read(n_bytes.saturating_mul(n_times))?;
    }
    Ok(())
}

/// The largest whole number among the arguments after the first, named ones too.
fn largest_number(arguments: &[Value]) -> Result<usize, Error> {
    let mut largest = 0;
    for argument in arguments.iter().skip(1) {
        let named =
            argument.as_object().filter(|_| argument.is_kwargs()).and_then(|named| named.try_iter_pairs());
        for value in named.into_iter().flatten().map(|(_, value)| value).chain([argument.clone()]) {
            largest = largest.max(value.as_usize().unwrap_or(0));
        }
    }
    if largest > MAX_GROWTH { Err(too_long()) } else { Ok(largest) }
}

/// Refuses formats whose result could be much longer than format and arguments together.
fn check_format(budget: &Budget, arguments: &[Value]) -> Result<(), Error> {
    let Some(format) = arguments.first().and_then(Value::as_str) else { return Ok(()) };
    let is_wide = format.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() > MAX_FORMAT_DIGITS);
    if is_wide || (format.contains('*') && largest_number(arguments)? > 1000) {
        return Err(too_long());
    }
    let mut longest = 0;
    for argument in arguments {
        longest = longest.max(match argument.as_str() {
            Some(text) => text.len(),
            None => 8 * budget.read_value(argument)?,
        });
    }
    let n_fields = format.matches(['%', '{']).count();
    budget.keep_text(n_fields.saturating_mul(longest.saturating_add(4000)).saturating_add(format.len()))
}

/// A method of a text, a list or a map.
fn method(
    budget: &Budget,
    state: &State<'_, '_>,
    value: &Value,
    name: &str,
    arguments: &[Value],
) -> Result<Value, Error> {
    if let (ValueKind::Map, "get") = (value.kind(), name) {
        return unknown_method_callback(state, value, name, arguments);
    }
    let all: Vec<Value> = std::iter::once(value).chain(arguments).cloned().collect();
    read_arguments(budget, &all)?;
    let text = |index: usize| arguments.get(index).and_then(Value::as_str);
    match (value.as_str(), name) {
        (Some(own), "replace") if arguments.len() < 4 => match (text(0), text(1)) {
            (Some(old), Some(new)) => {
                replace(budget, &[own, old, new], arguments.get(2).and_then(Value::as_i64))
            }
            _ => Err(Error::from(ErrorKind::MissingArgument)),
        },
        (Some(own), "join") if arguments.len() == 1 => join(budget, &arguments[0], own),
        // The engine would look for the empty text for ever.
        (Some(own), "count") if text(0) == Some("") => Ok(Value::from(own.chars().count() + 1)),
        (Some(_), "format") => {
            check_format(budget, &all)?;
            budget.settle(unknown_method_callback(state, value, name, arguments)?)
        }
        _ => budget.settle(unknown_method_callback(state, value, name, arguments)?),
    }
}

/// `text.replace(old, new, count)`; all of them where `count` is absent or negative.
fn replace(budget: &Budget, [text, old, new]: &[&str; 3], count: Option<i64>) -> Result<Value, Error> {
    budget.read(text.len() + old.len() + new.len())?;
    let count = count.and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
    let n_found = text.matches(old).count().min(count);
    budget.keep_text(text.len() - n_found * old.len() + n_found.saturating_mul(new.len()))?;
    Ok(Value::from(text.replacen(old, new, count)))
}

/// `separator.join(values)`.
fn join(budget: &Budget, values: &Value, separator: &str) -> Result<Value, Error> {
    let mut out = String::new();
    for (index, value) in values.try_iter()?.enumerate() {
        let text = printed(&value)?;
        let separator = if index > 0 { separator } else { "" };
        budget.read(VALUE_BYTES + separator.len() + text.len())?;
        budget.keep_text(separator.len() + text.len())?;
        out.push_str(separator);
        out.push_str(&text);
    }
    budget.keep_text(out.len())?;
    Ok(Value::from(out))
}

/// Filters whose results are not longer than their arguments, or checked in [`call`].
fn engine_filters() -> [(&'static str, Value); 36] {
    use minijinja::filters as f;
    [
        ("abs", Value::from_function(f::abs)),
        ("attr", Value::from_function(f::attr)),
        ("batch", Value::from_function(f::batch)),
        ("bool", Value::from_function(f::bool)),
        ("capitalize", Value::from_function(f::capitalize)),
        ("dictsort", Value::from_function(f::dictsort)),
        ("e", Value::from_function(f::escape)),
        ("escape", Value::from_function(f::escape)),
        ("float", Value::from_function(f::float)),
        ("format", Value::from_function(f::format)),
        ("groupby", Value::from_function(f::groupby)),
        ("indent", Value::from_function(f::indent)),
        ("int", Value::from_function(f::int)),
        ("items", Value::from_function(f::items)),
        ("last", Value::from_function(f::last)),
        ("lines", Value::from_function(f::lines)),
        ("list", Value::from_function(f::list)),
        ("lower", Value::from_function(f::lower)),
        ("map", Value::from_function(f::map)),
        ("max", Value::from_function(f::max)),
        ("min", Value::from_function(f::min)),
        ("reject", Value::from_function(f::reject)),
        ("rejectattr", Value::from_function(f::rejectattr)),
        ("reverse", Value::from_function(f::reverse)),
        ("round", Value::from_function(f::round)),
        ("safe", Value::from_function(f::safe)),
        ("select", Value::from_function(f::select)),
        ("selectattr", Value::from_function(f::selectattr)),
        ("slice", Value::from_function(f::slice)),
        ("sort", Value::from_function(f::sort)),
        ("split", Value::from_function(f::split)),
        ("sum", Value::from_function(f::sum)),
        ("title", Value::from_function(f::title)),
        ("trim", Value::from_function(f::trim)),
        ("unique", Value::from_function(f::unique)),
        ("upper", Value::from_function(f::upper)),
    ]
}

fn engine_tests() -> [(&'static str, Value); 41] {
    use minijinja::tests as f;
    [
        ("undefined", Value::from_function(f::is_undefined)),
        ("defined", Value::from_function(f::is_defined)),
        ("none", Value::from_function(f::is_none)),
        ("safe", Value::from_function(f::is_safe)),
        ("escaped", Value::from_function(f::is_safe)),
        ("boolean", Value::from_function(f::is_boolean)),
        ("odd", Value::from_function(f::is_odd)),
        ("even", Value::from_function(f::is_even)),
        ("divisibleby", Value::from_function(is_divisible)),
        ("number", Value::from_function(f::is_number)),
        ("integer", Value::from_function(f::is_integer)),
        ("int", Value::from_function(f::is_integer)),
        ("float", Value::from_function(f::is_float)),
        ("string", Value::from_function(f::is_string)),
        ("sequence", Value::from_function(f::is_sequence)),
        ("mapping", Value::from_function(f::is_mapping)),
        ("startingwith", Value::from_function(f::is_startingwith)),
        ("endingwith", Value::from_function(f::is_endingwith)),
        ("lower", Value::from_function(f::is_lower)),
        ("upper", Value::from_function(f::is_upper)),
        ("sameas", Value::from_function(f::is_sameas)),
        ("eq", Value::from_function(f::is_eq)),
        ("equalto", Value::from_function(f::is_eq)),
        ("==", Value::from_function(f::is_eq)),
        ("ne", Value::from_function(f::is_ne)),
        ("!=", Value::from_function(f::is_ne)),
        ("lt", Value::from_function(f::is_lt)),
        ("lessthan", Value::from_function(f::is_lt)),
        ("<", Value::from_function(f::is_lt)),
        ("le", Value::from_function(f::is_le)),
        ("<=", Value::from_function(f::is_le)),
        ("gt", Value::from_function(f::is_gt)),
        ("greaterthan", Value::from_function(f::is_gt)),
        (">", Value::from_function(f::is_gt)),
        ("ge", Value::from_function(f::is_ge)),
        (">=", Value::from_function(f::is_ge)),
        ("in", Value::from_function(f::is_in)),
        ("true", Value::from_function(f::is_true)),
        ("false", Value::from_function(f::is_false)),
        ("filter", Value::from_function(f::is_filter)),
        ("test", Value::from_function(f::is_test)),
    ]
}

/// The engine's own test divides by zero.
fn is_divisible(value: &Value, divisor: &Value) -> bool {
    match (value.as_i64(), divisor.as_i64()) {
        (Some(value), Some(divisor)) => value.checked_rem(divisor) == Some(0),
        _ => false,
    }
}
