//! Shared prefixes: a tree of prompt tokens, each node owning the KV slot of its token.
//!
//! Prompts that begin alike share nodes, so a shared token is evaluated and stored once. A node counts
//! the prompts that use it. Unused nodes stay as a cache until their slots are needed; those that a later
//! prompt is known to begin with go last.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::slots::FreeList;

/// Index of a node.
pub type NodeId = usize;

/// A prompt in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// Node of the last token; give it to [`PrefixTree::release`] once.
    pub last: NodeId,
    /// Slots of all tokens in order.
    pub slots: Vec<u32>,
    /// Leading tokens that were in the tree before.
    pub n_shared: usize,
}

#[derive(Clone, Debug)]
struct Node {
    token: u32,
    slot: u32,
    parent: Option<NodeId>,
    children: BTreeMap<u32, NodeId>,
    n_users: u32,
    /// When it was last used, in acquisitions.
    last_use: u64,
    /// A prompt that is still to come begins with it, and so with its parents.
    is_awaited: bool,
    /// Its place is free for another node.
    is_vacant: bool,
}

/// The tree. Nodes are kept in one list; freed places are used again.
#[derive(Clone, Debug, Default)]
pub struct PrefixTree {
    nodes: Vec<Node>,
    vacant: Vec<NodeId>,
    roots: BTreeMap<u32, NodeId>,
    n_unused: u32,
    /// Of those, the ones that a later prompt begins with.
    n_kept: u32,
    n_acquired: u64,
}

impl PrefixTree {
    /// Nodes that no prompt uses: slots that [`PrefixTree::evict`] can free.
    pub fn n_unused(&self) -> u32 {
        self.n_unused
    }

    /// Unused nodes that a later prompt begins with.
    pub fn n_kept(&self) -> u32 {
        self.n_kept
    }

    /// Unused nodes that a later prompt begins with, those of `tokens` left out.
    pub fn n_kept_beside(&self, tokens: &[u32]) -> u32 {
        let path = self.known_path(tokens);
        let n_here = path.iter().filter(|&&id| self.nodes[id].n_users == 0 && self.nodes[id].is_awaited);
        self.n_kept - n_here.count() as u32
    }

    /// Says that a later prompt begins with the first `n_tokens` of one that is in use, and none with more of it.
    pub fn await_beginning(&mut self, prefix: &Prefix, n_tokens: u32) {
        let mut next = Some(prefix.last);
        for n_left in (1..=prefix.slots.len()).rev() {
            let Some(id) = next else { return };
            let node = &mut self.nodes[id];
            node.is_awaited = n_left <= n_tokens as usize;
            next = node.parent;
        }
    }

    /// No later prompt is known any more.
    pub fn await_nothing(&mut self) {
        self.nodes.iter_mut().for_each(|node| node.is_awaited = false);
        self.n_kept = 0;
    }

    /// How many slots [`PrefixTree::acquire`] would use up: new tokens, and cached ones put to use again.
    pub fn n_slots_needed(&self, tokens: &[u32]) -> u32 {
        let path = self.known_path(tokens);
        let n_used = path.iter().filter(|&&id| self.nodes[id].n_users > 0).count();
        (tokens.len() - n_used) as u32
    }

    /// Puts a prompt into the tree and marks its nodes as used; new tokens take slots of `free`.
    /// `None`, and nothing changed but for unused nodes evicted, when there are too few slots.
    pub fn acquire(&mut self, tokens: &[u32], free: &mut FreeList) -> Option<Prefix> {
        let mut path = self.known_path(tokens);
        let n_shared = path.len();
        self.n_acquired += 1;
        path.iter().for_each(|&id| self.begin_use(id));
        let n_new = (tokens.len() - n_shared) as u32;
        self.evict(n_new.saturating_sub(free.n_free()), free);
        let Some(new_slots) = free.take(n_new) else {
            path.iter().for_each(|&id| self.end_use(id));
            return None;
        };
        for (&token, slot) in tokens[n_shared..].iter().zip(new_slots) {
            let parent = path.last().copied();
            path.push(self.insert(parent, token, slot));
        }
        let slots = path.iter().map(|&id| self.nodes[id].slot).collect();
        path.last().map(|&last| Prefix { last, slots, n_shared })
    }

    /// One prompt that ends at `last` is no longer used.
    pub fn release(&mut self, last: NodeId) {
        let mut next = Some(last);
        while let Some(id) = next {
            self.end_use(id);
            next = self.nodes[id].parent;
        }
    }

    /// Frees the slots of up to `n` unused nodes, ends of branches first: those that no later prompt is known to begin
    /// with, and of them the longest unused.
    pub fn evict(&mut self, n: u32, free: &mut FreeList) {
        if n == 0 {
            return;
        }
        let leaves = (0..self.nodes.len()).filter(|&id| self.is_unused_leaf(id));
        let mut leaves: BinaryHeap<_> = leaves.map(|id| Reverse(self.rank(id))).collect();
        for _ in 0..n {
            let Some(Reverse((.., id))) = leaves.pop() else { return };
            let parent = self.nodes[id].parent;
            self.remove(id, free);
            if let Some(id) = parent.filter(|&id| self.is_unused_leaf(id)) {
                leaves.push(Reverse(self.rank(id)));
            }
        }
    }

    /// What is evicted first has the lowest.
    fn rank(&self, id: NodeId) -> (bool, u64, NodeId) {
        (self.nodes[id].is_awaited, self.nodes[id].last_use, id)
    }

    fn is_unused_leaf(&self, id: NodeId) -> bool {
        let node = &self.nodes[id];
        node.n_users == 0 && node.children.is_empty() && !node.is_vacant
    }

    /// Nodes of the longest prefix of `tokens` in the tree.
    fn known_path(&self, tokens: &[u32]) -> Vec<NodeId> {
        let mut path = Vec::new();
        let mut children = &self.roots;
        for token in tokens {
            let Some(&id) = children.get(token) else { break };
            path.push(id);
            children = &self.nodes[id].children;
        }
        path
    }

    fn begin_use(&mut self, id: NodeId) {
        let now = self.n_acquired;
        let node = &mut self.nodes[id];
        node.n_users += 1;
        node.last_use = now;
        let was_unused = node.n_users == 1;
        self.n_kept -= u32::from(was_unused && node.is_awaited);
        self.n_unused -= u32::from(was_unused);
    }

    fn end_use(&mut self, id: NodeId) {
        let node = &mut self.nodes[id];
        node.n_users -= 1;
        let is_unused = node.n_users == 0;
        self.n_kept += u32::from(is_unused && node.is_awaited);
        self.n_unused += u32::from(is_unused);
    }

    /// Adds a node that is in use.
    fn insert(&mut self, parent: Option<NodeId>, token: u32, slot: u32) -> NodeId {
        let (children, last_use) = (BTreeMap::new(), self.n_acquired);
        let node =
            Node { token, slot, parent, children, n_users: 1, last_use, is_awaited: false, is_vacant: false };
        let id = match self.vacant.pop() {
            Some(id) => {
                self.nodes[id] = node;
                id
            }
            None => {
                self.nodes.push(node);
                self.nodes.len() - 1
            }
        };
        self.siblings_mut(parent).insert(token, id);
        id
    }

    fn remove(&mut self, id: NodeId, free: &mut FreeList) {
        let Node { token, slot, parent, is_awaited, .. } = self.nodes[id];
        self.nodes[id].is_vacant = true;
        self.n_kept -= u32::from(is_awaited);
        self.siblings_mut(parent).remove(&token);
        self.vacant.push(id);
        self.n_unused -= 1;
        free.give_back(&[slot]);
    }

    fn siblings_mut(&mut self, parent: Option<NodeId>) -> &mut BTreeMap<u32, NodeId> {
        match parent {
            Some(parent) => &mut self.nodes[parent].children,
            None => &mut self.roots,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_that_begin_alike_share_slots() {
        let (mut tree, mut free) = (PrefixTree::default(), FreeList::new(10));
        let first = tree.acquire(&[1, 2, 3], &mut free).unwrap();
        let second = tree.acquire(&[1, 2, 4, 5], &mut free).unwrap();
        assert_eq!((first.n_shared, second.n_shared), (0, 2));
        assert_eq!(first.slots[..2], second.slots[..2]);
        assert_eq!(free.n_free(), 5, "3 + 2 slots");
        assert_eq!(tree.n_slots_needed(&[1, 2, 4, 6]), 1);
        tree.release(first.last);
        assert_eq!(tree.n_unused(), 1, "only token 3 is unused");
        tree.release(second.last);
        assert_eq!(tree.n_unused(), 5);
        assert_eq!(tree.n_slots_needed(&[1, 2, 3]), 3, "cached tokens put to use again are no longer free");
        let again = tree.acquire(&[1, 2, 3], &mut free).unwrap();
        assert_eq!((again.n_shared, again.slots), (3, first.slots));
    }

    #[test]
    fn evicts_the_longest_unused_branch_and_never_what_is_used() {
        let (mut tree, mut free) = (PrefixTree::default(), FreeList::new(4));
        let old = tree.acquire(&[1, 2], &mut free).unwrap();
        let new = tree.acquire(&[1, 3], &mut free).unwrap();
        tree.release(old.last);
        tree.release(new.last);
        let kept = tree.acquire(&[9, 8], &mut free).unwrap();
        assert_eq!(tree.n_slots_needed(&[1, 3]), 2);
        assert_eq!(tree.known_path(&[1, 2]).len(), 1, "token 2 went first");
        assert_eq!(tree.acquire(&[7, 7, 7], &mut free), None, "two slots are used, three are needed");
        assert!(tree.acquire(&[7, 7], &mut free).is_some());
        assert_eq!(kept.slots.len(), 2);
        assert_eq!((free.n_free(), tree.n_unused()), (0, 0));
    }

    #[test]
    fn what_a_later_prompt_begins_with_is_kept_longest() {
        let (mut tree, mut free) = (PrefixTree::default(), FreeList::new(6));
        let awaited = tree.acquire(&[1, 2, 3], &mut free).unwrap();
        tree.await_beginning(&awaited, 2);
        tree.release(awaited.last);
        let other = tree.acquire(&[5, 6, 7], &mut free).unwrap();
        tree.release(other.last);
        assert_eq!((tree.n_unused(), tree.n_kept()), (6, 2));
        assert_eq!((tree.n_kept_beside(&[1, 8]), tree.n_kept_beside(&[1, 2, 3, 4])), (1, 0));
        tree.evict(4, &mut free);
        assert_eq!(
            tree.n_slots_needed(&[1, 2]) + free.n_free(),
            2 + 4,
            "all but the two went, though used before"
        );
        let again = tree.acquire(&[1, 2, 9], &mut free).unwrap();
        assert_eq!((again.n_shared, tree.n_kept()), (2, 0));
        tree.await_beginning(&again, 0);
        tree.release(again.last);
        assert_eq!((tree.n_unused(), tree.n_kept()), (3, 0));
        tree.acquire(&[7, 7, 7, 7, 7, 7], &mut free).expect("nothing is held back from what is at hand");
    }

    #[test]
    fn a_refused_prompt_leaves_no_use_behind() {
        let (mut tree, mut free) = (PrefixTree::default(), FreeList::new(3));
        let held = tree.acquire(&[1, 2], &mut free).unwrap();
        assert_eq!(tree.acquire(&[1, 5, 6], &mut free), None);
        tree.release(held.last);
        tree.evict(3, &mut free);
        assert_eq!((free.n_free(), tree.n_unused()), (3, 0));
    }
}
