//! The standing instructions: who the model is, how it works, which tool is for what, how it answers.
//!
//! The same tools always give the same text, so that a thread's requests begin alike. The prose stands in the two
//! `.md` files; what is said of a tool is left out when the model does not have it.

/// What the instructions depend on.
#[derive(Clone, Copy, Debug, Default)]
pub struct InstructionOptions<'a> {
    /// The names of the tools that the model has.
    pub tools: &'a [&'a str],
}

const HOW_TO_WORK: &str = include_str!("instructions.md");
const HOW_TO_ANSWER: &str = include_str!("answering.md");

/// Advice, and the tools of which at least one must be there for it to make sense.
const ADVICE: &[(&[&str], &str)] = &[
    (
        &["read_file", "search", "list_files"],
        "Read and search with the tools for it, not with shell commands: they see what the editor has not saved yet, keep \
         to the ignore rules and start no process. Calls that only look can be made several at once; do that when they do \
         not depend on each other.",
    ),
    (
        &["read_file"],
        "`read_file`: ask for the lines that you need; read a file that you are about to change, and again when it may \
         have changed.",
    ),
    (
        &["search"],
        "`search`: for text and patterns. Narrow it with a glob before you widen it.",
    ),
    (
        &["find_symbol", "outline"],
        "`find_symbol` and `outline`: for definitions and for the shape of a file, before reading it whole.",
    ),
    (
        &["apply_patch"],
        "`apply_patch`: for all changes to files. Keep patches small, with enough lines around each change to be found \
         once. When it says that the text was not found or found twice, read that place again and repair the patch; do \
         not turn to shell commands to write files.",
    ),
    (
        &["edit_file"],
        "`edit_file`: replaces one exact piece of text. Copy the old text from what you have read, with enough around it \
         to occur once.",
    ),
    (
        &["rename"],
        "`rename`: for another name everywhere; give a path or a glob when the name is a common one.",
    ),
    (
        &["rewrite"],
        "`rewrite`: for the same change of structure in many places; look at a `preview` first.",
    ),
    (
        &["exec_command"],
        "`exec_command`: for builds, tests and the project's own programs. Nothing interactive, no pager, no command that \
         waits for ever without need; ask for little output (`--quiet`, one test) when little will do.",
    ),
    (
        &["write_stdin"],
        "`write_stdin`: to a command that still runs: to answer it, to look at what it has said since, to interrupt it. \
         End what you started and no longer need.",
    ),
    (
        &["update_plan"],
        "`update_plan`: when the task has several steps that depend on each other. A few short steps, exactly one under \
         way, brought up to date as soon as one is done. No plan for what takes one or two steps.",
    ),
    (
        &["view_image"],
        "`view_image`: to look at a picture in the workspace.",
    ),
    (
        &["spawn_tasks"],
        "`spawn_tasks`: for a change over many files in parts that do not depend on each other; what is mechanical goes \
         faster with `rewrite` and `rename`.",
    ),
    (
        &["ask_user"],
        "`ask_user`: one clear question, with the likely answers, only when nothing else can tell you.",
    ),
];

/// The standing instructions for a model with these tools.
pub fn instructions(options: &InstructionOptions<'_>) -> String {
    let applies = |needed: &[&str]| needed.iter().any(|name| options.tools.contains(name));
    let advice: Vec<String> = ADVICE
        .iter()
        .filter(|(needed, _)| applies(needed))
        .map(|(_, advice)| format!("- {advice}\n"))
        .collect();
    let tools = match advice.is_empty() {
        true => String::new(),
        false => format!("# Tools\n{}\n", advice.concat()),
    };
    format!("{HOW_TO_WORK}\n{tools}{HOW_TO_ANSWER}")
}
