//! Who wrote what of a change that comes from the editor while an edit of ours is on its way. Pure.
//!
//! The client may apply our edit whole, in parts, late, or not at all, and may send it together with what the user
//! typed before and after. So each new text is compared with the one before it and with the one that was
//! expected: what is as expected is ours, and everything else is the user's.

use text::{Edit, Merge, MergeRegion, RegionKind, Text, diff_words, merge_within};

use std::borrow::Cow;
use std::time::Duration;

/// How long a keystroke may wait for the comparison; what is not compared by then counts as the user's.
const BUDGET: Duration = Duration::from_millis(20);

/// What is still expected of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expectation {
    /// The document as it was when it was last seen.
    current: Text,
    /// As it will be when the rest of our edit is there.
    target: Text,
    /// Parts of the edit that have no place any more, because the user wrote there.
    lost: usize,
}

/// Who made a text of the one before it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Author {
    /// Nothing of ours is in the change.
    User,
    /// Our edit or a part of it came first, and gave this text; whatever else is in the new text is the user's.
    Delivery(Text),
}

impl Expectation {
    /// A document that is `current` and shall be `target`.
    pub(crate) fn new(current: Text, target: Text) -> Self {
        Self {
            current,
            target,
            lost: 0,
        }
    }

    /// Whether all of the edit is there.
    pub(crate) fn is_met(&self) -> bool {
        self.lost == 0 && self.current == self.target
    }

    /// The document as it was when it was last seen.
    pub(crate) fn current(&self) -> &Text {
        &self.current
    }

    /// Takes in what the document has become.
    pub(crate) fn see(&mut self, now: &Text) -> Author {
        if self.current == self.target {
            self.current = now.clone();
            self.target = now.clone();
            return Author::User;
        }
        let (before, wanted) = (self.current.to_string(), self.target.to_string());
        let text = now.to_string();
        self.current = now.clone();
        if text == wanted || is_same_but_for_line_ends(&before, &wanted, &text) {
            self.target = now.clone();
            return Author::Delivery(now.clone());
        }
        let merge = merge_within(&before, &text, &wanted, BUDGET);
        let mut ours = String::with_capacity(text.len());
        let mut target = String::with_capacity(wanted.len());
        for region in merge.regions() {
            let part = judge(&merge, region);
            ours.push_str(&part.ours);
            target.push_str(&part.target);
            self.lost += usize::from(part.is_lost);
        }
        self.target = Text::from(target);
        if ours == before {
            Author::User
        } else {
            Author::Delivery(Text::from(ours))
        }
    }
}

/// What becomes of a stretch of lines.
struct Judged<'text> {
    /// What our edit alone had made of it.
    ours: Cow<'text, str>,
    /// What it shall be.
    target: Cow<'text, str>,
    is_lost: bool,
}

/// "Ours" of the merge is the new text, "theirs" the one that was expected.
fn judge<'text>(merge: &Merge<'text>, region: &MergeRegion) -> Judged<'text> {
    let before = merge.base_text(region);
    let now = merge.our_text(region);
    let wanted = merge.their_text(region);
    let judged = |ours: &'text str, target: &'text str| Judged {
        ours: ours.into(),
        target: target.into(),
        is_lost: false,
    };
    match region.kind {
        RegionKind::Unchanged | RegionKind::Ours => judged(before, now),
        RegionKind::Theirs => judged(before, wanted),
        RegionKind::Both => judged(wanted, now),
        RegionKind::Conflict => judge_words(before, now, wanted),
    }
}

/// As [`judge`], for lines that became something else than they shall be.
fn judge_words<'text>(before: &'text str, now: &'text str, wanted: &'text str) -> Judged<'text> {
    let words = merge_words(before, now, wanted);
    let has_begun = words.as_ref().is_some_and(|words| words.ours != before);
    if !has_begun && is_made_of(now, wanted, before) {
        return Judged {
            ours: wanted.into(),
            target: now.into(),
            is_lost: false,
        };
    }
    match words {
        Some(words) => Judged {
            ours: words.ours.into(),
            target: words.target.into(),
            is_lost: false,
        },
        None => Judged {
            ours: before.into(),
            target: now.into(),
            is_lost: true,
        },
    }
}

/// Whether `now` is more likely `wanted` with something typed into it than `before` with something typed into it.
fn is_made_of(now: &str, wanted: &str, before: &str) -> bool {
    let (of_wanted, of_before) = (
        Distance::between(wanted, now),
        Distance::between(before, now),
    );
    // Who types only adds; where that explains it, nothing else is assumed.
    match (of_wanted.removed, of_before.removed) {
        (0, removed) if removed > 0 => true,
        (removed, 0) if removed > 0 => false,
        _ => of_wanted.removed + of_wanted.added < of_before.removed + of_before.added,
    }
}

/// How far apart two texts are, in bytes.
struct Distance {
    removed: usize,
    added: usize,
}

impl Distance {
    fn between(from: &str, to: &str) -> Self {
        let mut distance = Self {
            removed: 0,
            added: 0,
        };
        for edit in diff_words(from, to).edits() {
            // Words are compared whole, letters are typed.
            let (old, new) = (&from.as_bytes()[edit.range], edit.insert.as_bytes());
            let prefix = common(old.iter(), new.iter());
            let (old, new) = (&old[prefix..], &new[prefix..]);
            let suffix = common(old.iter().rev(), new.iter().rev());
            distance.removed += old.len() - suffix;
            distance.added += new.len() - suffix;
        }
        distance
    }
}

fn common<'a>(one: impl Iterator<Item = &'a u8>, other: impl Iterator<Item = &'a u8>) -> usize {
    one.zip(other)
        .take_while(|(one, other)| one == other)
        .count()
}

/// Two changes of the same lines, word by word.
struct MergedWords {
    /// The lines with what both changes have in common: the part of our edit that is there already.
    ours: String,
    /// The lines with both changes.
    target: String,
}

/// Both changes of the same lines, if they are of different words or the same. Clients apply the edits of a line one by
/// one and may tell of each.
fn merge_words(base: &str, now: &str, wanted: &str) -> Option<MergedWords> {
    let (ours, theirs) = (diff_words(base, now), diff_words(base, wanted));
    let is_in_both = |edit: &Edit<'_>| ours.edits().any(|ours| ours == *edit);
    let (both, missing): (Vec<_>, Vec<_>) = theirs.edits().partition(is_in_both);
    let mut edits: Vec<Edit<'_>> = ours.edits().chain(missing).collect();
    edits.sort_by_key(|edit| edit.range.start);
    if edits
        .windows(2)
        .any(|pair| pair[0].range.end >= pair[1].range.start)
    {
        return None;
    }
    let apply = |edits: Vec<Edit<'_>>| {
        let change = text::ChangeSet::from_edits(base.len(), edits).ok()?;
        change.apply(base).ok()
    };
    Some(MergedWords {
        ours: apply(both)?,
        target: apply(edits)?,
    })
}

/// Whether a client that keeps line ends as it likes has made `now` of `before`, where `wanted` was wanted.
fn is_same_but_for_line_ends(before: &str, wanted: &str, now: &str) -> bool {
    let wanted_lines = lines(wanted);
    lines(now).eq(wanted_lines.clone()) && !lines(before).eq(wanted_lines)
}

/// The lines, without what ends them; a missing line end at the end of the text makes no difference.
fn lines(text: &str) -> impl Iterator<Item = &str> + Clone {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    text.split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
}

#[cfg(test)]
mod tests;
