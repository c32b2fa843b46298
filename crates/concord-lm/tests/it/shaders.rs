//! Every shader, joined as pipelines use it: valid, short, and with the `Params` that its twin writes.

use concord_lm::engine::kernel::Source;
use concord_lm::engine::kernels::sources;
use wgpu::naga;

fn parsed(source: &Source) -> naga::Module {
    let text = source.text();
    naga::front::wgsl::parse_str(&text)
        .unwrap_or_else(|error| panic!("{}: {}", source.label(), error.emit_to_string(&text)))
}

#[test]
fn every_shader_is_valid() {
    for source in &sources() {
        let module = parsed(source);
        let flags = naga::valid::ValidationFlags::all();
        let mut validator =
            naga::valid::Validator::new(flags, naga::valid::Capabilities::SHADER_FLOAT16_IN_FLOAT32);
        if let Err(error) = validator.validate(&module) {
            panic!("{}: {}", source.label(), error.emit_to_string(&source.text()));
        }
        let entries: Vec<&str> = module.entry_points.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(entries, ["main"], "{}", source.label());
    }
}

#[test]
fn params_lie_in_the_shader_as_in_the_twin() {
    for source in &sources() {
        let module = parsed(source);
        let (_, params) = module
            .types
            .iter()
            .find(|(_, ty)| ty.name.as_deref() == Some("Params"))
            .unwrap_or_else(|| panic!("{} has no Params", source.label()));
        let naga::TypeInner::Struct { members, span } = &params.inner else {
            panic!("{}: Params is not a struct", source.label());
        };
        let found: Vec<(&str, usize)> =
            members.iter().map(|m| (m.name.as_deref().unwrap_or(""), m.offset as usize)).collect();
        assert_eq!(found, source.params_fields, "{}", source.label());
        assert_eq!(*span as usize, source.params_bytes, "{}", source.label());
        assert_eq!(source.params_bytes % 16, 0, "{}: a uniform block is whole vectors", source.label());
    }
}

#[test]
fn bindings_are_those_that_the_twin_binds() {
    use concord_lm::engine::kernel::Access;
    for source in &sources() {
        let module = parsed(source);
        let mut found = Vec::new();
        for (_, variable) in module.global_variables.iter() {
            let Some(binding) = &variable.binding else { continue };
            assert_eq!(binding.group, 0, "{}", source.label());
            if let naga::AddressSpace::Storage { access } = variable.space {
                let writes = access.contains(naga::StorageAccess::STORE);
                found.push((binding.binding, if writes { Access::Write } else { Access::Read }));
            }
        }
        found.sort_by_key(|(binding, _)| *binding);
        let mut bound = source.all_bindings();
        bound.sort_by_key(|(binding, _)| *binding);
        assert_eq!(found, bound, "{}", source.label());
        assert!(bound.len() <= 8, "{}: more storage buffers than WebGPU promises", source.label());
    }
}

#[test]
fn shader_files_are_short_and_say_what_they_do() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/engine/kernels");
    let mut n_files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "wgsl") {
            let text = std::fs::read_to_string(&path).unwrap();
            let n_lines = text.lines().count();
            assert!(n_lines <= 150, "{}: {n_lines} lines", path.display());
            assert!(text.starts_with("// "), "{} does not start with what it computes", path.display());
            n_files += 1;
        }
    }
    assert!(n_files >= 16, "only {n_files} shaders found");
}
