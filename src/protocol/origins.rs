//! How the loaded models came here, so that they can be loaded again without anybody's help.

use serde::{Deserialize, Serialize};

use super::{LoadRequest, ModelInfo, Role};

/// How a model came, and what it was once it was loaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// How it was asked for.
    pub request: LoadRequest,
    /// What came.
    pub info: ModelInfo,
}

/// The origins of the loaded models, at most one for each role.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origins(Vec<Origin>);

impl Origins {
    /// A model was loaded. A generator takes the place of a tokenizer that was loaded alone.
    pub fn put(&mut self, origin: Origin) {
        self.remove(origin.request.role);
        if origin.request.role == Role::Generator {
            self.remove(Role::Tokenizer);
        }
        self.0.push(origin);
    }

    /// A model is wanted no more.
    pub fn remove(&mut self, role: Role) {
        self.0.retain(|origin| origin.request.role != role);
    }

    /// The origin of a role's model.
    pub fn get(&self, role: Role) -> Option<&Origin> {
        self.0.iter().find(|origin| origin.request.role == role)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, role: Role) -> Option<&mut Origin> {
        self.0.iter_mut().find(|origin| origin.request.role == role)
    }

    /// All of them, in the order in which they were loaded.
    pub fn iter(&self) -> impl Iterator<Item = &Origin> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{BackendChoice, ModelSource};

    fn origin(role: Role, name: &str) -> Origin {
        let source = ModelSource::File { names: vec![name.to_owned()] };
        let info = ModelInfo { name: name.to_owned(), ..ModelInfo::default() };
        Origin { request: LoadRequest::new(source, role, BackendChoice::Auto), info }
    }

    #[test]
    fn each_role_has_the_origin_of_what_was_loaded_last() {
        let mut origins = Origins::default();
        let names = |origins: &Origins| origins.iter().map(|o| o.info.name.clone()).collect::<Vec<_>>();
        origins.put(origin(Role::Tokenizer, "words"));
        origins.put(origin(Role::Encoder, "encoder"));
        assert_eq!(names(&origins), ["words", "encoder"]);
        origins.put(origin(Role::Generator, "one"));
        origins.put(origin(Role::Generator, "two"));
        assert_eq!(names(&origins), ["encoder", "two"], "a generator has a tokenizer of its own");
        origins.remove(Role::Encoder);
        assert_eq!((names(&origins), origins.get(Role::Encoder)), (vec!["two".to_owned()], None));
    }
}
