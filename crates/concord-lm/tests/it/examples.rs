//! The examples, run on the model that ships with the page.

use pollster::block_on;

#[path = "../../examples/generate.rs"]
#[expect(dead_code, reason = "a test has no use for the example's main")]
mod generate;

const MODEL: &[u8] = include_bytes!("../../../../static/teaching-model.gguf");

/// The lines below a heading, up to the next one.
fn below<'a>(out: &'a str, heading: &str) -> Vec<&'a str> {
    let from = out.lines().skip_while(|line| !line.starts_with(heading)).skip(1);
    from.take_while(|line| line.starts_with(' ')).collect()
}

#[test]
fn generate_samples_eight_responses_with_log_probs_on_cpu_and_gpu() {
    let prompt = "У Веры 8 книг. Это на 5 книг больше, чем у Нины. Сколько книг есть у Нины?";
    let out = block_on(generate::run(MODEL, prompt)).unwrap();
    println!("{out}");
    let (cpu, gpu) = (below(&out, "On the CPU"), below(&out, "On the GPU"));
    assert_eq!((cpu.len(), gpu.len()), (8, 8), "{out}");
    for line in cpu.iter().chain(&gpu) {
        let (logprob, text) = line.trim().split_once("  ").unwrap();
        assert!(logprob.parse::<f32>().unwrap() < 0.0 && text.len() > 2, "{line}");
    }
    assert_ne!(cpu[0], cpu[1], "samples differ");
}

#[test]
fn generate_refuses_a_file_that_is_no_model() {
    for file in [&b"PK\x03\x04"[..], &MODEL[..1000], b""] {
        assert!(block_on(generate::run(file, "Hello")).is_err());
    }
}
