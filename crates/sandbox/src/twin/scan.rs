//! From what was touched to what has changed: keeps aside what the task started from, then compares.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use workspace::FileKind;

use super::{
    bases::{Bases, Kept, Start},
    change::{
        Judge, LARGE_FILE, LeftOut, TwinBase, TwinChange, TwinChanges, TwinContent, TwinFile,
    },
    layers::Layers,
    moment::Moment,
    start::Found,
    tree::Status,
};

/// All contents that a scan takes into memory together, in bytes; what comes after is told like a large file.
const IN_MEMORY: u64 = 8 * LARGE_FILE;

/// Keeps aside what the task started from of everything that it has touched in `layers` since it was last asked.
pub(super) fn note_touched(
    layers: &Layers,
    bases: &Bases,
    start: Moment,
    judge: &Judge<'_>,
) -> io::Result<()> {
    let touched = layers.touched(bases, judge)?;
    for (path, after) in &touched.files {
        note(layers, bases, start, path, after.is_some())?;
    }
    Ok(())
}

/// As [`note_touched`] where no rules can be asked, and so without copying anything: what is not yet known is the user's
/// file as long as nobody changes it.
pub(super) fn note_without_keeping(
    layers: &Layers,
    bases: &Bases,
    start: Moment,
) -> io::Result<()> {
    let judge: &Judge<'_> = &|_, _| super::Verdict::Included;
    for path in layers.touched(bases, judge)?.files.keys() {
        let key = layers.key(path);
        if bases.start(&key).is_none() {
            let noted = match layers.find_start(path, start) {
                Found::Absent => Start::Absent,
                Found::Same(_) => Start::Lower(start),
                Found::Unknown => Start::Unknown,
            };
            bases.remember(&key, noted)?;
        }
    }
    Ok(())
}

/// What has changed in `layers`.
pub(super) fn scan(
    layers: &Layers,
    bases: &Bases,
    start: Moment,
    judge: &Judge<'_>,
    changes: &mut TwinChanges,
) -> io::Result<()> {
    let touched = layers.touched(bases, judge)?;
    changes.left_out.extend(touched.left_out);
    let mut reader = Reader {
        layers,
        bases,
        in_memory: 0,
    };
    for (path, after) in touched.files {
        let Some(start) = note(layers, bases, start, &path, after.is_some())? else {
            continue;
        };
        let change = match after {
            Some(status) => reader.written(&path, status, &start),
            None => reader.removed(&path, &start),
        };
        let place = layers.own.path().join(&path);
        let path = layers.folder.join(path);
        match change {
            Ok(Some((base, after))) => changes.files.push(TwinChange { path, base, after }),
            Ok(None) => {}
            Err(error) => changes.left_out.push(LeftOut {
                path,
                reason: format!(
                    "it cannot be read ({error}); its content lies in {}",
                    place.display()
                ),
                content: Some(place),
            }),
        }
    }
    Ok(())
}

/// What the task started from at `path`; nothing where there is nothing and nobody knows of anything.
fn note(
    layers: &Layers,
    bases: &Bases,
    start: Moment,
    path: &Path,
    is_there: bool,
) -> io::Result<Option<Start>> {
    let start = match bases.start(&layers.key(path)) {
        Some(Start::Lower(until)) => until,
        Some(known) => return Ok(Some(known)),
        None if !is_there && matches!(layers.lower.status(path), Ok(None)) => return Ok(None),
        None => start,
    };
    layers.keep_start(bases, path, start).map(Some)
}

struct Reader<'a> {
    layers: &'a Layers,
    bases: &'a Bases,
    in_memory: u64,
}

type Difference = Option<(TwinBase, Option<TwinFile>)>;

impl Reader<'_> {
    fn written(&mut self, path: &Path, status: Status, start: &Start) -> io::Result<Difference> {
        if status.kind == FileKind::Link {
            let target = self.layers.own.read_link(path)?;
            if matches!(start, Start::Link(before) if before.0 == target) {
                return Ok(None);
            }
            let after = TwinFile {
                content: TwinContent::Link(target),
                is_executable: false,
            };
            return Ok(Some((self.base(start), Some(after))));
        }
        let file = self.layers.own.open_file(path)?;
        let is_executable = status.is_executable;
        if let Start::Kept(kept) = start
            && kept.is_executable == is_executable
            && self.is_same(&file, *kept)?
        {
            return Ok(None);
        }
        if *start == Start::Unknown && self.is_what_the_user_has(&file, path, is_executable) {
            return Ok(None);
        }
        let place = self.layers.own.path().join(path);
        let after = TwinFile {
            content: self.content(file, &place)?,
            is_executable,
        };
        Ok(Some((self.base(start), Some(after))))
    }

    fn removed(&mut self, path: &Path, start: &Start) -> io::Result<Difference> {
        let is_gone_everywhere = || Ok::<_, io::Error>(self.layers.lower.status(path)?.is_none());
        Ok(match start {
            // Pipes, sockets and devices are not taken back, so their removal is not either.
            Start::Absent | Start::Special => None,
            Start::Unknown if is_gone_everywhere()? => None,
            start => Some((self.base(start), None)),
        })
    }

    /// What was kept is told, or that nobody knows: also when the copy is damaged.
    fn base(&mut self, start: &Start) -> TwinBase {
        match start {
            Start::Absent => TwinBase::Absent,
            Start::Unknown | Start::Special | Start::Lower(_) => TwinBase::Unknown,
            Start::Link(target) => TwinBase::Known(TwinFile {
                content: TwinContent::Link(target.0.clone()),
                is_executable: false,
            }),
            Start::Kept(kept) => {
                let place = self.bases.place(*kept);
                let file = self.bases.open_kept(*kept);
                let content = file.and_then(|file| self.content(file, &place));
                content.map_or(TwinBase::Unknown, |content| {
                    TwinBase::Known(TwinFile {
                        content,
                        is_executable: kept.is_executable,
                    })
                })
            }
        }
    }

    fn content(&mut self, file: File, place: &Path) -> io::Result<TwinContent> {
        let size = file.metadata()?.len();
        if size > LARGE_FILE || self.in_memory + size > IN_MEMORY {
            let place = place.to_path_buf();
            return Ok(TwinContent::Large { place, size });
        }
        let mut bytes = Vec::new();
        // It may grow while it is read.
        file.take(LARGE_FILE).read_to_end(&mut bytes)?;
        self.in_memory += bytes.len() as u64;
        Ok(TwinContent::Bytes(bytes.into()))
    }

    fn is_same(&self, file: &File, kept: Kept) -> io::Result<bool> {
        match self.bases.open_kept(kept) {
            Ok(kept) => is_same_content(file, &kept),
            // Damaged: then it is a change of something unknown.
            Err(_) => Ok(false),
        }
    }

    /// Both made the same of it, or the task changed nothing but the times.
    fn is_what_the_user_has(&self, file: &File, path: &Path, is_executable: bool) -> bool {
        let Ok(users) = self.layers.lower.open_file(path) else {
            return false;
        };
        let status = Status::of_file(&users);
        status.is_ok_and(|status| status.is_executable == is_executable)
            && is_same_content(file, &users).unwrap_or(false)
    }
}

/// Leaves the file that is `first` at its start.
fn is_same_content(first: &File, second: &File) -> io::Result<bool> {
    use std::io::{BufRead, Seek};

    if first.metadata()?.len() != second.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (BufReader::new(first), BufReader::new(second));
    let is_same = loop {
        let (ours, theirs) = (left.fill_buf()?, right.fill_buf()?);
        let length = ours.len().min(theirs.len());
        if length == 0 {
            break ours.len() == theirs.len();
        }
        if ours[..length] != theirs[..length] {
            break false;
        }
        left.consume(length);
        right.consume(length);
    };
    (&*first).rewind()?;
    Ok(is_same)
}
