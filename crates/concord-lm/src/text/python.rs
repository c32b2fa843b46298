//! What chat templates expect from Python: how values print, and the functions of its libraries.

use std::sync::Arc;

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, Value};

use super::date::Date;
use super::template_budget::{Budget, MAX_BYTES, failed, too_long};

/// Deepest nesting of lists and maps that is printed.
const MAX_DEPTH: usize = 32;
/// Widest indentation of JSON.
const MAX_INDENT: usize = 16;

/// Adds functions and filters, and prints values as Python does.
pub(super) fn add_to(environment: &mut Environment<'_>, budget: &Arc<Budget>) {
    // Here nothing can be looped over as if it were an empty list; in Python it cannot.
    environment.add_test("iterable", |value: &Value| {
        !matches!(value.kind(), ValueKind::None) && (value.as_str().is_some() || value.try_iter().is_ok())
    });
    environment.add_function("raise_exception", raise_exception);
    let owned = budget.clone();
    environment.add_filter("tojson", move |value: &Value, options: Kwargs| {
        let text = to_json(value, &options)?;
        owned.read(text.len())?;
        owned.keep_text(text.len()).map(|()| Value::from(text))
    });
    let owned = budget.clone();
    environment.set_formatter(move |out, _, value| {
        let text = if value.as_str().is_some() { None } else { Some(printed(value)?) };
        let text = text.as_deref().or(value.as_str()).unwrap_or_default();
        owned.print(text.len())?;
        write(out, text)
    });
}

/// `strftime_now`: the date in a format of C's `strftime`.
pub(super) fn add_date(environment: &mut Environment<'_>, date: Date) {
    environment.add_function("strftime_now", move |format: &str| {
        date.format(format).ok_or_else(|| failed(format!("the date format {format:?} is not supported")))
    });
}

/// Lets a template refuse messages in its own words.
fn raise_exception(message: String) -> Result<Value, Error> {
    Err(failed(message))
}

fn write(out: &mut Output<'_>, text: &str) -> Result<(), Error> {
    out.write_str(text)
        .map_err(|error| Error::new(ErrorKind::WriteFailure, "cannot write").with_source(error))
}

/// `str(value)`.
pub(super) fn printed(value: &Value) -> Result<String, Error> {
    let mut out = String::new();
    match (value.as_str(), value.kind()) {
        (Some(text), _) => out.push_str(text),
        (None, ValueKind::Undefined) => {}
        _ => write_python(&mut out, value, 0)?,
    }
    Ok(out)
}

/// `repr(value)` of what JSON knows.
fn write_python(out: &mut String, value: &Value, depth: usize) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(failed("a value is nested too deep to be printed"));
    }
    if out.len() > MAX_BYTES {
        return Err(too_long());
    }
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => out.push_str("None"),
        ValueKind::Bool => out.push_str(if value.is_true() { "True" } else { "False" }),
        ValueKind::String => write_quoted(out, value.as_str().unwrap_or_default()),
        ValueKind::Seq | ValueKind::Iterable => {
            out.push('[');
            for (index, item) in value.try_iter()?.enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write_python(out, &item, depth + 1)?;
            }
            out.push(']');
        }
        ValueKind::Map => {
            out.push('{');
            for (index, key) in value.try_iter()?.enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write_python(out, &key, depth + 1)?;
                out.push_str(": ");
                write_python(out, &value.get_item(&key)?, depth + 1)?;
            }
            out.push('}');
        }
        _ => out.push_str(&value.to_string()),
    }
    Ok(())
}

/// A string as Python quotes it: in single quotes, unless it has those and no double ones.
fn write_quoted(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for char in text.chars() {
        match char {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if char == quote => out.extend(['\\', char]),
            _ => out.push(char),
        }
    }
    out.push(quote);
}

/// How `json.dumps` is asked to write.
struct JsonStyle {
    indent: Option<usize>,
    item_separator: String,
    key_separator: String,
    is_ascii: bool,
    is_sorted: bool,
}

/// `json.dumps`, with the arguments that the libraries of chat templates pass on.
fn to_json(value: &Value, options: &Kwargs) -> Result<String, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let separators: Option<Vec<String>> = options.get("separators")?;
    let [item_separator, key_separator] = match separators {
        Some(both) => match <[String; 2]>::try_from(both) {
            Ok(pair) => pair,
            Err(found) => return Err(failed(format!("separators must be a pair, found {}", found.len()))),
        },
        None => [if indent.is_some() { "," } else { ", " }.to_owned(), ": ".to_owned()],
    };
    let style = JsonStyle {
        indent: indent.map(|indent| indent.min(MAX_INDENT)),
        item_separator,
        key_separator,
        is_ascii: options.get::<Option<bool>>("ensure_ascii")?.unwrap_or(false),
        is_sorted: options.get::<Option<bool>>("sort_keys")?.unwrap_or(false),
    };
    options.assert_all_used()?;
    let mut out = String::new();
    write_json(&mut out, value, &style, 0)?;
    Ok(out)
}

fn write_json(out: &mut String, value: &Value, style: &JsonStyle, depth: usize) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(failed("a value is nested too deep to be written as JSON"));
    }
    if out.len() > MAX_BYTES {
        return Err(too_long());
    }
    match value.kind() {
        ValueKind::None => out.push_str("null"),
        ValueKind::Undefined => return Err(failed("an undefined value cannot be written as JSON")),
        ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::String => write_json_string(out, value.as_str().unwrap_or_default(), style.is_ascii),
        ValueKind::Seq | ValueKind::Iterable => {
            let items: Vec<Value> = value.try_iter()?.collect();
            write_json_items(out, ['[', ']'], &items, style, depth, |out, item| {
                write_json(out, item, style, depth + 1)
            })?;
        }
        ValueKind::Map => {
            let mut keys: Vec<Value> = value.try_iter()?.collect();
            if style.is_sorted {
                keys.sort();
            }
            write_json_items(out, ['{', '}'], &keys, style, depth, |out, key| {
                let text = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                write_json_string(out, &text, style.is_ascii);
                out.push_str(&style.key_separator);
                write_json(out, &value.get_item(key)?, style, depth + 1)
            })?;
        }
        _ => out.push_str(&value.to_string()),
    }
    Ok(())
}

fn write_json_items(
    out: &mut String,
    brackets: [char; 2],
    items: &[Value],
    style: &JsonStyle,
    depth: usize,
    mut write_item: impl FnMut(&mut String, &Value) -> Result<(), Error>,
) -> Result<(), Error> {
    let new_line = |out: &mut String, depth: usize| {
        if let Some(indent) = style.indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent * depth));
        }
    };
    out.push(brackets[0]);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index > 0 { &style.item_separator } else { "" });
        new_line(out, depth + 1);
        write_item(out, item)?;
    }
    if !items.is_empty() {
        new_line(out, depth);
    }
    out.push(brackets[1]);
    Ok(())
}

fn write_json_string(out: &mut String, text: &str, is_ascii: bool) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(char))),
            '\u{7f}'.. if is_ascii => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            _ => out.push(char),
        }
    }
    out.push('"');
}
