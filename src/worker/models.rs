//! The models that are loaded, and which of them does a job. Any may be missing; what that means is decided here alone.

use crate::{
    generate::LanguageModel,
    protocol::{EmbedRequest, Fault, FaultCode, Role},
    text::Tokenizer,
};

use super::{encoder::Encoder, generator::Generator, jobs::embedder::Embedder, prompter::Prompter};

/// A generator, an encoder and a tokenizer, each loaded or not.
#[derive(Debug)]
pub struct Models<M> {
    /// Answers prompts.
    pub generator: Option<Generator<M>>,
    /// Embeds texts.
    pub encoder: Option<Encoder<M>>,
    /// A tokenizer loaded alone, with its chat template.
    pub tokenizer: Option<Prompter>,
}

impl<M> Default for Models<M> {
    fn default() -> Self {
        Self { generator: None, encoder: None, tokenizer: None }
    }
}

impl<M: LanguageModel> Models<M> {
    /// Gives up what was loaded for a role.
    pub fn unload(&mut self, role: Role) {
        match role {
            Role::Generator => self.generator = None,
            Role::Encoder => self.encoder = None,
            Role::Tokenizer => self.tokenizer = None,
        }
    }

    /// The generator.
    ///
    /// # Errors
    /// [`FaultCode::NoModel`] where there is none.
    pub fn generator(&mut self) -> Result<&mut Generator<M>, Fault> {
        let missing = self.no_generator();
        self.generator.as_mut().ok_or(missing)
    }

    /// The generator, and the encoder where one stands beside it.
    ///
    /// # Errors
    /// As [`Models::generator`].
    pub fn with_encoder(&mut self) -> Result<(&mut Generator<M>, Option<&mut Encoder<M>>), Fault> {
        let missing = self.no_generator();
        let generator = self.generator.as_mut().ok_or(missing)?;
        Ok((generator, self.encoder.as_mut()))
    }

    /// What makes the vectors of a request: the encoder where the request is for one and it is there, else the generator.
    ///
    /// # Errors
    /// [`FaultCode::NoModel`] where the one that is asked for by name is missing, or both are.
    pub fn embedder(&mut self, request: &EmbedRequest) -> Result<Embedder<'_, M>, Fault> {
        let missing = match request.role {
            Some(Role::Encoder) => no_model("no encoder is loaded; load one with role \"encoder\""),
            _ => self.no_generator(),
        };
        match self.encoder.as_mut().filter(|_| request.is_for_encoder()) {
            Some(encoder) => Ok(Embedder::Encoder(encoder)),
            None if request.role == Some(Role::Encoder) => Err(missing),
            None => self.generator.as_mut().map(Embedder::Generator).ok_or(missing),
        }
    }

    /// What reads and writes text: the generator's tokenizer, else the one loaded alone, else the encoder's.
    ///
    /// # Errors
    /// [`FaultCode::NoModel`] where nothing is loaded.
    pub fn tokenizer(&self) -> Result<&Tokenizer, Fault> {
        let of_encoder = self.encoder.as_ref().map(|encoder| &encoder.tokenizer);
        let tokenizer = self.prompter_loaded().map(|prompter| &prompter.tokenizer).or(of_encoder);
        tokenizer.ok_or_else(|| self.no_generator())
    }

    /// Tokenizer and chat template, of the generator or loaded alone; an encoder has no template.
    ///
    /// # Errors
    /// [`FaultCode::NoModel`] where there is none.
    pub fn prompter(&self) -> Result<&Prompter, Fault> {
        self.prompter_loaded().ok_or_else(|| self.no_generator())
    }

    /// Generator and encoder, as far as they are loaded.
    ///
    /// # Errors
    /// [`FaultCode::NoModel`] where neither is.
    pub fn all(&mut self) -> Result<impl Iterator<Item = &mut M>, Fault> {
        if self.generator.is_none() && self.encoder.is_none() {
            return Err(self.no_generator());
        }
        let generator = self.generator.as_mut().map(|generator| &mut generator.model);
        let encoder = self.encoder.as_mut().map(|encoder| &mut encoder.model);
        Ok(generator.into_iter().chain(encoder))
    }

    fn prompter_loaded(&self) -> Option<&Prompter> {
        self.generator.as_ref().map(|generator| &generator.prompter).or(self.tokenizer.as_ref())
    }

    fn no_generator(&self) -> Fault {
        no_model(match &self.encoder {
            Some(_) => "only an encoder is loaded; load a generator too, such as the teaching model",
            None => "no model is loaded; load one first, such as the teaching model",
        })
    }
}

fn no_model(message: &str) -> Fault {
    Fault::new(FaultCode::NoModel, message)
}
