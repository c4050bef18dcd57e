//! Makes a proposal fit the place it is shown at: brackets stay balanced, what stands after the
//! cursor is not repeated, further lines are nearly certain and indented like the document. The
//! engine and the evaluation share it, so what is measured is what is shown.

use std::borrow::Cow;

use crate::{
    buffer::{Brackets, closer_of, is_closer},
    cut::best_cut,
    lexer,
    query::decode::{FURTHER_LINE_CONFIDENCE, Proposal, ProposedLine, Step},
    suggestion::{SilenceReason, SuggestOptions},
    vocabulary::{Indent, is_word_part},
};

/// The place a proposal is for.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings<'a> {
    /// The cursor's line before the cursor.
    pub(crate) head: &'a str,
    /// The cursor's line after the cursor.
    pub(crate) tail: &'a str,
    /// The next line that is not blank.
    pub(crate) following: Cow<'a, str>,
    /// The brackets open at the cursor.
    pub(crate) brackets: Brackets,
    /// The document's line break.
    pub(crate) line_break: &'static str,
    /// One step of the document's indentation.
    pub(crate) indent_unit: String,
}

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fitted {
    pub(crate) text: String,
    pub(crate) confidence: f32,
    pub(crate) completes_line: bool,
}

/// Fits a proposal, or says why nothing is left of it.
pub(crate) fn fit(
    proposal: &Proposal,
    surroundings: &Surroundings,
    options: &SuggestOptions,
) -> Result<Fitted, SilenceReason> {
    let line = proposal.lines.first().ok_or(SilenceReason::NoCandidates)?;
    let steps = allowed_steps(line, surroundings)?;
    let uncertain = SilenceReason::TooUncertain {
        confidence: steps[0].confidence,
    };
    let cut = best_cut(steps, options.threshold).ok_or(uncertain)?;
    let text = &line.text[..steps[cut.step].end];
    if repeats_following(surroundings, text) {
        return Err(SilenceReason::RepeatsFollowing);
    }
    if cut.characters < options.min_characters.max(1) {
        return Err(SilenceReason::TooShort);
    }
    let completes_line = line.is_complete
        && steps.len() == line.steps.len()
        && cut.characters == last_characters(line);
    let mut fitted = Fitted {
        text: text.to_owned(),
        confidence: cut.confidence,
        completes_line,
    };
    if completes_line {
        add_further_lines(&mut fitted, proposal, surroundings, options.max_lines);
    }
    Ok(fitted)
}

/// The steps of the cursor's line up to where they would unbalance brackets or repeat what stands
/// after the cursor. There is at least one.
pub(crate) fn allowed_steps<'a>(
    line: &'a ProposedLine,
    surroundings: &Surroundings,
) -> Result<&'a [Step], SilenceReason> {
    let mut steps = line.steps.as_slice();
    let reason = if steps.is_empty() {
        SilenceReason::NoCandidates
    } else {
        SilenceReason::UnbalancedBracket
    };
    let balanced = |step: &Step| surroundings.brackets.allows(&line.text[..step.end]);
    steps = &steps[..steps.iter().take_while(|step| balanced(step)).count()];
    if steps.is_empty() {
        return Err(reason);
    }
    let tail = surroundings.tail.trim();
    if !tail.is_empty() {
        let limit = tail_limit(&line.text, tail);
        let before_end = if line.is_complete {
            line.steps.len() - 1
        } else {
            line.steps.len()
        };
        steps = &steps[..steps.len().min(before_end)];
        steps = &steps[..steps.iter().take_while(|step| step.end <= limit).count()];
        if tail.chars().any(char::is_alphanumeric) {
            steps = &steps[..steps.len().min(1)];
        }
    }
    if steps.is_empty() {
        Err(SilenceReason::RepeatsFollowing)
    } else {
        Ok(steps)
    }
}

/// Whether the text stands after the cursor already, or the cursor's line with it would be the next
/// line once more.
pub(crate) fn repeats_following(surroundings: &Surroundings, text: &str) -> bool {
    let tail = surroundings.tail.trim();
    if !tail.is_empty() && tail.starts_with(text.trim()) {
        return true;
    }
    let line = [surroundings.head, text, surroundings.tail].concat();
    !line.trim().is_empty() && line.trim_end() == surroundings.following.trim_end()
}

/// Where the text must end at the latest before it meets the tail: at the first unmatched closer or
/// other character that the tail begins with.
fn tail_limit(text: &str, tail: &str) -> usize {
    let first = tail.chars().next().unwrap_or_default();
    let mut open = Vec::new();
    for (at, character) in text.char_indices() {
        let byte = character as u32 as u8;
        if character.is_ascii() && is_closer(byte) && open.last() == Some(&byte) {
            open.pop();
            continue;
        }
        if open.is_empty() && character == first && !is_word_part(character) {
            return at;
        }
        open.extend(
            Some(byte)
                .filter(|_| character.is_ascii())
                .and_then(closer_of),
        );
    }
    text.len()
}

fn last_characters(line: &ProposedLine) -> usize {
    line.steps.last().map_or(0, |step| step.characters)
}

/// Appends the further lines that are complete, nearly certain, balanced and new.
fn add_further_lines(
    fitted: &mut Fitted,
    proposal: &Proposal,
    surroundings: &Surroundings,
    max_lines: usize,
) {
    let mut brackets = surroundings.brackets.clone();
    brackets.read(&fitted.text);
    let indentation = &surroundings.head[..lexer::indentation(surroundings.head).bytes];
    let mut indentation = indentation.to_owned();
    for line in proposal
        .lines
        .iter()
        .skip(1)
        .take(max_lines.saturating_sub(1))
    {
        let Some((indent, after_blank)) = line.indent else {
            return;
        };
        let confidence = line.steps.last().map_or(0.0, |step| step.confidence);
        brackets.end_line();
        if !line.is_complete || confidence < FURTHER_LINE_CONFIDENCE || !brackets.allows(&line.text)
        {
            return;
        }
        indentation = indented(&indentation, indent, &surroundings.indent_unit);
        if format!("{indentation}{}", line.text).trim_end() == surroundings.following.trim_end() {
            return;
        }
        brackets.read(&line.text);
        fitted.text.push_str(surroundings.line_break);
        if after_blank {
            fitted.text.push_str(surroundings.line_break);
        }
        fitted.text.push_str(&indentation);
        fitted.text.push_str(line.text.trim_start());
        fitted.confidence = confidence;
    }
}

fn indented(indentation: &str, indent: Indent, unit: &str) -> String {
    match indent {
        Indent::Same => indentation.to_owned(),
        Indent::More => format!("{indentation}{unit}"),
        Indent::Less => match indentation.strip_suffix(unit) {
            Some(less) => less.to_owned(),
            None => indentation[..indentation.len().saturating_sub(unit.len())].to_owned(),
        },
    }
}

#[cfg(test)]
mod tests;
