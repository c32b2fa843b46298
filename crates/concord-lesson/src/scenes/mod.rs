//! What each step shows, computed from a session; `None` where the session has nothing for it.

pub mod alignx;
pub mod batch;
pub mod dpo;
pub mod file;
pub mod languages;
pub mod marks;
pub mod mlc;
pub mod pair;
pub mod plane;
pub mod vote;

use serde::{Deserialize, Serialize};

use super::{link::Link, question::Question, staged::Staged, step::Step};
use crate::data::Session;

/// What all steps show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scenes {
    /// The model's name.
    pub model: String,
    /// Prompts of the session.
    pub n_prompts: usize,
    /// Step 1.
    pub languages: Option<languages::Languages>,
    /// Step 2.
    pub vote: Option<vote::Vote>,
    /// Step 3.
    pub pair: Option<pair::PairScene>,
    /// Step 4.
    pub plane: Option<plane::Plane>,
    /// Step 5.
    pub marks: Option<marks::Marks>,
    /// Step 6.
    pub mlc: Option<mlc::MlcScene>,
    /// Step 7.
    pub alignx: Option<alignx::AlignXScene>,
    /// Step 8.
    pub batch: Option<batch::BatchScene>,
    /// Step 9.
    pub dpo: Option<dpo::DpoScene>,
    /// Step 10.
    pub file: Option<file::FileScene>,
}

impl Scenes {
    /// What a link shows of a session.
    pub fn of(session: &Session, link: &Link) -> Self {
        let staged = Staged::new(session, link);
        let mut scenes = Self::new(&staged);
        Step::ALL.into_iter().for_each(|step| scenes.add(&staged, step));
        scenes
    }

    /// Those of a session, without any scene yet; [`Scenes::add`] computes them one by one.
    pub fn new(staged: &Staged) -> Self {
        let session = &staged.session;
        Self { model: session.model.name.clone(), n_prompts: session.prompts.len(), ..Self::default() }
    }

    /// Computes the scene of a step.
    pub fn add(&mut self, staged: &Staged, step: Step) {
        match step {
            Step::Languages => self.languages = languages::Languages::of(staged),
            Step::Vote => self.vote = vote::Vote::of(staged),
            Step::Pair => self.pair = pair::PairScene::of(staged),
            Step::Plane => self.plane = plane::Plane::of(staged),
            Step::Misleads => self.marks = marks::Marks::of(staged),
            Step::Mlc => self.mlc = mlc::MlcScene::of(staged),
            Step::AlignX => self.alignx = alignx::AlignXScene::of(staged),
            Step::Batch => self.batch = batch::BatchScene::of(staged),
            Step::Dpo => self.dpo = dpo::DpoScene::of(staged),
            Step::File => self.file = file::FileScene::of(staged),
        }
    }

    /// As bytes, for the lesson's program.
    ///
    /// # Errors
    /// When there is no memory for them.
    pub fn packed(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_allocvec(self)
    }

    /// From those bytes.
    ///
    /// # Errors
    /// When they are of another version.
    pub fn unpacked(bytes: &[u8]) -> Result<Self, postcard::Error> {
        postcard::from_bytes(bytes)
    }

    /// What a step asks; `None` where it has nothing to show.
    pub fn question(&self, step: Step) -> Option<Question> {
        match step {
            Step::Languages => self.languages.as_ref().map(languages::Languages::question),
            Step::Vote => self.vote.as_ref().map(vote::Vote::question),
            Step::Pair => self.pair.as_ref().map(pair::PairScene::question),
            Step::Plane => self.plane.as_ref().map(plane::Plane::question),
            Step::Misleads => self.marks.as_ref().map(marks::Marks::question),
            Step::Mlc => self.mlc.as_ref().map(mlc::MlcScene::question),
            Step::AlignX => self.alignx.as_ref().map(alignx::AlignXScene::question),
            Step::Batch => self.batch.as_ref().map(batch::BatchScene::question),
            Step::Dpo => self.dpo.as_ref().map(dpo::DpoScene::question),
            Step::File => self.file.as_ref().map(file::FileScene::question),
        }
    }
}
