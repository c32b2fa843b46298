//! The kernel cases on the native software adapter. Without an adapter they fail.

use crate::cases::kernels as cases;
use crate::cases::kernels::sample::Sampler;
use crate::cases::sampler;

macro_rules! kernel_tests {
    ($($name:ident: $case:path;)*) => {
        $(#[test]
        fn $name() {
            pollster::block_on(async { $case(&cases::gpu().await).await });
        })*
    };
}

kernel_tests! {
    embed: cases::matmul::embed;
    matmul: cases::matmul::matmul;
    matmul_columns: cases::matmul::matmul_columns;
    matmul_fed: cases::matmul::matmul_fed;
    matmul_batch_invariance: cases::matmul::matmul_batch_invariance;
    rms_norm: cases::elementwise::rms_norm;
    gate: cases::elementwise::gate;
    activate: cases::elementwise::activate;
    layer_norm: cases::elementwise::layer_norm;
    head_norm: cases::elementwise::head_norm;
    soft_cap: cases::elementwise::soft_cap;
    log_prob: cases::elementwise::log_prob;
    pool: cases::elementwise::pool;
    cosine: cases::elementwise::cosine;
    rope: cases::attention::rope;
    attention: cases::attention::attention;
    attention_batch_invariance: cases::attention::attention_batch_invariance;
    sample_greedy: cases::sample::sample_greedy;
    sample_equals_reference: cases::sample::sample_equals_reference;
    seat_equals_reference: cases::seat::seat_equals_reference;
    rows_follow_in_the_step_in_which_they_end: cases::seat::rows_follow_in_the_step_in_which_they_end;
}

#[test]
fn sample_follows_the_exact_distribution() {
    pollster::block_on(async {
        let kernel = Sampler::new(&cases::gpu().await).await;
        sampler::draws_follow_the_exact_distribution(async |draws| kernel.draw(draws).await).await;
    });
}

#[test]
fn sample_at_zero_temperature_is_greedy() {
    pollster::block_on(async {
        let kernel = Sampler::new(&cases::gpu().await).await;
        sampler::zero_temperature_is_greedy(async |draws| kernel.draw(draws).await).await;
    });
}
