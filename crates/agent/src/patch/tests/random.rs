//! Random files, random edits, patches written for them in every style that is allowed: applied, they give what the edits
//! give. The writer of the patches knows nothing of the parser, and the edits are done on plain lists of lines.

use fastrand::Rng;

use super::{Files, applied};

const ROUNDS: u64 = 1_500;

/// A file as its lines with their breaks.
#[derive(Clone, Debug)]
struct Document {
    lines: Vec<(String, &'static str)>,
    encoding: Encoding,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Encoding {
    Utf8,
    Marked,
    Utf16,
    Windows1252,
}

impl Document {
    fn bytes(&self) -> Vec<u8> {
        let text: String = self
            .lines
            .iter()
            .flat_map(|(line, ending)| [line.as_str(), ending])
            .collect();
        match self.encoding {
            Encoding::Utf8 => text.into_bytes(),
            Encoding::Marked => format!("\u{feff}{text}").into_bytes(),
            Encoding::Utf16 => "\u{feff}"
                .encode_utf16()
                .chain(text.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect(),
            // All characters that the generator uses have one byte there, the number of the character.
            Encoding::Windows1252 => text
                .chars()
                .map(|character| u8::try_from(u32::from(character)).unwrap())
                .collect(),
        }
    }

    fn first_ending(&self) -> &'static str {
        match self.lines.first() {
            Some((_, ending)) if !ending.is_empty() => ending,
            _ => "\n",
        }
    }
}

/// Lines that cannot be told apart, and lines that can, with characters of one and two bytes in UTF-8.
fn line(random: &mut Rng, unique: &mut usize) -> String {
    match random.u8(0..5) {
        0 => ["", "}", "  end", "x = 1"][random.usize(0..4)].to_owned(),
        _ => {
            *unique += 1;
            let indentation = " ".repeat(random.usize(0..3) * 4);
            let word = ["wört", "plain", "*** no mark", "+ - @@", "étude"][random.usize(0..5)];
            format!("{indentation}{word} {unique}")
        }
    }
}

fn is_unique(line: &str) -> bool {
    line.contains(|character: char| character.is_ascii_digit()) && !line.contains("x = 1")
}

fn document(random: &mut Rng, unique: &mut usize) -> Document {
    let endings: &[&str] = match random.u8(0..4) {
        0 => &["\r\n"],
        1 => &["\n", "\r\n"],
        _ => &["\n"],
    };
    let count = random.usize(0..30);
    let mut lines: Vec<(String, &str)> = (0..count)
        .map(|_| {
            let ending = endings[random.usize(0..endings.len())];
            (line(random, unique), ending)
        })
        .collect();
    if let Some((text, ending)) = lines.last_mut()
        && !text.is_empty()
        && count > 1
        && random.bool()
    {
        *ending = "";
    }
    let encodings = [
        Encoding::Utf8,
        Encoding::Utf8,
        Encoding::Marked,
        Encoding::Utf16,
        Encoding::Windows1252,
    ];
    let mut encoding = encodings[random.usize(0..5)];
    let is_ascii = lines.iter().all(|(text, _)| text.is_ascii());
    if encoding == Encoding::Windows1252 && is_ascii {
        // Nothing tells such a file from UTF-8.
        encoding = Encoding::Utf8;
    }
    Document { lines, encoding }
}

/// One edit: `removed` lines from `start` on go, `added` come.
struct Edit {
    start: usize,
    removed: usize,
    added: Vec<String>,
}

fn edits(random: &mut Rng, unique: &mut usize, document: &Document) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut next = 0;
    while next < document.lines.len() && edits.len() < 4 {
        let start = next + random.usize(0..6);
        if document.lines.len() < start {
            break;
        }
        let removed = random.usize(0..4).min(document.lines.len() - start);
        let added = (0..random.usize(0..4))
            .map(|_| line(random, unique))
            .collect();
        edits.push(Edit {
            start,
            removed,
            added,
        });
        next = start + removed + 1 + random.usize(0..8);
    }
    edits
}

/// What the edits make of the document, done on its lines from the last edit to the first.
fn edited(document: &Document, edits: &[Edit]) -> Document {
    let ending = document.first_ending();
    let mut result = document.clone();
    for edit in edits.iter().rev() {
        let added = edit.added.iter().map(|line| (line.clone(), ending));
        result
            .lines
            .splice(edit.start..edit.start + edit.removed, added);
    }
    let last = result.lines.len().saturating_sub(1);
    for (_, own) in &mut result.lines[..last] {
        if own.is_empty() {
            *own = ending;
        }
    }
    result
}

/// The edits as chunks, each with enough around it to be found; `None` where that is not possible.
fn chunks(random: &mut Rng, document: &Document, edits: &[Edit]) -> Option<String> {
    let mut text = String::new();
    let mut cursor = 0;
    for (index, edit) in edits.iter().enumerate() {
        let barrier = edits
            .get(index + 1)
            .map_or(document.lines.len(), |next| next.start);
        let (start, end) = surroundings(random, document, edit, cursor, barrier)?;
        if index > 0 || random.u8(0..4) > 0 {
            text.push_str(&place(random, document, cursor, start));
        }
        let noise = if random.u8(0..6) == 0 { "  " } else { "" };
        for number in start..edit.start {
            text.push_str(&format!(" {}{noise}\n", document.lines[number].0));
        }
        let removed = edit.start..edit.start + edit.removed;
        for number in removed.clone() {
            text.push_str(&format!("-{}\n", document.lines[number].0));
        }
        for line in &edit.added {
            text.push_str(&format!("+{line}\n"));
        }
        for number in removed.end..end {
            text.push_str(&format!(" {}\n", document.lines[number].0));
        }
        if end == document.lines.len() && random.bool() {
            text.push_str("*** End of File\n");
        }
        cursor = end;
    }
    Some(text)
}

/// A range of lines around the edit that contains one that stands nowhere else.
fn surroundings(
    random: &mut Rng,
    document: &Document,
    edit: &Edit,
    cursor: usize,
    barrier: usize,
) -> Option<(usize, usize)> {
    let mut start = edit.start.saturating_sub(random.usize(0..4)).max(cursor);
    let mut end = (edit.start + edit.removed + random.usize(0..4)).min(barrier);
    loop {
        let is_found = document.lines[start..end]
            .iter()
            .any(|(line, _)| is_unique(line));
        if is_found {
            return Some((start, end));
        }
        if start == cursor && end == barrier {
            return None;
        }
        start = start.saturating_sub(1).max(cursor);
        end = (end + 1).min(barrier);
    }
}

/// The `@@` line, sometimes with a line that stands between the chunk before and this one.
fn place(random: &mut Rng, document: &Document, cursor: usize, start: usize) -> String {
    let above: Vec<&str> = document.lines[cursor..start]
        .iter()
        .map(|(line, _)| line.as_str())
        .filter(|line| is_unique(line))
        .collect();
    if above.is_empty() || random.bool() {
        return "@@\n".into();
    }
    format!("@@ {}\n", above[random.usize(0..above.len())])
}

/// One operation on one file of its own: what was there, the patch, what shall be there.
fn operation(
    random: &mut Rng,
    unique: &mut usize,
    number: usize,
    before: &mut Files,
    after: &mut Files,
) -> Option<String> {
    let name = format!("folder {}/datei-ü{number}", random.u8(0..3));
    let old = document(random, unique);
    match random.u8(0..8) {
        0 => {
            let lines: Vec<String> = (0..random.usize(0..5))
                .map(|_| line(random, unique))
                .collect();
            let content: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let patch: String = lines.iter().map(|line| format!("+{line}\n")).collect();
            if random.bool() {
                before.insert(name.clone(), old.bytes());
            }
            after.insert(name.clone(), content.into_bytes());
            Some(format!("*** Add File: {name}\n{patch}"))
        }
        1 => {
            before.insert(name.clone(), old.bytes());
            Some(format!("*** Delete File: {name}\n"))
        }
        kind => {
            let edits = edits(random, unique, &old);
            let chunks = chunks(random, &old, &edits)?;
            if chunks.is_empty() {
                return None;
            }
            before.insert(name.clone(), old.bytes());
            let new = edited(&old, &edits);
            if kind > 2 {
                after.insert(name.clone(), new.bytes());
                return Some(format!("*** Update File: {name}\n{chunks}"));
            }
            let moved = format!("moved/{number}");
            after.insert(moved.clone(), new.bytes());
            Some(format!(
                "*** Update File: {name}\n*** Move to: {moved}\n{chunks}"
            ))
        }
    }
}

#[test]
fn patches_do_what_the_edits_do() {
    let mut applied_patches = 0;
    for seed in 0..ROUNDS {
        let mut random = Rng::with_seed(seed);
        let (mut before, mut after) = (Files::new(), Files::new());
        let mut unique = 0;
        let mut body = String::new();
        for number in 0..random.usize(1..5) {
            let operation = operation(&mut random, &mut unique, number, &mut before, &mut after);
            body.push_str(&operation.unwrap_or_default());
        }
        if body.is_empty() {
            continue;
        }
        let mut patch = format!("*** Begin Patch\n{body}*** End Patch\n");
        if random.u8(0..5) == 0 {
            patch = patch.replace('\n', "\r\n");
        }
        let (files, _) = applied(&before, &patch)
            .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{patch}"));
        assert_eq!(files, after, "seed {seed}\n{patch}");
        applied_patches += 1;
    }
    assert!(ROUNDS / 2 < applied_patches, "{applied_patches}");
}

/// The longest way round: each edit in an update of its own, the later ones seeing what the earlier ones did.
#[test]
fn updates_of_one_file_compose() {
    for seed in 0..ROUNDS / 3 {
        let mut random = Rng::with_seed(seed ^ 0x5eed);
        let mut unique = 0;
        let mut document = document(&mut random, &mut unique);
        if document.encoding == Encoding::Windows1252 {
            // Once its only characters that are not ASCII are gone, nothing tells it from UTF-8.
            document.encoding = Encoding::Utf8;
        }
        let before = Files::from([("a".to_owned(), document.bytes())]);
        let mut patch = String::from("*** Begin Patch\n");
        for _ in 0..3 {
            let edits = edits(&mut random, &mut unique, &document);
            let Some(chunks) = chunks(&mut random, &document, &edits) else {
                continue;
            };
            if !chunks.is_empty() {
                patch.push_str(&format!("*** Update File: a\n{chunks}"));
                document = edited(&document, &edits);
            }
        }
        if !patch.contains("Update") {
            continue;
        }
        patch.push_str("*** End Patch");
        let (files, _) = applied(&before, &patch)
            .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{patch}"));
        let after = Files::from([("a".to_owned(), document.bytes())]);
        assert_eq!(files, after, "seed {seed}\n{patch}");
    }
}
