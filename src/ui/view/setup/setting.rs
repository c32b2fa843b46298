//! One setting of the next run, as a field reads and writes it.

use leptos::prelude::*;

use super::super::super::state::Workbench;
use crate::data::SessionConfig;

/// What a setting is now.
pub fn read<T: Clone + PartialEq + Send + Sync + 'static>(
    page: Workbench,
    of: impl Fn(&SessionConfig) -> T + Send + Sync + 'static,
) -> Signal<T> {
    Memo::new(move |_| page.setup.with(|setup| of(setup.config()))).into()
}

/// Changes a setting.
pub fn write<T>(page: Workbench, into: impl Fn(&mut SessionConfig, T) + 'static) -> impl Fn(T) + 'static {
    move |value| page.setup.update(|setup| setup.change(|config| into(config, value)))
}
