//! MLC layer by layer: where in the network do languages meet?

use super::{MlcMeans, MlcSettings, mlc_of_set, prompt_cosines};
use crate::data::{InOrder, Language, Representations};

/// MLC after one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct MlcPoint {
    /// After how many layers.
    pub layer: u32,
    /// Prompts with a loss.
    pub n_prompts: usize,
    /// Means over them; `None` if there is none.
    pub means: Option<MlcMeans>,
}

/// The point of one layer; `only` switches the other languages off.
pub fn mlc_point(
    representations: &Representations,
    only: Option<&[Language]>,
    settings: MlcSettings,
) -> MlcPoint {
    let set = mlc_of_set(&prompt_cosines(representations), only, settings);
    MlcPoint { layer: representations.layer, n_prompts: set.prompts.len(), means: set.means }
}

/// The points of all layers given, ascending by layer. The caller gives layers of one text and one pooling.
pub fn mlc_curve(
    layers: &[Representations],
    only: Option<&[Language]>,
    settings: MlcSettings,
) -> Vec<MlcPoint> {
    let mut points: Vec<MlcPoint> = layers.iter().map(|layer| mlc_point(layer, only, settings)).collect();
    points.order_by_key(|point| point.layer);
    points
}
