//! How the states of a text's tokens become its vector.

use serde::{Deserialize, Serialize};

/// Which states are pooled. Serialised under its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// Arithmetic mean over the tokens.
    #[default]
    Mean,
    /// The first token's state, which stands for the text.
    First,
    /// The last token's state.
    Last,
}

impl Pooling {
    /// Every variant.
    pub const ALL: [Self; 3] = [Self::Mean, Self::First, Self::Last];

    /// The name in files and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::First => "first",
            Self::Last => "last",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pooling_is_serialised_under_its_name() {
        for pooling in Pooling::ALL {
            let json = serde_json::to_value(pooling).unwrap();
            assert_eq!(json, pooling.as_str());
            assert_eq!(serde_json::from_value::<Pooling>(json).unwrap(), pooling);
        }
    }
}
