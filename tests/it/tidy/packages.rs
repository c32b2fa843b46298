//! What `cargo` says of the packages: what each depends on, and what a registry would ask of the libraries.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::root;

/// The resolved dependencies of the workspace, for all targets.
fn metadata() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let args = ["metadata", "--format-version", "1", "--locked", "--offline"];
    let out = Command::new(cargo).args(args).current_dir(root()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Names of all that a package is built from, on any target; what only its tests need is left out.
fn built_from(metadata: &Value, package: &str) -> BTreeSet<String> {
    let names: BTreeMap<&str, &str> =
        list(&metadata["packages"]).iter().map(|p| (text(&p["id"]), text(&p["name"]))).collect();
    let nodes: BTreeMap<&str, &Value> =
        list(&metadata["resolve"]["nodes"]).iter().map(|node| (text(&node["id"]), node)).collect();
    let mut open: Vec<&str> = names.iter().filter(|(_, name)| **name == package).map(|(id, _)| *id).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        for dependency in list(&nodes[id]["deps"]) {
            let is_test_only = list(&dependency["dep_kinds"]).iter().all(|kind| text(&kind["kind"]) == "dev");
            if !is_test_only && found.insert(names[text(&dependency["pkg"])].to_owned()) {
                open.push(text(&dependency["pkg"]));
            }
        }
    }
    found
}

#[test]
fn libraries_do_not_depend_on_what_is_above_them() {
    let metadata = metadata();
    let align = built_from(&metadata, "concord-align");
    let lm = built_from(&metadata, "concord-lm");
    let app = built_from(&metadata, "concord");
    for name in ["serde_json", "nalgebra"] {
        assert!(align.contains(name), "the dependencies were not read: {align:?}");
    }
    assert!(lm.contains("wgpu") && app.contains("concord-lm") && app.contains("leptos"), "{lm:?}");
    for name in ["wgpu", "web-sys", "js-sys", "leptos", "concord", "concord-lm"] {
        assert!(!align.contains(name), "concord-align depends on {name}");
    }
    for name in ["leptos", "concord", "concord-align"] {
        assert!(!lm.contains(name), "concord-lm depends on {name}");
    }
}

#[test]
fn libraries_say_what_a_registry_asks() {
    let metadata = metadata();
    for name in ["concord-lm", "concord-align"] {
        let package = list(&metadata["packages"]).iter().find(|p| text(&p["name"]) == name).unwrap();
        for field in ["description", "license", "readme", "rust_version"] {
            assert!(!text(&package[field]).is_empty(), "{name} has no {field}");
        }
        assert!(!list(&package["keywords"]).is_empty() && list(&package["keywords"]).len() <= 5, "{name}");
        assert!(!list(&package["categories"]).is_empty(), "{name} has no category");
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(root().join("crates").join(name).join(file).is_file(), "{name} has no {file}");
        }
    }
}
