//! A prompt's responses as pictures: the anchor's siblings, each language against the reference, points on a plane. Pure.

use std::collections::HashMap;

use super::chart::{Lane, LaneDot, Matrix, Plot, Point, PointCloud, Role, against_reference, matrix, points};
use crate::{
    align::projection::project_similarity,
    data::{InOrder, Language, Pair, Reference, Session, Similarity, TaskKind},
};

/// Nearest others that a point names.
const N_NAMED: usize = 3;

/// What there is of one prompt.
#[derive(Clone, Copy, Debug)]
struct Of<'a> {
    session: &'a Session,
    prompt_idx: usize,
    similarity: &'a Similarity,
    reference: Option<&'a Reference>,
}

impl<'a> Of<'a> {
    /// `None` where the prompt's responses were not compared.
    fn new(session: &'a Session, prompt_idx: usize) -> Option<Self> {
        let id = &session.prompts.get(prompt_idx)?.id;
        let similarity = session.similarities.iter().find(|found| found.prompt_id == *id)?;
        if similarity.cosine.len() != similarity.n_cosines() || similarity.order.is_empty() {
            return None;
        }
        let reference = session.references.iter().find(|found| found.prompt_id == *id);
        Some(Self { session, prompt_idx, similarity, reference })
    }

    fn number(self) -> usize {
        self.prompt_idx + 1
    }

    fn anchor(self) -> &'a Language {
        self.reference.map_or(&self.session.config.anchor, |reference| &reference.language)
    }

    /// The place of a response in the order of the cosines.
    fn place(self, language: &Language, sample: u32) -> Option<usize> {
        self.similarity.order.iter().position(|(l, s)| l == language && *s == sample)
    }

    fn reference_place(self) -> Option<usize> {
        self.place(self.anchor(), self.reference?.sample?)
    }

    fn cosine(self, i: usize, j: usize) -> Option<f64> {
        Some(f64::from(self.similarity.at(i, j))).filter(|cosine| cosine.is_finite())
    }

    /// Places of a language's responses.
    fn row(self, language: &Language) -> Vec<usize> {
        (0..self.similarity.order.len()).filter(|at| self.similarity.order[*at].0 == *language).collect()
    }

    /// What every response is: roles by language and sample.
    fn roles(self) -> HashMap<(&'a Language, u32), Role> {
        let id = self.similarity.prompt_id.as_str();
        let mut out = HashMap::new();
        let of_prompt = |pair: &&Pair| pair.prompt_id == id;
        for pair in self.session.pairs.iter().filter(of_prompt) {
            for (sample, role) in [(pair.rejected, Role::Rejected), (pair.chosen, Role::Chosen)] {
                if let Some(sample) = sample {
                    out.insert((&pair.language, sample), role);
                }
            }
        }
        if let Some(reference) = self.reference
            && let Some(sample) = reference.sample
        {
            out.insert((&reference.language, sample), Role::Reference);
        }
        out
    }
}

/// The anchor's responses against each other: the mean of a row without its diagonal is its consistency, and the picked one
/// is marked. `None` where nothing was compared.
pub fn siblings(session: &Session, prompt_idx: usize, width: f64) -> Option<Plot> {
    let of = Of::new(session, prompt_idx)?;
    let row = of.row(of.anchor());
    let name =
        |at: &usize| format!("{} {}", of.similarity.order[*at].0.as_str(), of.similarity.order[*at].1 + 1);
    let values = row.iter().map(|i| row.iter().map(|j| of.cosine(*i, *j)).collect()).collect();
    let winner = of.reference_place().and_then(|place| row.iter().position(|at| *at == place));
    let picked = winner.and_then(|at| row.get(at)).map(name);
    let is_voted = session.prompts.get(prompt_idx).is_some_and(|prompt| prompt.task == TaskKind::Math);
    let rule = if is_voted {
        "The vote decides first; among equals the cosines do."
    } else {
        "The highest mean is picked."
    };
    let summary = match picked {
        Some(picked) => {
            format!(
                "Cosines of {} anchor responses to each other; {picked} is the reference. {rule}",
                row.len()
            )
        }
        None => format!("Cosines of {} anchor responses to each other; none was picked.", row.len()),
    };
    let spec = Matrix {
        title: format!("Prompt {}: the anchor's responses against each other", of.number()),
        what: "cosine".to_owned(),
        summary,
        names: row.iter().map(name).collect(),
        values,
        has_means: true,
        winner,
    };
    Some(matrix(&spec, width))
}

/// Every language's responses by their cosine to the reference. `None` without a reference.
pub fn targets(session: &Session, prompt_idx: usize, width: f64) -> Option<Plot> {
    let of = Of::new(session, prompt_idx)?;
    let reference = of.reference_place()?;
    let roles = of.roles();
    let lane = |(place, language): (usize, &Language)| {
        let dots: Vec<LaneDot> = of
            .row(language)
            .into_iter()
            .filter(|at| *at != reference)
            .filter_map(|at| {
                let sample = of.similarity.order[at].1;
                let role = roles.get(&(language, sample)).copied().unwrap_or(Role::Other);
                Some(LaneDot { sample, cosine: of.cosine(reference, at)?, role })
            })
            .collect();
        (!dots.is_empty()).then(|| Lane { name: language.as_str().to_owned(), language: place, dots })
    };
    let lanes: Vec<Lane> = session.config.languages.iter().enumerate().filter_map(lane).collect();
    let title = format!("Prompt {}: responses against the reference", of.number());
    Some(against_reference(&title, &lanes, width))
}

/// The responses of a prompt on a plane. `None` where nothing was compared.
pub fn cloud(session: &Session, prompt_idx: usize) -> Option<PointCloud> {
    let of = Of::new(session, prompt_idx)?;
    let projection = project_similarity(of.similarity);
    let roles = of.roles();
    let point = |(at, (language, sample)): (usize, &(Language, u32))| {
        let place = projection.points.get(at)?;
        Some(Point {
            language: session.config.languages.iter().position(|known| known == language)?,
            sample: *sample,
            role: roles.get(&(language, *sample)).copied().unwrap_or(Role::Other),
            place: (place[0], place[1]),
            neighbours: nearest(of, at),
        })
    };
    Some(PointCloud {
        title: format!("Prompt {}: responses as points", of.number()),
        languages: session.config.languages.iter().map(|language| language.as_str().to_owned()).collect(),
        // A response of a language that the run does not have stays out of all, so that places stay in order.
        points: of.similarity.order.iter().enumerate().map(point).collect::<Option<_>>()?,
        explained: (projection.explained[0], projection.explained[1]),
        kept: projection.mean_true_neighbours,
    })
}

/// The same drawn for a width.
pub fn cloud_plot(cloud: &PointCloud, width: f64) -> Plot {
    points(cloud, width)
}

fn nearest(of: Of<'_>, at: usize) -> Vec<(usize, f64)> {
    let others = (0..of.similarity.order.len()).filter(|other| *other != at);
    let mut near: Vec<(usize, f64)> =
        others.filter_map(|other| Some((other, of.cosine(at, other)?))).collect();
    near.order_by(|a, b| b.1.total_cmp(&a.1));
    near.truncate(N_NAMED);
    near
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::test_session;

    #[test]
    fn siblings_mark_the_reference_and_mean_without_the_diagonal() {
        let plot = siblings(&test_session::sample(), 0, 500.0).expect("compared");
        assert_eq!(plot.series.len(), 2);
        assert!(plot.summary.contains("en 1 is the reference"), "{}", plot.summary);
        assert_eq!(plot.series[0].marks.len(), 3);
        assert!(plot.series[0].marks[2].reading.contains("0.9000; this one is picked"));
        assert!(siblings(&test_session::sample(), 1, 500.0).is_none(), "prompt b was not compared");
    }

    #[test]
    fn targets_are_ranked_by_their_cosine_to_the_reference() {
        let plot = targets(&test_session::sample(), 0, 500.0).expect("a reference");
        let lane = plot.series.iter().find(|series| series.name == "ar").expect("Arabic");
        assert_eq!(lane.marks.len(), 2);
        assert!(lane.marks[1].reading.starts_with("ar 2, rejected: cosine 0.3333, rank 1 of 2"));
        let anchor = plot.series.iter().find(|series| series.name == "en").expect("English");
        assert_eq!(anchor.marks.len(), 1, "the reference is not compared with itself");
    }

    #[test]
    fn points_know_their_role_and_true_neighbours() {
        let cloud = cloud(&test_session::sample(), 0).expect("compared");
        let roles: Vec<Role> = cloud.points.iter().map(|point| point.role).collect();
        assert_eq!(roles, [Role::Reference, Role::Other, Role::Chosen, Role::Rejected]);
        assert_eq!(cloud.points[0].neighbours[0].0, 1);
        assert!(cloud.points.iter().all(|point| point.place.0.is_finite() && point.neighbours.len() == 3));
    }
}
