//! A filter as the query of an address, and back.

use std::fmt::Display;
use std::str::FromStr;

use form_urlencoded::{Serializer, parse};
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, de::IntoDeserializer};

use super::row_filter::{Band, RowFilter};
use super::status::Filter;
use crate::data::{Language, SkipReason};

impl RowFilter {
    /// The filter as `key=value` pairs joined by `&`, without a question mark; empty where everything passes.
    pub fn to_query(&self) -> String {
        let mut query = Serializer::new(String::new());
        let mut add = |key: &str, value: &str| {
            if !value.is_empty() {
                query.append_pair(key, value);
            }
        };
        if self.status != Filter::All {
            add("status", self.status.as_str());
        }
        add("language", self.language.as_ref().map_or("", Language::as_str));
        add("margin", &written(self.margin));
        add("score", &written(self.score));
        let skip = self.skip.and_then(|skip| serde_json::to_value(skip).ok());
        add("skip", skip.as_ref().and_then(|skip| skip.as_str()).unwrap_or_default());
        add("length", &written(self.length));
        add("search", &self.search);
        for (key, is_on) in [
            ("wrong-language", self.is_wrong_language),
            ("flagged", self.is_flagged),
            ("conflict", self.is_conflict),
            ("edited", self.is_edited),
        ] {
            add(key, if is_on { "1" } else { "" });
        }
        query.finish()
    }

    /// The filter of a query, with or without its question mark. Unknown keys and values that cannot be read are passed over.
    pub fn of_query(query: &str) -> Self {
        let mut filter = Self::default();
        for (key, value) in parse(query.strip_prefix('?').unwrap_or(query).as_bytes()) {
            let is_on = value == "1";
            match &*key {
                "status" => filter.status = Filter::named(&value).unwrap_or_default(),
                "language" => filter.language = (!value.is_empty()).then(|| Language::from(&*value)),
                "margin" => filter.margin = finite(read(&value)),
                "score" => filter.score = finite(read(&value)),
                "skip" => filter.skip = skip(&value),
                "length" => filter.length = read(&value),
                "search" => filter.search = value.into_owned(),
                "wrong-language" => filter.is_wrong_language = is_on,
                "flagged" => filter.is_flagged = is_on,
                "conflict" => filter.is_conflict = is_on,
                "edited" => filter.is_edited = is_on,
                _ => {}
            }
        }
        filter
    }
}

fn skip(name: &str) -> Option<SkipReason> {
    let name: StrDeserializer<'_, Error> = name.into_deserializer();
    SkipReason::deserialize(name).ok()
}

/// As `0.1..0.5`, with nothing in the place of a bound that is not there.
fn written<T: Display + PartialOrd + Copy>(band: Band<T>) -> String {
    let end = |value: Option<T>| value.map(|value| value.to_string()).unwrap_or_default();
    if band.is_open() { String::new() } else { format!("{}..{}", end(band.low), end(band.high)) }
}

fn read<T: FromStr>(text: &str) -> Band<T> {
    let (low, high) = text.split_once("..").unwrap_or((text, ""));
    Band { low: low.parse().ok(), high: high.parse().ok() }
}

/// "NaN" and "inf" are numbers to read, but no bounds.
fn finite(band: Band<f32>) -> Band<f32> {
    let known = |value: Option<f32>| value.filter(|value| value.is_finite());
    Band { low: known(band.low), high: known(band.high) }
}
