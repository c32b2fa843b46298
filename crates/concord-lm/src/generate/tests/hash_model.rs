//! A model whose states are hashes of all tokens before: any wrong slot, position or key changes its tokens.

use std::collections::VecDeque;

use pollster::block_on;

use super::super::*;

pub(super) const VOCAB: u32 = 50;

/// A slot holds the hash of the tokens up to its own, computed through the slots before it.
pub(super) struct HashModel {
    pub(super) shape: ModelShape,
    slots: Vec<Option<u64>>,
    tables: Vec<Vec<u32>>,
    pub(super) counters: Counters,
    pub(super) largest_batch: usize,
    /// The device refuses a larger pool.
    pub(super) largest_pool: u32,
    /// Held for their cosines.
    vectors: Vec<Vec<f32>>,
    /// Sizes of the pools made since the first.
    pub(super) pools: Vec<u32>,
    /// Fail the call after this many.
    pub(super) n_calls_left: Option<u32>,
    /// Decode steps that calls asked for, and those in which a row decoded.
    pub(super) n_steps_asked: u32,
    pub(super) n_steps_worked: u32,
    rows: LiveRows,
    /// 0 works when a call is finished, like a CPU; more is how many calls may be under way, each done when it is begun,
    /// like a GPU.
    pub(super) n_under_way: usize,
    /// What calls under way gave, with the rows that were let in when they were begun.
    given: VecDeque<Result<Given, ModelError>>,
    /// How often each table row was let in.
    n_admitted: Vec<u32>,
    is_in: Vec<bool>,
}

/// What a call gave; a decoded token with how often its table row had been let in.
#[derive(Default)]
struct Given {
    drawn: Vec<Sampled>,
    decoded: Vec<(Decoded, u32)>,
}

fn mix(a: u64, b: u64) -> u64 {
    let mut x = (a ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(0x5851_f42d_4c95_7f2d);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ (x >> 31)
}

/// State of the last of `tokens`, by the same rule as the model's but without slots.
pub(super) fn states(tokens: &[u32]) -> Vec<u64> {
    let mut states: Vec<u64> = Vec::new();
    for &token in tokens {
        let state = states.iter().fold(u64::from(token), |hash, &state| mix(hash, state));
        states.push(state);
    }
    states
}

pub(super) fn draw(state: u64, key: DrawKey, settings: &SamplingSettings) -> Sampled {
    let word = mix(mix(state, u64::from(key.uniform().to_bits())), u64::from(settings.temperature.to_bits()));
    let logprob = -((word >> 40) as f32) / 1e6;
    Sampled { id: (word % u64::from(VOCAB)) as u32, logprob, sampled_logprob: Some(logprob * 0.5) }
}

impl HashModel {
    pub(super) fn new(n_slots: u32, max_rows: u32) -> Self {
        let shape = ModelShape {
            dim: 1,
            n_layers: 1,
            vocab_size: VOCAB,
            seq_len: 64,
            n_slots,
            n_table_rows: max_rows + 3,
            max_batch_tokens: 16,
            max_rows,
            is_causal: true,
        };
        Self {
            shape,
            slots: vec![None; n_slots as usize],
            tables: vec![vec![u32::MAX; 64]; shape.n_table_rows as usize],
            counters: Counters::default(),
            largest_batch: 0,
            largest_pool: u32::MAX,
            vectors: Vec::new(),
            pools: Vec::new(),
            n_calls_left: None,
            n_steps_asked: 0,
            n_steps_worked: 0,
            rows: LiveRows::default(),
            n_under_way: 2,
            given: VecDeque::new(),
            n_admitted: vec![0; shape.n_table_rows as usize],
            is_in: vec![false; shape.n_table_rows as usize],
        }
    }

    async fn give(&mut self, call: &Call) -> Result<Given, ModelError> {
        let mut given = Given::default();
        if !call.tokens.is_empty() {
            given.drawn = self.prefill(&call.tokens, &call.draws).await?;
        }
        self.n_steps_asked += call.n_steps;
        for _ in 0..call.n_steps {
            let seated = self.rows.seated(self.shape.max_rows);
            if !seated.is_empty() {
                self.n_steps_worked += 1;
                let steps = self.decode(&seated, 1).await?;
                let decoded = self.rows.advance(&seated, &steps[0]);
                let nth = |decoded: Decoded| (decoded, self.n_admitted[decoded.table_row as usize]);
                given.decoded.extend(decoded.into_iter().map(nth));
            }
        }
        Ok(given)
    }

    fn evaluate(&mut self, tokens: &[TokenInput]) -> Result<Vec<u64>, ModelError> {
        if self.n_calls_left == Some(0) {
            return Err(ModelError::DeviceLost { reason: "unplugged".to_owned() });
        }
        self.n_calls_left = self.n_calls_left.map(|n| n - 1);
        self.largest_batch = self.largest_batch.max(tokens.len());
        // One token at a time in position order gives what layer-wise evaluation of the batch gives.
        let mut order: Vec<usize> = (0..tokens.len()).collect();
        order.sort_by_key(|&idx| tokens[idx].position);
        let mut states = vec![0; tokens.len()];
        for idx in order {
            let TokenInput { id, position, table_row } = tokens[idx];
            let table = &self.tables[table_row as usize];
            let before = table[..position as usize].iter();
            let state = before.fold(u64::from(id), |hash, &slot| {
                mix(hash, self.slots[slot as usize].expect("a slot is read only after it was written"))
            });
            self.slots[table[position as usize] as usize] = Some(state);
            states[idx] = state;
        }
        Ok(states)
    }
}

impl LanguageModel for HashModel {
    fn shape(&self) -> ModelShape {
        self.shape
    }

    fn set_slots(&mut self, table_row: u32, first_position: u32, slots: &[u32]) -> Result<(), ModelError> {
        let first = first_position as usize;
        self.tables[table_row as usize][first..first + slots.len()].copy_from_slice(slots);
        Ok(())
    }

    async fn make_pool(&mut self, n_slots: u32) -> Result<(), ModelError> {
        self.slots.clear();
        self.shape.n_slots = 0;
        if n_slots > self.largest_pool {
            return Err(ModelError::OutOfMemory { reason: format!("{n_slots} slots") });
        }
        self.slots = vec![None; n_slots as usize];
        self.tables.iter_mut().for_each(|table| table.fill(u32::MAX));
        self.shape.n_slots = n_slots;
        self.pools.push(n_slots);
        Ok(())
    }

    fn set_seen(&mut self, _: u32, _: &[u32]) -> Result<(), ModelError> {
        Ok(())
    }

    async fn prefill(&mut self, tokens: &[TokenInput], draws: &[Draw]) -> Result<Vec<Sampled>, ModelError> {
        assert!(tokens.len() <= 16 && draws.len() <= self.shape.max_rows as usize);
        let states = self.evaluate(tokens)?;
        Ok(draws.iter().map(|d| draw(states[d.token_idx as usize], d.key, &d.settings)).collect())
    }

    async fn decode(&mut self, rows: &[DecodeRow], n_steps: u32) -> Result<Vec<Vec<Sampled>>, ModelError> {
        assert!(!rows.is_empty() && rows.len() <= self.shape.max_rows as usize);
        let mut rows = rows.to_vec();
        let mut steps = Vec::new();
        for _ in 0..n_steps {
            let states = self.evaluate(&rows.iter().map(|row| row.input).collect::<Vec<_>>())?;
            let sampled: Vec<Sampled> =
                rows.iter().zip(states).map(|(row, state)| draw(state, row.key, &row.settings)).collect();
            for (row, sampled) in rows.iter_mut().zip(&sampled) {
                row.input.id = sampled.id;
                row.input.position += 1;
                row.key.step += 1;
            }
            steps.push(sampled);
        }
        Ok(steps)
    }

    fn rows_mut(&mut self) -> &mut LiveRows {
        &mut self.rows
    }

    fn n_calls_at_once(&self) -> usize {
        self.n_under_way.max(1)
    }

    fn admit(&mut self, row: DecodeRow, ends: Ends) -> Result<(), ModelError> {
        let at = row.input.table_row as usize;
        assert!(ends.n_most > 0 && self.rows.admit(row, ends), "table row {at} is in");
        self.n_admitted[at] += 1;
        self.is_in[at] = true;
        Ok(())
    }

    fn expel(&mut self, table_row: u32) {
        self.rows.expel(table_row);
        self.is_in[table_row as usize] = false;
    }

    fn abandon(&mut self) {
        self.rows.clear();
        self.given.clear();
        self.is_in.fill(false);
    }

    fn begin(&mut self, call: Call) -> Result<(), ModelError> {
        assert!(call.n_steps <= MAX_STEPS && (call.n_steps > 0 || !call.tokens.is_empty()));
        if self.n_under_way == 0 {
            self.rows.push_call(call);
            return Ok(());
        }
        assert!(self.given.len() < self.n_under_way);
        let given = block_on(self.give(&call));
        self.given.push_back(given);
        Ok(())
    }

    async fn finish(&mut self) -> Result<Done, ModelError> {
        let given = match self.rows.pop_call() {
            Some(call) => self.give(&call).await?,
            None => self.given.pop_front().expect("a call was begun")?,
        };
        let mut done = Done { drawn: given.drawn, decoded: Vec::new() };
        for (decoded, nth) in given.decoded {
            let at = decoded.table_row as usize;
            if self.is_in[at] && self.n_admitted[at] == nth {
                self.is_in[at] = !decoded.is_last;
                done.decoded.push(decoded);
            }
        }
        Ok(done)
    }

    async fn score(&mut self, tokens: &[TokenInput], targets: &[u32]) -> Result<Vec<f32>, ModelError> {
        let states = self.evaluate(tokens)?;
        Ok(states.iter().zip(targets).map(|(&state, &target)| expected_score(state, target)).collect())
    }

    /// A layer scales the states, so that layers can be told apart.
    async fn embed_layers(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        layers: &[u32],
        pooling: Pooling,
    ) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
        let states: Vec<f32> = self.evaluate(tokens)?.into_iter().map(expected_feature).collect();
        let mut rest = &states[..];
        let mut vectors = Vec::new();
        for &n_tokens in groups {
            assert!(n_tokens > 0, "the scheduler asks for no empty groups");
            let (group, after) = rest.split_at(n_tokens as usize);
            rest = after;
            vectors.push(vec![match pooling {
                Pooling::Mean => group.iter().sum::<f32>() / n_tokens as f32,
                Pooling::First => group[0],
                Pooling::Last => group[group.len() - 1],
            }]);
        }
        let scaled = |layer: &u32| vectors.iter().map(|vector| vec![vector[0] * *layer as f32]).collect();
        Ok(layers.iter().map(scaled).collect())
    }

    async fn hold_vectors(&mut self, n_vectors: u32) -> Result<(), ModelError> {
        self.vectors.resize(n_vectors as usize, Vec::new());
        Ok(())
    }

    fn set_vector(&mut self, place: u32, vector: &[f32]) -> Result<(), ModelError> {
        self.vectors[place as usize] = vector.to_vec();
        Ok(())
    }

    /// The vectors themselves, for tests of what is held.
    async fn cosines(&mut self, n_vectors: u32) -> Result<Vec<f32>, ModelError> {
        Ok(self.vectors[..n_vectors as usize].concat())
    }

    async fn logits(&mut self, tokens: &[TokenInput]) -> Result<Vec<f32>, ModelError> {
        Ok(vec![expected_feature(*self.evaluate(tokens)?.last().unwrap())])
    }

    fn counters(&self) -> Counters {
        self.counters
    }

    fn counters_mut(&mut self) -> &mut Counters {
        &mut self.counters
    }
}

pub(super) fn expected_score(state: u64, target: u32) -> f32 {
    -((mix(state, u64::from(target)) >> 44) as f32)
}

pub(super) fn expected_feature(state: u64) -> f32 {
    (state >> 56) as f32
}
