//! Recognises pictures by their first bytes, whatever the file is called, and reads their size.
//!
//! Asked for pictures that the user attaches and for those that the model wants to see.

/// What a file's first bytes say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// For example `image/png`.
    pub(crate) media_type: &'static str,
    /// In pixels.
    pub(crate) width: u32,
    /// In pixels.
    pub(crate) height: u32,
}

/// `None` for what is no picture of a known kind, or ends before its size is told.
pub(crate) fn recognize(bytes: &[u8]) -> Option<Picture> {
    let (media_type, (width, height)) = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        ("image/png", png(bytes)?)
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        ("image/gif", gif(bytes)?)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        ("image/webp", webp(bytes)?)
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        ("image/jpeg", jpeg(bytes)?)
    } else {
        return None;
    };
    (width > 0 && height > 0).then_some(Picture {
        media_type,
        width,
        height,
    })
}

/// The header chunk is the first one: RFC 2083, section 4.1.1.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    let is_header = bytes.get(12..16) == Some(b"IHDR");
    is_header.then_some((
        big_endian(bytes.get(16..20)?),
        big_endian(bytes.get(20..24)?),
    ))
}

/// The logical screen: GIF89a, section 18.
fn gif(bytes: &[u8]) -> Option<(u32, u32)> {
    Some((
        little_endian(bytes.get(6..8)?),
        little_endian(bytes.get(8..10)?),
    ))
}

/// The first chunk tells which of three forms it is: RFC 9649, sections 2.5 to 2.7.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8 " if bytes.get(23..26)? == [0x9d, 0x01, 0x2a] => {
            let side = |range| Some(little_endian(bytes.get(range)?) & 0x3fff);
            Some((side(26..28)?, side(28..30)?))
        }
        b"VP8L" if *bytes.get(20)? == 0x2f => {
            let sides = little_endian(bytes.get(21..25)?);
            Some(((sides & 0x3fff) + 1, ((sides >> 14) & 0x3fff) + 1))
        }
        b"VP8X" => {
            let side = |range| Some(little_endian(bytes.get(range)?) + 1);
            Some((side(24..27)?, side(27..30)?))
        }
        _ => None,
    }
}

/// The size stands in the start-of-frame segment, after others: ITU T.81, section B.2.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut offset = 2;
    loop {
        let segment = bytes.get(offset..)?;
        let [0xff, marker, ..] = segment else {
            return None;
        };
        match marker {
            // A filling byte.
            0xff => offset += 1,
            0x01 | 0xd0..=0xd7 => offset += 2,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let (height, width) = (segment.get(5..7)?, segment.get(7..9)?);
                return Some((big_endian(width), big_endian(height)));
            }
            _ => offset += 2 + big_endian(segment.get(2..4)?) as usize,
        }
    }
}

fn big_endian(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn little_endian(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}
