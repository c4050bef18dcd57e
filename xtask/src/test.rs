//! `cargo xtask test`: the test command of the project. Runs every kind of test there is and says what became of each.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;

use crate::editors::{self, Part};
use crate::{check, project};

#[derive(Args)]
pub(crate) struct TestArguments {
    /// Leave the editors out: neither fetch nor start any
    #[arg(long)]
    no_editors: bool,
    /// Run only tests whose name has this in it, and neither rules nor lints
    filter: Option<String>,
}

/// One kind of test.
#[derive(Clone, Copy)]
enum Step {
    /// Formatting.
    Format,
    /// The rules of `cargo xtask check`.
    Rules,
    /// Clippy, warnings being errors.
    Lints,
    /// The tests of all crates.
    Crates,
    /// The editors.
    Editors(Part),
}

/// What became of a step.
struct Outcome {
    step: Step,
    result: anyhow::Result<()>,
    took: Duration,
}

/// Runs all steps, whatever becomes of the earlier ones; an error when any failed.
pub(crate) fn run(arguments: &TestArguments) -> anyhow::Result<()> {
    let outcomes: Vec<Outcome> = steps(arguments)
        .into_iter()
        .map(|step| run_step(step, arguments.filter.as_deref()))
        .collect();
    println!();
    for outcome in &outcomes {
        println!("{outcome}");
    }
    let failed = outcomes
        .iter()
        .filter(|outcome| outcome.result.is_err())
        .count();
    if failed > 0 {
        bail!("{failed} of {} parts failed", outcomes.len());
    }
    println!("all {} parts passed", outcomes.len());
    Ok(())
}

fn steps(arguments: &TestArguments) -> Vec<Step> {
    let mut steps = Vec::new();
    if arguments.filter.is_none() {
        steps.extend([Step::Format, Step::Rules, Step::Lints]);
    }
    steps.push(Step::Crates);
    if !arguments.no_editors {
        steps.extend(Part::ALL.map(Step::Editors));
    }
    steps
}

fn run_step(step: Step, filter: Option<&str>) -> Outcome {
    println!("\n== {step}");
    let start = Instant::now();
    let result = match step {
        Step::Format => project::run(project::cargo().args(["fmt", "--all", "--check"])),
        Step::Rules => check::run(),
        Step::Lints => lints(),
        Step::Crates => project::run(project::cargo().args(["test", "--workspace"]).args(filter)),
        Step::Editors(part) => editors::test(part, filter),
    };
    if let Err(problem) = &result {
        eprintln!("{problem:#}");
    }
    Outcome {
        step,
        result,
        took: start.elapsed(),
    }
}

fn lints() -> anyhow::Result<()> {
    let arguments = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    project::run(project::cargo().args(arguments))
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format => formatter.write_str("formatting"),
            Self::Rules => formatter.write_str("rules"),
            Self::Lints => formatter.write_str("lints"),
            Self::Crates => formatter.write_str("crates"),
            Self::Editors(part) => write!(formatter, "editor tests: {part}"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.result.is_ok() {
            "passed"
        } else {
            "FAILED"
        };
        let step = self.step.to_string();
        write!(
            formatter,
            "{step:26} {word} ({:.1} s)",
            self.took.as_secs_f64()
        )?;
        match &self.result {
            Ok(()) => Ok(()),
            Err(problem) => write!(formatter, ": {problem:#}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(no_editors: bool, filter: Option<&str>) -> Vec<String> {
        let arguments = TestArguments {
            no_editors,
            filter: filter.map(str::to_owned),
        };
        steps(&arguments).iter().map(Step::to_string).collect()
    }

    #[test]
    fn everything_runs_unless_it_is_left_out() {
        let all = ["formatting", "rules", "lints", "crates"];
        let editors = [
            "editor tests: nvim-plugin",
            "editor tests: nvim",
            "editor tests: helix",
            "editor tests: nvim-tasks",
            "editor tests: helix-tasks",
        ];
        assert_eq!(names(false, None), [&all[..], &editors[..]].concat());
        assert_eq!(names(true, None), all);
        assert_eq!(names(true, Some("merge")), ["crates"]);
    }

    #[test]
    fn a_failed_part_says_why() {
        let result = Err(anyhow::anyhow!("2 rules are broken, see above"));
        let outcome = Outcome {
            step: Step::Rules,
            result,
            took: Duration::from_millis(1500),
        };
        assert_eq!(
            outcome.to_string(),
            "rules                      FAILED (1.5 s): 2 rules are broken, see above"
        );
    }
}
