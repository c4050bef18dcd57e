// The types of the `ropewalk/*` messages. Generated from crates/protocol by its tests; do not edit.
// docs/protocol.md says what each message is for.

/**
 * What the user says.
 */
export type ApprovalAnswer = { 
/**
 * Left out for an answer in words to a question.
 */
decision: ApprovalDecision | null, 
/**
 * The reason of a no, or the answer to a question.
 */
text: string | null, };

/**
 * Yes or no.
 */
export type ApprovalDecision = "allowOnce" | "allowForTask" | "allowAlways" | "deny" | "stop";

/**
 * What is asked.
 */
export type ApprovalParams = { 
/**
 * The task's number.
 */
task: number, 
/**
 * The whole question as text; characters that do not show are written as escapes.
 */
message: string, 
/**
 * The same as data.
 */
subject: ApprovalSubject, };

/**
 * What the user decides upon.
 */
export type ApprovalSubject = { "kind": "changeFiles", 
/**
 * Their paths, absolute.
 */
paths: Array<string>, } | { "kind": "runCommand", 
/**
 * As a shell would take it.
 */
command: string, 
/**
 * Where, absolute.
 */
cwd: string, 
/**
 * What it would have beyond the twin, in words each; empty where there is no twin.
 */
needs: Array<string>, 
/**
 * Why, if the agent says.
 */
reason: string | null, 
/**
 * What the sandbox refused when it ran before.
 */
refused: string | null, 
/**
 * The words for which `allowAlways` would allow this; without them it is not to be offered.
 */
prefix: Array<string> | null, } | { "kind": "writeToCommand", 
/**
 * The command.
 */
command: string, 
/**
 * The text.
 */
text: string, } | { "kind": "question", 
/**
 * Answers to choose from; others are possible.
 */
options: Array<string>, };

/**
 * A document's diagnostics.
 */
export type DiagnosticsParams = { 
/**
 * The document.
 */
uri: string, 
/**
 * As LSP has them.
 */
diagnostics: unknown[], };

/**
 * The engine in use.
 */
export type EngineReport = { 
/**
 * `embedded`: the engine in the process that needs no model.
 */
name: string, 
/**
 * Whether suggestions are to be expected.
 */
state: EngineState, };

/**
 * Whether the engine offers suggestions.
 */
export type EngineState = "disabled" | "learning" | "ready";

/**
 * What happened to a file.
 */
export type FileChangeKind = "added" | "modified" | "deleted" | "moved";

/**
 * A changed file.
 */
export type FileChangeReport = { 
/**
 * Absolute; where the file is after the change.
 */
path: string, 
/**
 * What happened to it.
 */
kind: FileChangeKind, 
/**
 * Where it was, absolute, if it was moved.
 */
from: string | null, 
/**
 * A unified diff without file headers; empty for binary files.
 */
diff: string, };

/**
 * A folder of the workspace.
 */
export type FolderReport = { 
/**
 * The folder's path.
 */
path: string, 
/**
 * Whether its own `.ropewalk/` configuration counts.
 */
trusted: boolean, 
/**
 * Where changes of files are heard of: `client`, `server` or `none`.
 */
watchedBy: string, };

/**
 * A hunk: lines in the place of others. Lines count from zero, the ends are excluded.
 */
export type HunkReport = { 
/**
 * Its number, as the commands of the review take it.
 */
hunk: number, 
/**
 * The first line in the document.
 */
startLine: number, 
/**
 * The line after the last; the same for a deletion.
 */
endLine: number, 
/**
 * What stood there.
 */
removed: string, 
/**
 * What the change was for.
 */
title: string, };

/**
 * A document's hunks.
 */
export type HunksReport = { 
/**
 * The document.
 */
uri: string, 
/**
 * The version that the lines are of; nothing for a file that is not open.
 */
version: number | null, 
/**
 * In order; none when all are judged.
 */
hunks: Array<HunkReport>, };

/**
 * A position as LSP counts.
 */
export type InlineEditPosition = { 
/**
 * Counted from zero.
 */
line: number, 
/**
 * Counted from zero.
 */
character: number, };

/**
 * A range as LSP counts, in the encoding that was agreed upon.
 */
export type InlineEditRange = { 
/**
 * The first character.
 */
start: InlineEditPosition, 
/**
 * The one after the last.
 */
end: InlineEditPosition, };

/**
 * How an inline edit stands. The document changes by `workspace/applyEdit` only, once.
 */
export type InlineEditReport = { 
/**
 * Its number, as the command that started it gave it and `ropewalk.inlineEdit.stop` takes it.
 */
edit: number, 
/**
 * The document.
 */
uri: string, 
/**
 * The version that the range is of; nothing when the document is not open any more.
 */
version: number | null, 
/**
 * What is being replaced.
 */
range: InlineEditRange | null, 
/**
 * The new text so far, as it will stand in the document.
 */
text: string, 
/**
 * How far it is.
 */
state: InlineEditState, 
/**
 * Why it came to nothing.
 */
message: string | null, };

/**
 * How far an inline edit is.
 */
export type InlineEditState = "writing" | "applying" | "applied" | "stopped" | "failed";

/**
 * What was learned from the files of the workspace.
 */
export type LearningReport = { 
/**
 * Files in the index that is in use.
 */
files: number, 
/**
 * Their size in bytes.
 */
sourceBytes: number, 
/**
 * The memory that the index takes, in bytes.
 */
memoryBytes: number, 
/**
 * Files that the size limit of the index left out.
 */
skippedFiles: number, 
/**
 * While it learns: done, in percent of the files to read.
 */
percentage: number | null, };

/**
 * A step of a plan.
 */
export type PlanEntry = { 
/**
 * What is to be done.
 */
content: string, 
/**
 * How far it is.
 */
status: PlanEntryStatus, };

/**
 * How far a step of a plan is.
 */
export type PlanEntryStatus = "pending" | "in_progress" | "completed";

/**
 * Which proposal.
 */
export type ProposalParams = { 
/**
 * The task's number.
 */
task: number, };

/**
 * A proposal.
 */
export type ProposalReport = { 
/**
 * The changed files; none when nothing waits.
 */
files: Array<FileChangeReport>, };

/**
 * Everything a status bar, `:checkhealth` or a bug report wants to know.
 */
export type StatusReport = { 
/**
 * The server's version.
 */
version: string, 
/**
 * One short line for a status bar.
 */
message: string, 
/**
 * The engine that answers tab-completion.
 */
engine: EngineReport, 
/**
 * How far learning from the workspace has come.
 */
learning: LearningReport, 
/**
 * The workspace folders, in the client's order.
 */
folders: Array<FolderReport>, 
/**
 * The number of open documents.
 */
documents: number, 
/**
 * What became of the newest suggestion request, if there was one.
 */
lastSuggestion: SuggestionReport | null, 
/**
 * What is wrong and what to do about it, a sentence each; empty when all is well.
 */
problems: Array<string>, 
/**
 * The log file, where there is one.
 */
logFile: string | null, };

/**
 * Why a turn has ended.
 */
export type StopReason = "end_turn" | "max_turn_requests" | "cancelled" | "failed";

/**
 * What became of a suggestion request.
 */
export type SuggestionReport = { 
/**
 * Whether something was offered.
 */
offered: boolean, 
/**
 * Why nothing was offered, as a sentence.
 */
reason: string | null, 
/**
 * The engine's confidence that the suggestion is right, 0 to 1.
 */
confidence: number | null, 
/**
 * From the request's arrival to its answer, in microseconds.
 */
microseconds: number, };

/**
 * A task.
 */
export type TaskReport = { 
/**
 * Its number, as commands take it.
 */
task: number, 
/**
 * A few words.
 */
title: string, 
/**
 * How it stands.
 */
state: TaskState, 
/**
 * The agent's thread, once there is one.
 */
thread: string | null, 
/**
 * Turns of the thread so far.
 */
turns: number, 
/**
 * What it does at the moment, in a line.
 */
step: string | null, 
/**
 * The plan's steps that are done, in percent of all.
 */
percentage: number | null, 
/**
 * Whether it waits for an answer of the user.
 */
asks: boolean, 
/**
 * What happened last that the user should know, for example why it failed.
 */
message: string | null, };

/**
 * How a task stands.
 */
export type TaskState = "queued" | "running" | "landing" | "proposed" | "done" | "failed" | "stopped";

/**
 * A step of a turn.
 */
export type TaskUpdateParams = { 
/**
 * The task's number.
 */
task: number, 
/**
 * What happened.
 */
update: Update, };

/**
 * A thread.
 */
export type ThreadReport = { 
/**
 * Its id, as `ropewalk.chat` and `ropewalk exec --resume` take it.
 */
thread: string, 
/**
 * What it is about, in a line.
 */
title: string | null, 
/**
 * Where it works, absolute.
 */
cwd: string | null, 
/**
 * Its model.
 */
model: string | null, 
/**
 * When it was last written, in RFC 3339.
 */
updated: string, 
/**
 * Why it cannot be opened, if so.
 */
problem: string | null, };

/**
 * A use of a tool.
 */
export type ToolCall = { 
/**
 * Which call.
 */
toolCallId: string, 
/**
 * What it does, in a line.
 */
title: string, 
/**
 * What kind of work it is.
 */
kind: ToolKind, 
/**
 * How far it is.
 */
status: ToolCallStatus, 
/**
 * Changes of files that it makes.
 */
changes?: Array<FileChangeReport>, 
/**
 * What the agent got as an answer, once there is one.
 */
output: string | null, };

/**
 * How far a call is.
 */
export type ToolCallStatus = "pending" | "in_progress" | "completed" | "failed";

/**
 * Kinds of tools.
 */
export type ToolKind = "read" | "edit" | "search" | "execute" | "other";

/**
 * What happened in a turn. Pieces of one message or thought have the same id; what the completed one says is what counts.
 */
export type Update = { "sessionUpdate": "turn_started", 
/**
 * Counted from 1 within the thread.
 */
turn: number, } | { "sessionUpdate": "agent_message_chunk", 
/**
 * Which message.
 */
messageId: string, 
/**
 * What follows, as Markdown.
 */
text: string, } | { "sessionUpdate": "agent_message", 
/**
 * Which message.
 */
messageId: string, 
/**
 * The whole of it, as Markdown.
 */
text: string, } | { "sessionUpdate": "agent_thought_chunk", 
/**
 * Which thought.
 */
messageId: string, 
/**
 * What follows, as Markdown.
 */
text: string, } | { "sessionUpdate": "discarded", 
/**
 * Which.
 */
id: string, } | { "sessionUpdate": "tool_call", 
/**
 * The call.
 */
call: ToolCall, } | { "sessionUpdate": "tool_call_update", 
/**
 * The call as it is now.
 */
call: ToolCall, } | { "sessionUpdate": "tool_call_output", 
/**
 * Which call.
 */
toolCallId: string, 
/**
 * What follows.
 */
text: string, } | { "sessionUpdate": "plan", 
/**
 * Its steps.
 */
entries: Array<PlanEntry>, } | { "sessionUpdate": "usage_update", 
/**
 * Tokens in the model's window.
 */
used: number, 
/**
 * Tokens that the window holds.
 */
size: number, 
/**
 * The turn's cost in micro-dollars, where prices are known.
 */
cost: number | null, } | { "sessionUpdate": "compaction_update", 
/**
 * The new window's number.
 */
window: number, } | { "sessionUpdate": "notice", 
/**
 * A sentence or two.
 */
message: string, } | { "sessionUpdate": "turn_ended", 
/**
 * Counted from 1 within the thread.
 */
turn: number, 
/**
 * How it ended.
 */
stopReason: StopReason, 
/**
 * What happened and what to do, where it could not go on.
 */
message: string | null, };

/**
 * Which document to show.
 */
export type ViewDocumentParams = { 
/**
 * The document's URI as the client opened it.
 */
uri: string, };

/**
 * The document as the server has it.
 */
export type ViewDocumentResult = { 
/**
 * The version of the last change that arrived.
 */
version: number, 
/**
 * The LSP language id.
 */
languageId: string, 
/**
 * The whole text.
 */
text: string, 
/**
 * Whether there is a syntax tree; `false` for languages without a grammar and for files that are too large.
 */
hasSyntaxTree: boolean, };
