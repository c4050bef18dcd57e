//! Follows the most likely tokens from the cursor on, line by line, with the confidence after each
//! of them. What of it is shown is decided in `cut` and `fit`.

use super::{Evidence, Scorer, Scratch, StepPlace, candidates::Partial, context::Context};
use crate::vocabulary::{END_OF_LINE, Indent, Kind, TokenId, Vocabulary};

/// A line is proposed up to so many tokens.
const MAX_STEPS: usize = 20;
/// A further line is only tried, and only kept, when everything up to its end is this likely.
pub(crate) const FURTHER_LINE_CONFIDENCE: f32 = 0.6;

/// Tokens from the cursor on that are likely to be typed next.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Proposal {
    /// The rest of the cursor's line, then further lines.
    pub(crate) lines: Vec<ProposedLine>,
    pub(crate) interrupt: Option<Interrupt>,
}

/// One line of a proposal.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ProposedLine {
    /// How the line is indented against the one before, and whether a blank line comes between.
    /// Nothing for the cursor's line.
    pub(crate) indent: Option<(Indent, bool)>,
    /// All steps' text.
    pub(crate) text: String,
    pub(crate) steps: Vec<Step>,
    /// Whether the last step is the end of the line.
    pub(crate) is_complete: bool,
}

/// One proposed token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    /// Where the token ends in the line's text, in bytes. The end of the line adds nothing.
    pub(crate) end: usize,
    /// The same in characters.
    pub(crate) characters: usize,
    /// The probability that everything up to here is right.
    pub(crate) confidence: f32,
}

/// Why decoding stopped early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupt {
    Cancelled,
    Deadline,
}

/// How far to decode.
pub(crate) struct Limits<'a> {
    /// Stops where the confidence falls below.
    pub(crate) floor: f32,
    pub(crate) lines: usize,
    /// Asked before every step.
    pub(crate) interrupt: &'a dyn Fn() -> Option<Interrupt>,
}

/// A query that is being decoded.
pub(crate) struct Decoder<'a> {
    pub(crate) evidence: Evidence<'a>,
    pub(crate) context: Context,
    pub(crate) scratch: &'a mut Scratch,
    pub(crate) scorer: Scorer<'a>,
}

impl Decoder<'_> {
    /// Decodes the rest of the line, and further lines while they are nearly certain. `partial` is
    /// what is typed of the first token.
    pub(crate) fn decode(&mut self, partial: Option<&Partial>, limits: &Limits) -> Proposal {
        let mut proposal = Proposal::default();
        let mut confidence = 1.0;
        let mut indent = None;
        while proposal.lines.len() < limits.lines {
            let partial = if proposal.lines.is_empty() {
                partial
            } else {
                None
            };
            let mut line = ProposedLine {
                indent,
                ..ProposedLine::default()
            };
            proposal.interrupt = self.decode_line(&mut line, partial, confidence, limits);
            confidence = line.steps.last().map_or(0.0, |step| step.confidence);
            let goes_on = line.is_complete && confidence >= FURTHER_LINE_CONFIDENCE;
            proposal.lines.push(line);
            if !goes_on || proposal.lines.len() == limits.lines {
                break;
            }
            match self.decode_indent(&mut confidence, limits) {
                Some(next) => indent = Some(next),
                None => break,
            }
        }
        proposal
    }

    /// Updates the alignments for the next step: `last` is the token that was proposed before it.
    pub(crate) fn align(&mut self, step: usize, partial: Option<&Partial>, last: Option<TokenId>) {
        let Self {
            evidence,
            context,
            scratch,
            scorer,
        } = self;
        if matches!(scorer, Scorer::NestedNgram) {
            scratch.alignments.clear();
            return;
        }
        // What was typed of the first token kept places out that may fit the second one.
        let starts_over =
            step == 0 || step == 1 && partial.is_some() || scratch.alignments.len() == 0;
        match last {
            Some(last) if !starts_over => scratch.alignments.follow(evidence, last),
            _ => scratch.alignments.find(evidence, context),
        }
    }

    fn decode_line(
        &mut self,
        line: &mut ProposedLine,
        partial: Option<&Partial>,
        mut confidence: f32,
        limits: &Limits,
    ) -> Option<Interrupt> {
        let mut last = None;
        for step in 0..MAX_STEPS {
            if let Some(interrupt) = (limits.interrupt)() {
                return Some(interrupt);
            }
            self.align(step, partial, last);
            let partial_here = partial.filter(|_| step == 0);
            let (token, probability) = self.predict(StepPlace {
                step,
                partial: partial_here,
            })?;
            confidence *= probability;
            if confidence < limits.floor {
                return None;
            }
            match self.evidence.vocabulary.kind(token) {
                Kind::EndOfLine => {
                    line.end(confidence);
                    return None;
                }
                Kind::Indent | Kind::Boundary => return None,
                _ => line.push(self.evidence.vocabulary, token, partial_here, confidence),
            }
            self.context.push(self.evidence.vocabulary, token);
            last = Some(token);
        }
        None
    }

    /// Decides how the next line is indented, and goes on to it.
    fn decode_indent(&mut self, confidence: &mut f32, limits: &Limits) -> Option<(Indent, bool)> {
        if (limits.interrupt)().is_some() {
            return None;
        }
        self.context.push(self.evidence.vocabulary, END_OF_LINE);
        self.align(0, None, None);
        let (token, probability) = self.predict(StepPlace {
            step: MAX_STEPS,
            partial: None,
        })?;
        *confidence *= probability;
        if self.evidence.vocabulary.kind(token) != Kind::Indent
            || *confidence < FURTHER_LINE_CONFIDENCE
        {
            return None;
        }
        self.context.push(self.evidence.vocabulary, token);
        Some(Vocabulary::indent_meaning(token))
    }

    fn predict(&mut self, place: StepPlace) -> Option<(TokenId, f32)> {
        self.scratch
            .find_respaced(&mut self.evidence, place.partial);
        self.scratch.gather(&self.evidence, &self.context, place);
        let prediction = self
            .scratch
            .predict(&self.evidence, &self.context, place, self.scorer)?;
        Some((prediction.token, prediction.probability))
    }
}

impl ProposedLine {
    fn push(
        &mut self,
        vocabulary: &Vocabulary,
        token: TokenId,
        partial: Option<&Partial>,
        confidence: f32,
    ) {
        let text = vocabulary.core_text(token);
        match partial {
            Some(partial) => self.text.push_str(&text[partial.text.len()..]),
            None => {
                self.text.extend(std::iter::repeat_n(
                    ' ',
                    vocabulary.entry(token).leading as usize,
                ));
                self.text.push_str(text);
            }
        }
        let characters = self.text.chars().count();
        self.steps.push(Step {
            end: self.text.len(),
            characters,
            confidence,
        });
    }

    fn end(&mut self, confidence: f32) {
        if let Some(&last) = self.steps.last() {
            self.steps.push(Step { confidence, ..last });
            self.is_complete = true;
        }
    }
}
