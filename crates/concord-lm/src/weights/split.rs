//! Models split over several GGUF files by llama.cpp's `gguf-split`.
//!
//! The parts of a model are named `stem-00001-of-00003.gguf` and so on. Each is a whole GGUF file with tensors of its
//! own and says in `split.no` (from 0), `split.count` and `split.tensors.count` where it belongs; only the first holds
//! the model's metadata. [`join`] makes of their headers the one header of the files laid end to end, each up to the
//! end of its last tensor.

use std::collections::BTreeSet;

use super::{error::WeightsError, header::Header};

/// Most parts of a model: each is open while the model loads.
pub const MAX_PARTS: u32 = 256;
const NO: &str = "split.no";
const COUNT: &str = "split.count";
const N_TENSORS: &str = "split.tensors.count";

/// What the name of a part says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartName {
    /// What all parts have in common, folders included.
    pub stem: String,
    /// Which part it is, from 1.
    pub no: u32,
    /// How many there are.
    pub count: u32,
}

impl PartName {
    /// Understands `stem-00001-of-00003.gguf`; `None` for any other name.
    pub fn parse(name: &str) -> Option<Self> {
        let (before, count) = name.strip_suffix(".gguf")?.rsplit_once("-of-")?;
        let (stem, no) = before.rsplit_once('-')?;
        let number = |text: &str| -> Option<u32> {
            (text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
        };
        let (no, count) = (number(no)?, number(count)?);
        (1..=count).contains(&no).then(|| Self { stem: stem.to_owned(), no, count })
    }

    /// The name of a part of the same model, from 1.
    pub fn of_part(&self, no: u32) -> String {
        format!("{}-{no:05}-of-{:05}.gguf", self.stem, self.count)
    }

    /// The names of all parts, in order.
    pub fn all(&self) -> Vec<String> {
        (1..=self.count).map(|no| self.of_part(no)).collect()
    }
}

impl Header {
    /// Bytes of the file that the joined model needs: up to the end of its last tensor, none where it has none.
    pub fn n_used_bytes(&self) -> u64 {
        if self.tensors.is_empty() { 0 } else { self.data_end }
    }
}

/// Where a part belongs.
struct Place {
    no: u32,
    count: u32,
    n_tensors: Option<u32>,
}

/// Puts the parts of a model in order, whatever order they come in: gives the position in `files` of each part, first
/// part first, and the header of all. A model in one file is its own only part.
///
/// # Errors
/// [`WeightsError::Parts`], naming the file: one that is no part, one of another model, one that is there twice, and
/// those that are missing.
pub fn join(files: Vec<(&str, Header)>) -> Result<(Vec<usize>, Header), WeightsError> {
    let places = files.iter().map(|(_, header)| place_of(header)).collect::<Vec<_>>();
    if let ([None], 1) = (&places[..], files.len()) {
        return Ok((vec![0], files.into_iter().map(|(_, header)| header).next().unwrap_or_default()));
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    let order = order(&names, &places)?;
    let mut headers: Vec<Option<Header>> = files.into_iter().map(|(_, header)| Some(header)).collect();
    let mut parts = order.iter().filter_map(|&idx| Some((names[idx], headers[idx].take()?)));
    let (_, mut joined) = parts.next().unwrap_or_default();
    let n_promised = joined.metadata.u32(N_TENSORS);
    let mut end = joined.n_used_bytes();
    let mut seen: BTreeSet<String> = joined.tensors.iter().map(|tensor| tensor.name.clone()).collect();
    for (name, part) in parts {
        let n_bytes = part.n_used_bytes();
        for mut tensor in part.tensors {
            if !seen.insert(tensor.name.clone()) {
                return Err(wrong(format!(
                    "{name} holds the tensor {}, which another part holds too: it is a part of another model",
                    tensor.name
                )));
            }
            tensor.start += end;
            joined.tensors.push(tensor);
        }
        end += n_bytes;
    }
    if n_promised.is_some_and(|n| n as usize != joined.tensors.len()) {
        return Err(wrong(format!(
            "the parts hold {} tensors and the first says {}: they are not of one model",
            joined.tensors.len(),
            n_promised.unwrap_or_default()
        )));
    }
    joined.data_end = end;
    for key in [NO, COUNT, N_TENSORS] {
        joined.metadata.remove(key);
    }
    Ok((order, joined))
}

/// The position of each part, or what is wrong with them.
fn order(names: &[&str], places: &[Option<Place>]) -> Result<Vec<usize>, WeightsError> {
    let mut placed = Vec::new();
    for (idx, place) in places.iter().enumerate() {
        let name = names[idx];
        let Some(place) = place else {
            return Err(wrong(format!("{name} is no part of a split model; open it alone, or leave it out")));
        };
        placed.push((idx, place));
    }
    let Some(&(first_idx, first)) = placed.first() else { return Ok(Vec::new()) };
    let stem = |idx: usize| PartName::parse(names[idx]).map(|name| name.stem);
    let mut order: Vec<Option<usize>> = vec![None; first.count.min(MAX_PARTS) as usize];
    if first.count > MAX_PARTS {
        return Err(wrong(format!(
            "{} is one of {} parts; at most {MAX_PARTS} are read",
            names[0], first.count
        )));
    }
    for &(idx, place) in &placed {
        let (name, other) = (names[idx], names[first_idx]);
        let has_other_stem = matches!((stem(idx), stem(first_idx)), (Some(a), Some(b)) if a != b);
        if place.count != first.count || place.n_tensors != first.n_tensors || has_other_stem {
            return Err(wrong(format!("{name} and {other} are parts of different models")));
        }
        match order.get_mut(place.no as usize) {
            Some(Some(there)) => {
                let there = names[*there];
                return Err(wrong(format!("{there} and {name} are the same part, number {}", place.no + 1)));
            }
            Some(empty) => *empty = Some(idx),
            None => {
                let what = format!("{name} says that it is part {} of {}", place.no + 1, place.count);
                return Err(WeightsError::Damaged { what });
            }
        }
    }
    let named = names.iter().find_map(|name| PartName::parse(name)).filter(|name| name.count == first.count);
    let part_name = |no: u32| named.as_ref().map_or_else(|| format!("part {no}"), |name| name.of_part(no));
    let missing = (1..).zip(&order).filter(|(_, idx)| idx.is_none()).map(|(no, _)| part_name(no));
    let missing: Vec<String> = missing.collect();
    if missing.is_empty() {
        return Ok(order.into_iter().flatten().collect());
    }
    Err(wrong(format!(
        "the model is split over {} files and {} {} not there; open all of them together",
        first.count,
        missing.join(", "),
        if missing.len() == 1 { "is" } else { "are" }
    )))
}

/// Where a part belongs; `None` for a model in one file.
fn place_of(header: &Header) -> Option<Place> {
    let count = header.metadata.u32(COUNT).filter(|&count| count > 1)?;
    let no = header.metadata.u32(NO).unwrap_or_default();
    Some(Place { no, count, n_tensors: header.metadata.u32(N_TENSORS) })
}

fn wrong(what: String) -> WeightsError {
    WeightsError::Parts { what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::{
        ModelFile, Parsed,
        testing::{RandomModel, random_model, split_model},
    };

    fn header(bytes: &[u8]) -> Header {
        match Header::parse(bytes, Some(bytes.len() as u64)) {
            Ok(Parsed::Header(header)) => header,
            other => panic!("{other:?}"),
        }
    }

    fn parts(seed: u64, n_parts: usize) -> Vec<Vec<u8>> {
        split_model(&random_model(&RandomModel { seed, ..RandomModel::default() }), n_parts)
    }

    #[test]
    fn names_of_parts_are_understood_and_give_those_of_the_others() {
        let name = PartName::parse("big/m-Q8_0-00002-of-00003.gguf").unwrap();
        assert_eq!((name.stem.as_str(), name.no, name.count), ("big/m-Q8_0", 2, 3));
        assert_eq!(name.of_part(1), "big/m-Q8_0-00001-of-00003.gguf");
        assert_eq!(name.all().len(), 3);
        for other in [
            "m.gguf",
            "m-00001-of-00003.bin",
            "m-1-of-3.gguf",
            "m-00004-of-00003.gguf",
            "m-00000-of-00003.gguf",
        ] {
            assert_eq!(PartName::parse(other), None, "{other}");
        }
    }

    #[test]
    fn parts_in_any_order_make_the_header_of_the_whole() {
        let whole = random_model(&RandomModel::default());
        let expected = ModelFile::from_header(header(&whole)).unwrap();
        let parts = split_model(&whole, 3);
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let files = order.iter().map(|&idx| ("x.gguf", header(&parts[idx]))).collect();
            let (found, joined) = join(files).unwrap();
            assert_eq!(found.iter().map(|&at| order[at]).collect::<Vec<_>>(), [0, 1, 2]);
            let joined = ModelFile::from_header(joined).unwrap();
            assert_eq!(joined.hyperparameters, expected.hyperparameters);
            let mut laid_out = Vec::new();
            for part in &parts {
                laid_out.extend(&part[..header(part).n_used_bytes() as usize]);
            }
            assert_eq!(joined.header.data_end, laid_out.len() as u64);
            for placed in &joined.tensors {
                let bytes =
                    |file: &[u8], start: u64| file[start as usize..][..placed.info.n_bytes as usize].to_vec();
                let whole_info = expected.tensor(placed.tensor).unwrap();
                assert_eq!(bytes(&laid_out, placed.info.start), bytes(&whole, whole_info.start));
            }
        }
    }

    #[test]
    fn wrong_parts_are_refused_by_name() {
        let (a, b) = (parts(1, 3), parts(2, 2));
        let whole = random_model(&RandomModel::default());
        type Case<'a> = (&'a [(&'a str, &'a [u8])], &'a str);
        let cases: [Case<'_>; 8] = [
            (
                &[("a-00001-of-00003.gguf", &a[0])],
                "a-00002-of-00003.gguf, a-00003-of-00003.gguf are not there",
            ),
            (&[("x", &a[0]), ("y", &a[2])], "part 2 is not there"),
            (&[("a-00003-of-00003.gguf", &a[2])], "a-00001-of-00003.gguf"),
            (&[("x", &a[0]), ("y", &a[1]), ("z", &a[1])], "y and z are the same part, number 2"),
            (&[("x", &a[0]), ("y", &b[1])], "y and x are parts of different models"),
            (
                &[("a-00001-of-00003.gguf", &a[0]), ("b-00002-of-00003.gguf", &a[1])],
                "b-00002-of-00003.gguf and a-00001-of-00003.gguf are parts of different models",
            ),
            (&[("x", &a[0]), ("whole.gguf", &whole)], "whole.gguf is no part"),
            (&[("x.gguf", &whole), ("y.gguf", &whole)], "x.gguf is no part"),
        ];
        for (files, expected) in cases {
            let files = files.iter().map(|(name, bytes)| (*name, header(bytes))).collect();
            let error = join(files).unwrap_err().to_string();
            assert!(error.contains(expected), "{error} does not say {expected}");
        }
    }

    #[test]
    fn a_part_with_the_tensors_of_another_or_too_few_is_refused() {
        let a = parts(1, 3);
        let mut twice = header(&a[1]);
        twice.tensors[0].name = header(&a[0]).tensors[0].name.clone();
        let error =
            join(vec![("x", header(&a[0])), ("y", twice), ("z", header(&a[2]))]).unwrap_err().to_string();
        assert!(error.starts_with("y holds the tensor"), "{error}");
        let mut fewer = header(&a[1]);
        fewer.tensors.pop();
        let error =
            join(vec![("x", header(&a[0])), ("y", fewer), ("z", header(&a[2]))]).unwrap_err().to_string();
        assert!(error.contains("not of one model"), "{error}");
    }
}
