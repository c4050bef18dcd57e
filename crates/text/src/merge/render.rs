//! A merge as text, with the conflicts between the markers every tool knows.

use super::{Merge, RegionKind};

/// What stands on the marker lines of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConflictLabels<'label> {
    /// Behind `<<<<<<<`.
    pub ours: &'label str,
    /// Behind `|||||||`; `None` leaves the base out.
    pub base: Option<&'label str>,
    /// Behind `>>>>>>>`.
    pub theirs: &'label str,
}

impl Merge<'_> {
    /// The merged text, with markers around each conflict.
    ///
    /// Marker lines end as the first line of the texts does. A side that does not end with a line
    /// break gets one, so that the marker behind it has its own line.
    pub fn render(&self, labels: &ConflictLabels<'_>) -> String {
        let mut rendering = Rendering {
            text: String::new(),
            line_break: self.line_break(),
        };
        for region in &self.regions {
            if region.kind != RegionKind::Conflict {
                rendering.text.push_str(self.resolved(region));
                continue;
            }
            rendering.marker("<<<<<<<", labels.ours);
            rendering.text.push_str(self.our_text(region));
            if let Some(label) = labels.base {
                rendering.marker("|||||||", label);
                rendering.text.push_str(self.base_text(region));
            }
            rendering.marker("=======", "");
            rendering.text.push_str(self.their_text(region));
            rendering.marker(">>>>>>>", labels.theirs);
        }
        rendering.text
    }

    /// The line break of the first line that has one.
    fn line_break(&self) -> &'static str {
        let firsts = [&self.ours, &self.theirs, &self.base]
            .into_iter()
            .filter_map(|text| text.iter().next());
        let line_break_of = |line: &str| {
            ["\r\n", "\n", "\r"]
                .into_iter()
                .find(|end| line.ends_with(end))
        };
        firsts.filter_map(line_break_of).next().unwrap_or("\n")
    }
}

struct Rendering {
    text: String,
    line_break: &'static str,
}

impl Rendering {
    /// A marker on a line of its own. A line break in a label would add lines that look like text.
    fn marker(&mut self, marker: &str, label: &str) {
        if !self.text.is_empty() && !self.text.ends_with(['\n', '\r']) {
            self.text.push_str(self.line_break);
        }
        self.text.push_str(marker);
        if !label.is_empty() {
            self.text.push(' ');
            self.text.push_str(&label.replace(['\n', '\r'], " "));
        }
        self.text.push_str(self.line_break);
    }
}
