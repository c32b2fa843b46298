//! Arguments that are one of a library's own values, by the name that files have for it.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use concord_align::data::Method;

/// Takes one of these values by its name; help and errors list them all.
pub(super) fn one_of<T>(all: &'static [T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let names = PossibleValuesParser::new(all.iter().map(move |value| name(*value)));
    names.try_map(move |text| {
        all.iter().copied().find(|value| name(*value) == text).ok_or("it is none of the names")
    })
}

/// A method.
pub(super) fn method() -> impl TypedValueParser<Value = Method> {
    one_of(&Method::ALL, Method::as_str)
}
