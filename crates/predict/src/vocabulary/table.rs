//! An open-addressing table from text to number that keeps no text of its own: the vocabulary's
//! arena already has it.

/// Slots hold a number plus one; zero is free. The load stays under two thirds.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    slots: Vec<u32>,
    used: usize,
}

impl Table {
    /// The number with this hash for which `is_it` holds.
    #[inline]
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut slot = first_slot(hash, mask);
        loop {
            match self.slots[slot] {
                0 => return None,
                number if is_it(number - 1) => return Some(number - 1),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    /// Adds a number that is not in the table. `hash_of` gives the hashes of the numbers that are.
    pub(super) fn insert(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        if (self.used + 1) * 3 > self.slots.len() * 2 {
            self.resize((self.slots.len() * 2).max(64), hash_of);
        }
        self.place(hash, number);
        self.used += 1;
    }

    /// Makes the table as small as its load allows.
    pub(super) fn shrink(&mut self, hash_of: impl Fn(u32) -> u64) {
        let wanted = (self.used * 3 / 2 + 2).next_power_of_two();
        if wanted < self.slots.len() {
            self.resize(wanted, hash_of);
        }
    }

    /// Heap memory in bytes.
    pub(super) fn memory(&self) -> usize {
        self.slots.capacity() * size_of::<u32>()
    }

    fn resize(&mut self, length: usize, hash_of: impl Fn(u32) -> u64) {
        let old = std::mem::replace(&mut self.slots, vec![0; length]);
        for number in old.into_iter().filter(|&number| number != 0) {
            self.place(hash_of(number - 1), number - 1);
        }
    }

    fn place(&mut self, hash: u64, number: u32) {
        let mask = self.slots.len() - 1;
        let mut slot = first_slot(hash, mask);
        while self.slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = number + 1;
    }
}

/// The high bits of the multiplied hash are the mixed ones.
fn first_slot(hash: u64, mask: usize) -> usize {
    (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask
}
