//! Sealed text: what stands for the services' encrypted reasoning, signatures and compacted histories.
//!
//! A client must give it back unchanged. The seal carries its text and a checksum, so that any server of this crate can
//! tell whether it did.

const MARK: &str = "gAAAA";

/// Seals a text.
pub(crate) fn seal(text: &str) -> String {
    let hexadecimal: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{MARK}{:016x}{hexadecimal}", checksum(text.as_bytes()))
}

/// The text of an unharmed seal.
pub(crate) fn unseal(sealed: &str) -> Option<String> {
    let (checked, hexadecimal) = sealed.strip_prefix(MARK)?.split_at_checked(16)?;
    let bytes: Option<Vec<u8>> = hexadecimal
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let text = String::from_utf8(bytes?).ok()?;
    (format!("{:016x}", checksum(text.as_bytes())) == checked).then_some(text)
}

/// FNV-1a.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
