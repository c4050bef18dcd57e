//! Binary content in a patch, as Git writes it: the whole file deflated and in its base 85, once for
//! each direction. (Git's `emit_binary_diff` in diff.c, its alphabet in base85.c.)

use miniz_oxide::deflate::compress_to_vec_zlib;

const ALPHABET: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
/// Deflated bytes on one line.
const LINE: usize = 52;
/// zlib's default: more takes long and saves little.
const COMPRESSION_LEVEL: u8 = 6;

/// Writes what makes `old` into `new`, and the reverse.
pub(super) fn write(patch: &mut Vec<u8>, old: &[u8], new: &[u8]) {
    patch.extend_from_slice(b"GIT binary patch\n");
    for content in [new, old] {
        write_literal(patch, content);
    }
}

fn write_literal(patch: &mut Vec<u8>, content: &[u8]) {
    patch.extend_from_slice(format!("literal {}\n", content.len()).as_bytes());
    for line in compress_to_vec_zlib(content, COMPRESSION_LEVEL).chunks(LINE) {
        patch.push(length_letter(line.len()));
        line.chunks(4).for_each(|word| write_word(patch, word));
        patch.push(b'\n');
    }
    patch.push(b'\n');
}

/// How many bytes a line stands for: A to Z for 1 to 26, a to z for 27 to 52.
fn length_letter(length: usize) -> u8 {
    let number = u8::try_from(length).expect("a line has at most 52 bytes");
    if number <= 26 {
        b'A' + number - 1
    } else {
        b'a' + number - 27
    }
}

/// Up to four bytes, filled up with zeros, as five digits with the highest first.
fn write_word(patch: &mut Vec<u8>, word: &[u8]) {
    let mut bytes = [0; 4];
    bytes[..word.len()].copy_from_slice(word);
    let mut number = u32::from_be_bytes(bytes);
    let mut digits = [0; 5];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(number % 85) as usize];
        number /= 85;
    }
    patch.extend_from_slice(&digits);
}
