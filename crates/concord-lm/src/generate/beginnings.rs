//! What prompts that run one after another share at their beginnings: how much of each came before, and how much comes again.

/// Of a prompt among others in their order, in tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beginning {
    /// The longest beginning that an earlier prompt has too.
    pub(super) n_earlier: u32,
    /// The longest beginning that a later prompt has too.
    pub(super) n_later: u32,
}

/// The beginning of each prompt. Sorted, prompts that begin alike stand together: of all later ones the nearest on either side
/// has the longest beginning in common, so two passes over the sorted prompts find it.
pub(super) fn beginnings(prompts: &[&[u32]]) -> Vec<Beginning> {
    let mut order: Vec<usize> = (0..prompts.len()).collect();
    order.sort_by(|&a, &b| prompts[a].cmp(prompts[b]).then(a.cmp(&b)));
    let mut found = vec![Beginning::default(); prompts.len()];
    pass(prompts, order.iter().copied(), &mut found);
    pass(prompts, order.iter().rev().copied(), &mut found);
    found
}

/// Looks from each prompt back to those before it in the sorted order.
fn pass(prompts: &[&[u32]], order: impl Iterator<Item = usize>, found: &mut [Beginning]) {
    // Each with how much it has in common with the one below it. Nothing that stands below another could be nearer to those
    // that follow: the stacks fall, or rise, to the top.
    let mut later: Vec<(usize, u32)> = Vec::new();
    let mut earlier: Vec<(usize, u32)> = Vec::new();
    let mut before: Option<usize> = None;
    for prompt in order {
        let n_common = before.map_or(0, |before| n_alike(prompts[prompt], prompts[before]));
        before = Some(prompt);
        let n_later = climb(&mut later, (prompt, n_common), |below| below > prompt);
        let n_earlier = climb(&mut earlier, (prompt, n_common), |below| below < prompt);
        let found = &mut found[prompt];
        found.n_later = found.n_later.max(n_later);
        found.n_earlier = found.n_earlier.max(n_earlier);
    }
}

/// Puts a prompt on a stack, above the first that is wanted; how much the two have in common.
fn climb(
    stack: &mut Vec<(usize, u32)>,
    (prompt, mut n_common): (usize, u32),
    is_wanted: impl Fn(usize) -> bool,
) -> u32 {
    while let Some((_, n_below)) = stack.pop_if(|(below, _)| !is_wanted(*below)) {
        n_common = n_common.min(n_below);
    }
    let n_common = if stack.is_empty() { 0 } else { n_common };
    stack.push((prompt, n_common));
    n_common
}

fn n_alike(a: &[u32], b: &[u32]) -> u32 {
    a.iter().zip(b).take_while(|(a, b)| a == b).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(target_arch = "wasm32"))]
    fn slowly(prompts: &[&[u32]]) -> Vec<Beginning> {
        let longest = |of: usize, others: std::ops::Range<usize>| {
            others.map(|other| n_alike(prompts[of], prompts[other])).max().unwrap_or(0)
        };
        let of = |prompt| Beginning {
            n_earlier: longest(prompt, 0..prompt),
            n_later: longest(prompt, prompt + 1..prompts.len()),
        };
        (0..prompts.len()).map(of).collect()
    }

    #[test]
    fn a_beginning_is_what_an_earlier_and_a_later_prompt_have_too() {
        let prompts: [&[u32]; 5] = [&[1, 2, 3], &[9], &[1, 2, 4, 5], &[1, 2, 4, 6], &[1, 2, 3]];
        let all = beginnings(&prompts).into_iter().map(|b| (b.n_earlier, b.n_later)).collect::<Vec<_>>();
        assert_eq!(all, [(0, 3), (0, 0), (2, 3), (3, 2), (3, 0)]);
        assert_eq!(beginnings(&[]), []);
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn sorting_finds_what_comparing_all_finds(
            prompts in proptest::collection::vec(proptest::collection::vec(0_u32..3, 0..6), 0..40)
        ) {
            let prompts: Vec<&[u32]> = prompts.iter().map(Vec::as_slice).collect();
            proptest::prop_assert_eq!(beginnings(&prompts), slowly(&prompts));
        }
    }
}
