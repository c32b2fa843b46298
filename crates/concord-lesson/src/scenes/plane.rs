//! Step 4: the matrix of cosines, its picture in a plane, and what the plane hides.

use serde::{Deserialize, Serialize};

use super::{
    super::{question::Question, shown::Shown, staged::Staged},
    vote::place_of,
};
use crate::{
    align::projection::project_gram,
    data::{InOrder, Similarity},
};

/// Languages in the picture besides the anchor.
const N_OTHERS: usize = 2;
/// Responses in the picture at most.
const MOST_POINTS: usize = 16;
/// Fewer are no picture.
const FEWEST_POINTS: usize = 4;
/// A point is hidden by the plane when another one seems nearer by at least this much of the cosine.
const TOLERANCE: f32 = 1e-4;

/// Different texts of one prompt in a few languages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plane {
    /// The responses.
    pub points: Vec<(Shown, [f64; 2])>,
    /// Cosines of all with all, `[n, n]` row-major.
    pub cosine: Vec<f32>,
    /// Shares of the variance along the two directions.
    pub explained: [f64; 2],
    /// The point that is asked about.
    pub from: usize,
    /// Those that might be its nearest, in the order in which they are shown.
    pub options: Vec<usize>,
}

impl Plane {
    /// Takes the prompt on which the plane is most wrong about a nearest neighbour.
    pub fn of(staged: &Staged) -> Option<Self> {
        let all =
            staged.session.similarities.iter().filter_map(|similarity| Self::of_prompt(staged, similarity));
        let hidden = |scene: &Self| {
            scene.cosine(scene.from, scene.nearest()) - scene.cosine(scene.from, scene.seems())
        };
        all.reduce(|best, next| if hidden(&next) > hidden(&best) + TOLERANCE { next } else { best })
    }

    fn of_prompt(staged: &Staged, similarity: &Similarity) -> Option<Self> {
        let session = &staged.session;
        let others =
            staged.languages().iter().rev().filter(|language| *language != staged.anchor()).take(N_OTHERS);
        let (mut texts, mut places) = (Vec::<Shown>::new(), Vec::new());
        for language in std::iter::once(staged.anchor()).chain(others) {
            for response in session.candidates(&similarity.prompt_id, language) {
                if texts.len() < MOST_POINTS && texts.iter().all(|shown| shown.text != response.text) {
                    texts.push(Shown::of(response));
                    places.push(place_of(similarity, language, response.sample)?);
                }
            }
        }
        let n = texts.len();
        if n < FEWEST_POINTS || similarity.cosine.len() != similarity.n_cosines() {
            return None;
        }
        let cosine: Vec<f32> = (0..n * n).map(|at| similarity.at(places[at / n], places[at % n])).collect();
        let gram: Vec<f64> = cosine.iter().map(|value| f64::from(*value)).collect();
        let picture = project_gram(&gram, n);
        let points = texts.into_iter().zip(picture.points).collect();
        let mut scene = Self { points, cosine, explained: picture.explained, from: 0, options: Vec::new() };
        let hidden = |scene: &mut Self, from: usize| {
            scene.from = from;
            scene.cosine(from, scene.nearest()) - scene.cosine(from, scene.seems())
        };
        let mut most = (f32::MIN, 0);
        for from in 0..n {
            let found = hidden(&mut scene, from);
            most = if found > most.0 { (found, from) } else { most };
        }
        scene.from = most.1;
        let (nearest, seems) = (scene.nearest(), scene.seems());
        let mut options = vec![nearest];
        // What seems nearest, then the next that seem so.
        let mut rest: Vec<usize> = (0..n).filter(|at| *at != scene.from && *at != nearest).collect();
        rest.order_by(|a, b| scene.distance(*a).total_cmp(&scene.distance(*b)));
        debug_assert!(nearest == seems || rest.first() == Some(&seems));
        options.extend(rest.into_iter().take(2));
        staged.shuffle("plane", &mut options);
        scene.options = options;
        Some(scene)
    }

    /// The cosine of two points.
    pub fn cosine(&self, i: usize, j: usize) -> f32 {
        self.cosine[i * self.points.len() + j]
    }

    /// Squared distance in the picture from the point that is asked about.
    fn distance(&self, to: usize) -> f64 {
        let ([x, y], [to_x, to_y]) = (self.points[self.from].1, self.points[to].1);
        (x - to_x).powi(2) + (y - to_y).powi(2)
    }

    fn others(&self) -> impl Iterator<Item = usize> {
        let from = self.from;
        (0..self.points.len()).filter(move |at| *at != from)
    }

    /// The nearest by cosine; the first of several.
    pub fn nearest(&self) -> usize {
        let closer = |a: &usize, b: &usize| {
            self.cosine(self.from, *a).total_cmp(&self.cosine(self.from, *b)).then(b.cmp(a))
        };
        self.others().max_by(closer).unwrap_or_default()
    }

    /// The one that seems nearest in the picture.
    pub fn seems(&self) -> usize {
        self.others().min_by(|a, b| self.distance(*a).total_cmp(&self.distance(*b))).unwrap_or_default()
    }

    /// Which is really the nearest?
    pub fn question(&self) -> Question {
        let most = self.cosine(self.from, self.nearest());
        let right =
            (0..self.options.len()).filter(|at| self.cosine(self.from, self.options[*at]) >= most).collect();
        Question::One { n_options: self.options.len(), right }
    }
}
