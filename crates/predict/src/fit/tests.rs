//! Hand-made proposals at hand-made places.

use super::{Fitted, Surroundings, fit};
use crate::{
    buffer::Brackets,
    query::decode::{Proposal, ProposedLine, Step},
    suggestion::{SilenceReason, SuggestOptions},
    vocabulary::Indent,
};

/// A line whose tokens are these pieces, each a little less likely than the one before.
fn line(pieces: &[&str], is_complete: bool, confidence: f32) -> ProposedLine {
    let mut line = ProposedLine {
        is_complete,
        ..ProposedLine::default()
    };
    for piece in pieces {
        line.text.push_str(piece);
        let (end, characters) = (line.text.len(), line.text.chars().count());
        line.steps.push(Step {
            end,
            characters,
            confidence,
        });
    }
    if is_complete {
        line.steps.extend(line.steps.last().copied());
    }
    line
}

fn proposal(line: ProposedLine) -> Proposal {
    Proposal {
        lines: vec![line],
        interrupt: None,
    }
}

/// `head$0tail`, then the following line; brackets are those of the head.
fn place<'a>(cursor_line: &'a str, following: &'a str) -> Surroundings<'a> {
    let (head, tail) = cursor_line.split_once("$0").expect("the cursor is marked");
    let mut brackets = Brackets::default();
    brackets.read(head);
    Surroundings {
        head,
        tail,
        following: following.into(),
        brackets,
        line_break: "\n",
        indent_unit: "  ".to_owned(),
    }
}

fn shown(line: ProposedLine, surroundings: &Surroundings) -> Result<String, SilenceReason> {
    fit(&proposal(line), surroundings, &SuggestOptions::default()).map(|fitted| fitted.text)
}

#[test]
fn stops_before_closers_that_match_nothing() {
    let pieces = ["value", ")", ";"];
    assert_eq!(
        shown(line(&pieces, true, 0.9), &place("call($0", "")),
        Ok("value);".into())
    );
    assert_eq!(
        shown(line(&pieces, true, 0.9), &place("$0", "")),
        Ok("value".into())
    );
    assert_eq!(
        shown(line(&[")", ";", " more"], true, 0.9), &place("x[$0", "")),
        Err(SilenceReason::UnbalancedBracket)
    );
}

#[test]
fn stops_before_what_stands_after_the_cursor() {
    let pieces = ["first", ",", " second", ")", ";"];
    assert_eq!(
        shown(line(&pieces, true, 0.9), &place("call($0)", "")),
        Ok("first, second".into())
    );
    assert_eq!(
        shown(line(&pieces, true, 0.9), &place("call($0);", "")),
        Ok("first, second".into())
    );
    assert_eq!(
        shown(line(&[")", ";"], true, 0.9), &place("call($0)", "")),
        Err(SilenceReason::RepeatsFollowing)
    );
    let nested = ["inner", "(", "x", ")", ", other"];
    assert_eq!(
        shown(line(&nested, true, 0.9), &place("call($0)", "")),
        Ok("inner(x), other".into())
    );
    assert_eq!(
        shown(
            line(&["first", ",", " second"], true, 0.9),
            &place("call($0 third)", "")
        ),
        Ok("first".into())
    );
}

#[test]
fn does_not_write_the_next_line_twice() {
    let repeated = || line(&["use", " std"], true, 0.9);
    assert_eq!(
        shown(repeated(), &place("  $0", "  use std")),
        Err(SilenceReason::RepeatsFollowing)
    );
    assert_eq!(
        shown(repeated(), &place("  $0", "use std")),
        Ok("use std".into())
    );
}

#[test]
fn adds_lines_that_are_nearly_certain() {
    let mut proposal = proposal(line(&["if", " ready", " {"], true, 0.9));
    proposal.lines.push(ProposedLine {
        indent: Some((Indent::More, false)),
        ..line(&["go", "()"], true, 0.8)
    });
    proposal.lines.push(ProposedLine {
        indent: Some((Indent::Less, false)),
        ..line(&["}"], true, 0.7)
    });
    proposal.lines.push(ProposedLine {
        indent: Some((Indent::Same, true)),
        ..line(&["never"], true, 0.5)
    });
    let expected = Fitted {
        text: "if ready {\n    go()\n  }".into(),
        confidence: 0.7,
        completes_line: true,
    };
    assert_eq!(
        fit(&proposal, &place("  $0", ""), &SuggestOptions::default()),
        Ok(expected)
    );
    let one_line = SuggestOptions {
        max_lines: 1,
        ..SuggestOptions::default()
    };
    let fitted = fit(&proposal, &place("  $0", ""), &one_line).map(|fitted| fitted.text);
    assert_eq!(fitted, Ok("if ready {".into()));
    let repeated = fit(
        &proposal,
        &place("  $0", "    go()"),
        &SuggestOptions::default(),
    )
    .map(|fitted| fitted.text);
    assert_eq!(repeated, Ok("if ready {".into()));
}

#[test]
fn says_why_it_is_silent() {
    let uncertain = SilenceReason::TooUncertain { confidence: 0.1 };
    assert_eq!(
        shown(line(&["perhaps"], false, 0.1), &place("$0", "")),
        Err(uncertain)
    );
    assert_eq!(
        uncertain.to_string(),
        "the best continuation is only 10 % likely"
    );
    assert_eq!(
        shown(line(&["ab"], false, 0.9), &place("$0", "")),
        Err(SilenceReason::TooShort)
    );
    assert_eq!(
        shown(line(&[], false, 0.9), &place("$0", "")),
        Err(SilenceReason::NoCandidates)
    );
}
