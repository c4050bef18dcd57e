//! The permission hook of a task in the editor: puts what must be decided to the main loop, and waits.
//!
//! Called on the thread of the tool that wants something; nothing else waits with it. `session/questions.rs` asks the user.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use agent::tool::{Approval, Decision, Gate, Question};
use workspace::CancellationFlag;

use super::TaskId;
use crate::event::{Event, EventSender};

/// Asks the user of the editor.
pub(crate) struct EditorGate {
    task: TaskId,
    events: EventSender,
    /// The user has said yes to everything that stays within the task's place of work.
    is_content: AtomicBool,
}

/// Something that the user must decide.
#[derive(Debug)]
pub(crate) struct Ask {
    /// Whose question it is.
    pub(crate) task: TaskId,
    /// What is asked.
    pub(crate) subject: Subject,
    /// Where the answer goes; dropping it means no.
    pub(crate) reply: AnswerTo,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Whether something may be done.
    Approval(Approval),
    /// Something that only the user knows.
    Question(Question),
}

/// What the user says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// To an approval.
    Decision(Decision),
    /// To an approval: yes, and to all that follows within the place of work.
    AllowAll,
    /// To a question.
    Words(String),
    /// Nothing: dismissed, lost, or withdrawn.
    Nothing,
}

/// The way back to who asks.
#[derive(Debug)]
pub(crate) struct AnswerTo(Option<Sender<Answer>>);

impl AnswerTo {
    /// Answers.
    pub(crate) fn send(mut self, answer: Answer) {
        if let Some(sender) = self.0.take() {
            drop(sender.send(answer));
        }
    }
}

impl Drop for AnswerTo {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            drop(sender.send(Answer::Nothing));
        }
    }
}

impl EditorGate {
    /// A hook for `task`.
    pub(crate) fn new(task: TaskId, events: EventSender) -> Self {
        Self {
            task,
            events,
            is_content: AtomicBool::new(false),
        }
    }

    fn put(&self, subject: Subject, cancel: &CancellationFlag) -> Answer {
        let (sender, answers): (Sender<Answer>, Receiver<Answer>) = mpsc::channel();
        let wake = sender.clone();
        let _subscription = cancel.subscribe(move || drop(wake.send(Answer::Nothing)));
        self.events.send(Event::Asked(Ask {
            task: self.task,
            subject,
            reply: AnswerTo(Some(sender)),
        }));
        let answer = answers.recv().unwrap_or(Answer::Nothing);
        if cancel.is_set() {
            self.events.send(Event::QuestionsWithdrawn(self.task));
            return Answer::Nothing;
        }
        answer
    }
}

impl Gate for EditorGate {
    fn approve(&self, approval: &Approval, cancel: &CancellationFlag) -> Decision {
        let leaves = matches!(approval, Approval::LeaveTwin { .. });
        if !leaves && self.is_content.load(Ordering::Relaxed) {
            return Decision::Allow;
        }
        match self.put(Subject::Approval(approval.clone()), cancel) {
            Answer::Decision(Decision::AllowForTask) if !leaves => {
                self.is_content.store(true, Ordering::Relaxed);
                Decision::Allow
            }
            Answer::Decision(decision) => decision,
            Answer::AllowAll => {
                self.is_content.store(true, Ordering::Relaxed);
                Decision::Allow
            }
            Answer::Words(reason) => Decision::Deny {
                reason: Some(reason),
            },
            Answer::Nothing => Decision::Deny { reason: None },
        }
    }

    fn ask(&self, question: &Question, cancel: &CancellationFlag) -> Option<String> {
        match self.put(Subject::Question(question.clone()), cancel) {
            Answer::Words(words) => Some(words).filter(|words| !words.trim().is_empty()),
            Answer::Decision(_) | Answer::AllowAll | Answer::Nothing => None,
        }
    }
}
