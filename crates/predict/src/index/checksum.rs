//! A checksum over bytes that notices every changed bit: each step is a bijection of the state.

/// The checksum of `bytes`, whose length counts too.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let state = words.iter().fold(
        bytes.len() as u64 ^ 0x51_7C_C1_B7_27_22_0A_95,
        |state, word| mix(state, u64::from_le_bytes(*word)),
    );
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(state, u64::from_le_bytes(last))
}

fn mix(state: u64, word: u64) -> u64 {
    let mixed = (state ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ mixed >> 29
}
