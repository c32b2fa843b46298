//! What a model is loaded with so that it fits: rows, prompts and lengths, worked out from its header alone.

use crate::{
    generate::{Capacity, Room},
    protocol::{Fault, FaultCode, LoadRequest, MemoryReport, limits::asked},
    weights::{
        EncoderProfile, Hyperparameters, Limits, MemoryPlan, ModelFile, PlanError, RopeDivisors, Sizes,
        Wanted,
    },
};

use super::stream::OpenFile;

/// Sequences decoded at once, where memory allows and nothing else is asked for.
const USUAL_ROWS: u32 = 64;
/// Fewest rows that a load is tried with when the device refuses memory; with fewer it would hardly need less.
const LEAST_ROWS: u32 = 8;
/// Prompts held at once: as many as the rows leave room for.
const N_PROMPTS: [u32; 4] = [64, 8, 2, 1];
/// Tokens of one prefill call: a few prompts.
const BATCH_TOKENS: u32 = 256;
/// Longest prompt and, where nothing else is asked for, response planned for; a longer one takes the room of several.
const ROW_TOKENS: u32 = 512;
/// Lengths of responses that are planned for where the usual one does not fit and none is asked for.
const SHORTER_ROW_TOKENS: [u32; 2] = [256, 128];
/// Slots that are held whatever the job: a short text or a few small rows.
const LEAST_SLOTS: u32 = 512;
/// Of the device, keys and values take this part at most: 1 / 4.
const KV_SHARE: u64 = 4;
/// Memory of a device that does not say what it has, such as any on WebGPU: that of a modest one.
const ASSUMED_DEVICE_BYTES: u64 = 4 << 30;
/// Tokens that an encoder takes at once, at least.
const TEXT_BATCH_TOKENS: u32 = 1024;
/// Bytes of a stored key or value: f16.
const KV_VALUE_BYTES: u32 = 2;
/// What 32-bit WebAssembly can hold, with room for the rest.
const CPU_BUDGET_BYTES: u64 = 3 << 30;

/// The model as it reads texts of the lengths that are asked for. One with RoPE divisors for two lengths takes those for long
/// texts, and with them all of its longest context, where a prompt as planned and a response as asked for are longer than the
/// original one; else those for short texts, and ends there. llama.cpp decides by the same comparison, of the context that it
/// is given for each sequence.
pub(crate) fn for_lengths(h: Hyperparameters, request: &LoadRequest) -> Hyperparameters {
    let RopeDivisors::ByLength { n_longest, .. } = h.rope_divisors else { return h };
    let n_asked = prompt_tokens(h.seq_len).saturating_add(request.row_tokens.unwrap_or(0));
    if n_asked > h.seq_len { h.within(n_longest) } else { h }
}

/// The longest prompt that is planned for.
fn prompt_tokens(seq_len: u32) -> u32 {
    ROW_TOKENS.min(seq_len / 2).max(1)
}

/// The most that a model may come to hold: with the rows and lengths that are asked for, else with as many as the device's
/// memory allows. What it holds at first, and for a job, is in its [`room`].
///
/// # Errors
/// [`FaultCode::DoesNotFit`], with what would; [`FaultCode::BadInput`] for sizes that no device could take.
pub(crate) fn plan<S>(
    file: &OpenFile<S>,
    limits: Limits,
    request: &LoadRequest,
) -> Result<MemoryPlan, Fault> {
    let (h, tensors) = (&file.model.hyperparameters, &file.model.tensors);
    let fault = |error: PlanError| {
        let code = match error {
            PlanError::ContextTooShort { .. } => FaultCode::BadInput,
            _ => FaultCode::DoesNotFit,
        };
        Fault::new(code, error.to_string())
    };
    if let Some(profile) = &file.profile {
        return MemoryPlan::new(h, tensors, limits, of_encoder(profile)).map_err(fault);
    }
    let n_rows = request.rows;
    let most = h.seq_len.saturating_sub(prompt_tokens(h.seq_len));
    asked("rowTokens", request.row_tokens, most)?;
    let row_tokens = request.row_tokens;
    let sizes = Sizes::of(h, tensors, limits);
    if let Some(plan) = plan_of_sizes(sizes, limits, n_rows, row_tokens) {
        return Ok(plan);
    }
    let wanted = wanted(h.seq_len, n_rows, row_tokens);
    let with_fewer = |n_prompts| match n_rows {
        Some(_) => MemoryPlan::new(h, tensors, limits, Wanted { n_prompts, ..wanted }),
        None => MemoryPlan::with_most_rows(h, tensors, limits, Wanted { n_prompts, ..wanted }),
    };
    with_fewer(N_PROMPTS[2]).or_else(|_| with_fewer(N_PROMPTS[3])).map_err(fault)
}

/// The plan for half as many rows, after the device refused memory for those of `plan`; `None` where they are few already.
pub(crate) fn plan_of_fewer(file: &ModelFile, limits: Limits, plan: &MemoryPlan) -> Option<MemoryPlan> {
    let n_rows = (plan.wanted.n_rows / 2).max(LEAST_ROWS);
    let wanted = Wanted { n_rows, ..plan.wanted };
    let fewer = MemoryPlan::new(&file.hyperparameters, &file.tensors, limits, wanted).ok();
    fewer.filter(|_| n_rows < plan.wanted.n_rows)
}

/// The plan for all rows that are asked for, or the usual ones. Where no length is asked for, shorter ones will do: rows
/// take what they need of one pool. `None` where only fewer rows would fit.
pub fn plan_of_sizes(
    sizes: Sizes,
    limits: Limits,
    n_rows: Option<u32>,
    row_tokens: Option<u32>,
) -> Option<MemoryPlan> {
    let usual = wanted(sizes.seq_len, n_rows, row_tokens);
    let with = |n_prompts, row_tokens| {
        MemoryPlan::of_sizes(sizes, limits, Wanted { n_prompts, row_tokens, ..usual }).ok()
    };
    let long = N_PROMPTS[..2].iter().find_map(|&n_prompts| with(n_prompts, usual.row_tokens));
    let shorter = || {
        let lengths = SHORTER_ROW_TOKENS.into_iter().filter(|&n| n < usual.row_tokens);
        lengths.zip(&N_PROMPTS[1..]).find_map(|(row_tokens, &n_prompts)| with(n_prompts, row_tokens))
    };
    if row_tokens.is_some() { long } else { long.or_else(shorter) }
}

fn wanted(seq_len: u32, n_rows: Option<u32>, row_tokens: Option<u32>) -> Wanted {
    let prompt_tokens = prompt_tokens(seq_len);
    Wanted {
        n_rows: n_rows.unwrap_or(USUAL_ROWS),
        n_prompts: 1,
        prompt_tokens,
        row_tokens: row_tokens.unwrap_or(prompt_tokens),
        max_batch_tokens: BATCH_TOKENS,
        kv_value_bytes: KV_VALUE_BYTES,
    }
}

/// Between which sizes the pool of a generator follows its jobs. Rows that are asked for may take all that the plan has; else
/// keys and values stay within a share of the device, unless one row alone needs more.
pub fn room(plan: &MemoryPlan, limits: Limits, n_rows: Option<u32>) -> Room {
    let slots = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let most = slots(plan.n_slots);
    let least = LEAST_SLOTS.min(most);
    let device_bytes =
        if limits.budget_bytes == u64::MAX { ASSUMED_DEVICE_BYTES } else { limits.budget_bytes };
    let share = slots(device_bytes / KV_SHARE / plan.slot_bytes.max(1));
    let usual = if n_rows.is_some() { most } else { share.clamp(least, most) };
    Room { least, usual, most }
}

/// Batches of texts, each as long as the encoder takes.
fn of_encoder(profile: &EncoderProfile) -> Wanted {
    let n_prompts = TEXT_BATCH_TOKENS.div_ceil(profile.max_tokens.max(1));
    Wanted {
        n_rows: n_prompts,
        n_prompts,
        // The planner counts a last token by itself.
        prompt_tokens: profile.max_tokens.saturating_sub(1),
        row_tokens: 1,
        max_batch_tokens: n_prompts * profile.max_tokens,
        kv_value_bytes: KV_VALUE_BYTES,
    }
}

/// What a GPU allows. WebGPU does not say how much memory there is; what does not fit is refused when it is made.
pub(crate) fn gpu_limits(max_buffer_bytes: u64) -> Limits {
    Limits { max_buffer_bytes, max_binding_bytes: max_buffer_bytes, budget_bytes: u64::MAX, on_cpu: false }
}

/// What the CPU allows beside the `held_bytes` of another model.
pub(crate) fn cpu_limits(held_bytes: u64) -> Limits {
    Limits {
        max_buffer_bytes: u64::MAX,
        max_binding_bytes: u64::MAX,
        budget_bytes: CPU_BUDGET_BYTES.saturating_sub(held_bytes),
        on_cpu: true,
    }
}

/// How many sequences, slots and tokens a model made to this plan holds at first; an encoder's texts are always as long.
pub(crate) fn capacity(plan: &MemoryPlan, is_encoder: bool) -> Capacity {
    let wanted = plan.wanted;
    let n_slots = u32::try_from(plan.n_slots).unwrap_or(u32::MAX);
    Capacity {
        n_slots: if is_encoder { n_slots } else { n_slots.min(LEAST_SLOTS) },
        n_table_rows: wanted.n_rows + wanted.n_prompts,
        max_batch_tokens: wanted.max_batch_tokens,
        max_rows: wanted.n_rows,
    }
}

/// The plan and its limits with a pool of `n_slots`, as the page hears them; 0 for a limit that is not known.
pub(crate) fn memory_report(plan: &MemoryPlan, limits: Limits, n_slots: u32) -> MemoryReport {
    let known = |bytes: u64| if bytes == u64::MAX { 0.0 } else { bytes as f64 };
    MemoryReport {
        weights: plan.weights_bytes as f64,
        kv: u64::from(n_slots).saturating_mul(plan.slot_bytes) as f64,
        kv_most: plan.kv_bytes as f64,
        kv_token: plan.slot_bytes as f64,
        scratch: plan.scratch_bytes as f64,
        budget: known(limits.budget_bytes),
        largest_buffer: plan.largest_buffer_bytes as f64,
        max_buffer: known(limits.max_buffer_bytes),
    }
}

/// A device that has no more memory says so only when asked for it: what was asked, and what takes less.
pub(crate) fn fault_with_sizes(fault: Fault, plan: &MemoryPlan) -> Fault {
    if fault.code != FaultCode::DoesNotFit {
        return fault;
    }
    let mega = |bytes: u64| bytes.div_ceil(1_000_000);
    let message = format!(
        "{}. Weights take {} MB, working space for {} rows {} MB, keys and values {} kB for each token; ask for fewer rows, or take a smaller type of the same model",
        fault.message,
        mega(plan.weights_bytes),
        plan.wanted.n_rows,
        mega(plan.scratch_bytes),
        plan.slot_bytes.div_ceil(1_000),
    );
    Fault::new(fault.code, message)
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::protocol::{Answer, BackendChoice, ModelRequest, ModelSource, Role};
    use crate::weights::{
        Architecture,
        testing::{RandomModel, random_model},
    };
    use crate::worker::{
        load::{bytes::MemorySource, files::MemoryFiles, headers::open_generator},
        machine::Machine,
        task::Task,
        testing::{TestHost, run},
    };

    fn with_file(test: impl FnOnce(&OpenFile<MemorySource<'_>>)) {
        let bytes = random_model(&RandomModel::default());
        let mut files = MemoryFiles::new(&[("random.gguf", &bytes)], 1_000);
        test(&block_on(open_generator(&mut files)).unwrap());
    }

    fn request(rows: Option<u32>, row_tokens: Option<u32>) -> LoadRequest {
        let source = ModelSource::Teaching { url: String::new() };
        LoadRequest { rows, row_tokens, ..LoadRequest::new(source, Role::Generator, BackendChoice::Auto) }
    }

    #[test]
    fn rows_and_lengths_are_those_asked_for_else_the_usual() {
        with_file(|file| {
            let sizes = |rows, row_tokens| {
                let wanted = plan(file, gpu_limits(1 << 30), &request(rows, row_tokens)).unwrap().wanted;
                (wanted.n_rows, wanted.row_tokens)
            };
            assert_eq!(sizes(None, None), (64, 128));
            assert_eq!(sizes(Some(3), None), (3, 128));
            assert_eq!(sizes(Some(256), Some(20)), (256, 20));
            for (rows, row_tokens, named) in
                [(None, Some(0), "rowTokens is 0"), (None, Some(129), "1 to 128")]
            {
                let fault = plan(file, gpu_limits(1 << 30), &request(rows, row_tokens)).unwrap_err();
                assert_eq!(fault.code, FaultCode::BadInput);
                assert!(fault.message.contains(named), "{}", fault.message);
            }
        });
    }

    /// Rows and lengths that a refusal offers are accepted when they are asked for.
    #[test]
    fn what_a_refusal_offers_can_be_loaded() {
        with_file(|file| {
            let asked = request(Some(64), Some(100));
            let most = plan(file, gpu_limits(u64::MAX), &asked).unwrap().total_bytes;
            let mut n_offers = 0;
            for percent in 0..100 {
                let budget_bytes = most * percent / 100;
                let limits = Limits { budget_bytes, ..gpu_limits(u64::MAX) };
                for wanted in [&asked, &request(None, None)] {
                    let Err(fault) = plan(file, limits, wanted) else { continue };
                    assert_eq!(fault.code, FaultCode::DoesNotFit);
                    let Some((_, offers)) = fault.message.split_once("available; ") else { panic!() };
                    for offer in offers.split(" or ").filter(|offer| offer.starts_with(char::is_numeric)) {
                        let numbers: Vec<u32> =
                            offer.split(' ').filter_map(|word| word.parse().ok()).collect();
                        let carried_out = request(Some(numbers[0]), Some(numbers[1]));
                        plan(file, limits, &carried_out).unwrap_or_else(|_| panic!("{offer} does not fit"));
                        n_offers += 1;
                    }
                }
            }
            assert!(n_offers > 20, "{n_offers}");
        });
    }

    /// A pool follows the job: little is held at first, a quarter of the device at most, all of it for rows asked for.
    #[test]
    fn a_pool_begins_small_and_stays_within_its_share() {
        with_file(|file| {
            let plan = plan(file, gpu_limits(1 << 30), &request(None, None)).unwrap();
            assert_eq!(capacity(&plan, false).n_slots, LEAST_SLOTS);
            assert_eq!(u64::from(capacity(&plan, true).n_slots), plan.n_slots);
            let most = plan.n_slots as u32;
            let of_device =
                |budget_bytes, n_rows| room(&plan, Limits { budget_bytes, ..gpu_limits(1 << 30) }, n_rows);
            let device_bytes = plan.kv_bytes;
            let quarter = Room { least: LEAST_SLOTS, usual: most / 4, most };
            assert_eq!(of_device(device_bytes, None), quarter);
            assert_eq!(of_device(device_bytes, Some(64)).usual, most);
            assert_eq!(of_device(0, None).usual, LEAST_SLOTS);
            assert_eq!(of_device(u64::MAX, None).usual, most, "a small model on a device of unknown size");
        });
    }

    #[test]
    fn reports_name_the_limits_that_are_known() {
        with_file(|file| {
            let report =
                |limits| memory_report(&plan(file, limits, &request(None, None)).unwrap(), limits, 10);
            let (gpu, cpu) = (report(gpu_limits(1 << 30)), report(cpu_limits(1 << 20)));
            assert_eq!((gpu.budget, gpu.max_buffer), (0.0, f64::from(1 << 30)));
            assert_eq!((cpu.budget, cpu.max_buffer), (((3u64 << 30) - (1 << 20)) as f64, 0.0));
            assert!(gpu.largest_buffer > 0.0 && gpu.largest_buffer < gpu.kv_most + gpu.scratch);
            assert_eq!(gpu.kv, 10.0 * gpu.kv_token);
            assert_eq!((gpu.kv, gpu.scratch), (cpu.kv, cpu.scratch));
        });
    }

    #[test]
    fn a_device_without_memory_is_told_with_the_sizes() {
        with_file(|file| {
            let plan = plan(file, gpu_limits(1 << 30), &request(None, None)).unwrap();
            let fault = fault_with_sizes(Fault::new(FaultCode::DoesNotFit, "no memory for keys"), &plan);
            assert!(fault.message.starts_with("no memory for keys. Weights take "), "{}", fault.message);
            assert!(fault.message.contains("for 64 rows"), "{}", fault.message);
            let other = Fault::new(FaultCode::Internal, "a bug");
            assert_eq!(fault_with_sizes(other.clone(), &plan), other);
        });
    }

    /// Of two sets of divisors, a model is loaded with those for the lengths asked for, and says so.
    #[test]
    fn a_model_reads_longer_texts_where_they_are_asked_for() {
        let bytes = random_model(&RandomModel {
            architecture: Architecture::Phi3,
            original_context: 64,
            ..RandomModel::default()
        });
        let (mut machine, host) = (Machine::default(), TestHost::default());
        let mut logits_with = |row_tokens| {
            let load = LoadRequest { backend: BackendChoice::Cpu, ..request(Some(2), row_tokens) };
            let files = MemoryFiles::new(&[("random.gguf", bytes.as_slice())], 4_096);
            let info = block_on(machine.load(&Task::new(&host, 0), &load, files))?;
            let asked = ModelRequest::Logits { tokens: vec![1, 2, 3] };
            let Answer::Numbers(logits) = run(&mut machine, asked, &host)? else { panic!() };
            Ok::<_, Fault>((info.seq_len, info.notes.concat(), logits))
        };
        let (seq_len, note, short) = logits_with(None).unwrap();
        assert_eq!(seq_len, 64);
        assert!(note.contains("up to 64 tokens") && note.contains("256"), "{note}");
        assert_eq!(logits_with(Some(32)).unwrap(), (64, note, short.clone()), "32 of a prompt, 32 after it");
        let (seq_len, note, long) = logits_with(Some(33)).unwrap();
        assert_eq!(seq_len, 256);
        assert!(note.contains("more than 64 tokens"), "{note}");
        assert_ne!(short, long);
        let refused = logits_with(Some(300)).unwrap_err();
        assert!(refused.message.contains("1 to 128"), "{}", refused.message);
    }

    /// Sizes that cannot be leave the model that is loaded where it is.
    #[test]
    fn a_refused_load_keeps_the_loaded_model() {
        let bytes = random_model(&RandomModel::default());
        let (mut machine, host) = (Machine::default(), TestHost::default());
        let mut load = |rows| {
            let load = LoadRequest { backend: BackendChoice::Cpu, ..request(rows, None) };
            let files = MemoryFiles::new(&[("random.gguf", bytes.as_slice())], 4_096);
            block_on(machine.load(&Task::new(&host, 0), &load, files))
        };
        let info = load(Some(2)).unwrap();
        assert_eq!((info.rows, info.row_tokens), (2, 128));
        assert_eq!(load(Some(0)).unwrap_err().code, FaultCode::BadInput);
        assert!(run(&mut machine, ModelRequest::Logits { tokens: vec![1] }, &host).is_ok());
    }
}
