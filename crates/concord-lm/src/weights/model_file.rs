//! A model file whose header has been checked.

use super::error::WeightsError;
use super::header::{Header, Parsed, TensorInfo};
use super::hyperparameters::Hyperparameters;
use super::layout::Layout;
use super::model_tensor::{ModelTensor, PlacedTensor};

/// A checked model file: everything but the weights themselves.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// The parsed header; `header.metadata` feeds the tokenizer.
    pub header: Header,
    /// The model's numbers.
    pub hyperparameters: Hyperparameters,
    /// The model's tensors in load order: ascending file offset.
    pub tensors: Vec<PlacedTensor>,
}

impl ModelFile {
    /// Reads the header of a GGUF file that is in memory as a whole, and checks it as [`ModelFile::from_header`] does.
    ///
    /// # Errors
    /// As [`Header::parse`] and [`ModelFile::from_header`].
    pub fn from_bytes(file: &[u8]) -> Result<Self, WeightsError> {
        let available = file.len() as u64;
        match Header::parse(file, Some(available))? {
            Parsed::Header(header) => Self::from_header(header),
            Parsed::NeedMore { at_least: needed } => {
                Err(WeightsError::Truncated { what: "the header".to_owned(), needed, available })
            }
        }
    }

    /// Checks that the file is a model of a known family with every tensor in the right shape and none that is unknown.
    ///
    /// # Errors
    /// The first thing that is missing, misshapen or not supported.
    pub fn from_header(header: Header) -> Result<Self, WeightsError> {
        let hyperparameters = Hyperparameters::from_header(&header)?;
        let tensors = Layout::of_gguf(&header.tensors).place(&header.tensors, &hyperparameters)?;
        Ok(Self { header, hyperparameters, tensors })
    }

    /// Where the file holds a tensor; `None` for the head of a tied model and for layers beyond the last.
    pub fn tensor(&self, tensor: ModelTensor) -> Option<&TensorInfo> {
        self.tensors.iter().find(|placed| placed.tensor == tensor).map(|placed| &placed.info)
    }
}
