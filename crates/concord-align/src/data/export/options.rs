//! What an export is to be. Names and values are a public contract.

use serde::{Deserialize, Serialize};

use crate::data::RowStatus;

/// The shape of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// TRL, explicit prompt, conversational.
    #[default]
    Trl,
    /// TRL, the prompt in both conversations.
    TrlImplicit,
    /// TRL's unpaired form: a completion and whether it is good.
    Kto,
    /// LLaMA-Factory's sharegpt form with a ranking.
    LlamaFactory,
    /// ms-swift's messages and a rejected response.
    MsSwift,
    /// The form of UltraFeedback-binarized, which TRL no longer reads.
    Ultrafeedback,
    /// Every column there is.
    Full,
    /// A folder for a dataset repository: every column, a file for each language.
    Hub,
}

impl ExportFormat {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 8] = [
        Self::Trl,
        Self::TrlImplicit,
        Self::Kto,
        Self::LlamaFactory,
        Self::MsSwift,
        Self::Ultrafeedback,
        Self::Full,
        Self::Hub,
    ];

    /// As the scripting API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trl => "trl",
            Self::TrlImplicit => "trl-implicit",
            Self::Kto => "kto",
            Self::LlamaFactory => "llama-factory",
            Self::MsSwift => "ms-swift",
            Self::Ultrafeedback => "ultrafeedback",
            Self::Full => "full",
            Self::Hub => "hub",
        }
    }

    /// The format of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }
}

/// Which rows go out. Rows with any other verdict, and rows in conflict, never do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportStatuses {
    /// What a person accepted, and what nobody has looked at yet.
    #[default]
    AcceptedAndUndecided,
    /// Only what a person accepted.
    Accepted,
}

impl ExportStatuses {
    /// Whether rows of a status go out.
    pub fn takes(self, status: RowStatus) -> bool {
        status == RowStatus::Accepted
            || (status == RowStatus::Undecided && self == Self::AcceptedAndUndecided)
    }
}

/// The order of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportOrder {
    /// Prompt by prompt, as the session has them.
    #[default]
    Session,
    /// In training batches, each of whole groups.
    Batches,
}

/// All that is chosen about an export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExportOptions {
    /// The shape of the rows.
    pub format: ExportFormat,
    /// Which rows.
    pub statuses: ExportStatuses,
    /// The order of the rows.
    pub order: ExportOrder,
    /// Whether rows carry margin, status, method and model.
    pub metadata: bool,
    /// KTO: a response is good from this score on, and bad below; `None` takes every chosen one for good.
    pub threshold: Option<f32>,
    /// Whether the file comes in a zip, with settings for trainers and a list of the rows left out.
    pub zip: bool,
    /// Whether rows are written as Parquet and not as lines of JSON.
    pub parquet: bool,
    /// Hub: the repository, such as `you/pairs`.
    pub name: String,
    /// Hub: the licence of the data, such as `cc-by-4.0`.
    pub licence: String,
}

impl Default for ExportOptions {
    fn default() -> Self {
        Self {
            format: ExportFormat::default(),
            statuses: ExportStatuses::default(),
            order: ExportOrder::default(),
            metadata: true,
            threshold: None,
            zip: false,
            parquet: false,
            name: String::new(),
            licence: String::new(),
        }
    }
}

impl ExportOptions {
    /// The options of a format, all else as it is where nobody chooses.
    pub fn of(format: ExportFormat) -> Self {
        Self { format, ..Self::default() }
    }

    /// How the name of a file of rows ends.
    pub fn extension(&self) -> &'static str {
        if self.parquet { "parquet" } else { "jsonl" }
    }

    /// Whether the export is a zip: a folder always is.
    pub fn is_zip(&self) -> bool {
        self.zip || self.format == ExportFormat::Hub
    }
}
