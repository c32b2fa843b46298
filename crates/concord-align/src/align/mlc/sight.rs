//! Vectors that do not depend on the prompt: a model that cannot see a language's script gives every text the same one.

use crate::align::cosines::{dot, unit};
use crate::align::vector_table::VectorTable;
use crate::data::{Language, Representations};

/// Vectors this near to their mean direction are all but identical: an angle of about a quarter of a degree.
const IDENTICAL: f64 = 1.0 - 1e-5;

/// In which way a language's vectors do not depend on the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blindness {
    /// All point one way.
    Identical,
    /// None has a direction.
    Zero,
}

/// Languages whose vectors say nothing of the prompt, and pairs of them that share one direction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unseen {
    /// The languages. One with fewer than two prompts is never among them.
    pub languages: Vec<(Language, Blindness)>,
    /// Pairs of those whose vectors are all but identical to each other's, whatever the prompt: different prompts too.
    pub pairs: Vec<(Language, Language)>,
}

/// Finds what the model cannot see (**ours**): languages all of whose vectors have a cosine of at least `1 - 1e-5` to their
/// mean direction, or no direction at all.
///
/// After layer 0 the last token of every prompt in a chat template is the same one, so there it finds all languages, rightly.
pub fn unseen(representations: &Representations) -> Unseen {
    let table = VectorTable::new(representations);
    let blind: Vec<(usize, Option<Vec<f64>>)> =
        (0..table.languages().len()).filter_map(|l| Some((l, blind_direction(&table, l)?))).collect();
    let mut found = Unseen::default();
    for (at, (language, direction)) in blind.iter().enumerate() {
        let name = &table.languages()[*language];
        let blindness = if direction.is_some() { Blindness::Identical } else { Blindness::Zero };
        found.languages.push((name.clone(), blindness));
        for (other, other_direction) in &blind[at + 1..] {
            let same = match (direction, other_direction) {
                (Some(a), Some(b)) => dot(a, b) >= IDENTICAL,
                (a, b) => a.is_none() && b.is_none(),
            };
            if same {
                found.pairs.push((name.clone(), table.languages()[*other].clone()));
            }
        }
    }
    found
}

/// `None` if the language's vectors differ from prompt to prompt; else their direction, which is `None` if they have none.
fn blind_direction(table: &VectorTable, language: usize) -> Option<Option<Vec<f64>>> {
    let units: Vec<&[f64]> = (0..table.prompts().len()).filter_map(|p| table.unit(p, language)).collect();
    if units.len() < 2 {
        return None;
    }
    if units.iter().all(|u| u.iter().all(|x| *x == 0.0)) {
        return Some(None);
    }
    let sum = |i: usize| units.iter().map(|u| u[i]).sum::<f64>();
    let mean = unit((0..units[0].len()).map(sum));
    units.iter().all(|u| dot(u, &mean) >= IDENTICAL).then_some(Some(mean))
}
