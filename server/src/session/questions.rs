//! Questions of tasks to the user: shown as messages with buttons, answered by one of them or by command.
//!
//! The tool that asks waits on its own thread (`tasks/gate.rs`). A dismissed or lost answer means no; a question of a turn
//! that was stopped is withdrawn.

use std::collections::BTreeMap;

use protocol::{ApprovalParams, ApprovalRequest, Message};
use serde_json::{Value, json};
use tower_lsp_server::gen_lsp_types::{
    MessageActionItem, MessageType, ShowMessageNotification, ShowMessageParams, ShowMessageRequest,
    ShowMessageRequestParams,
};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::event::Event;
use crate::tasks::TaskId;
use crate::tasks::gate::{Answer, AnswerTo, Ask, Subject};
use crate::tasks::rich_approval;
use crate::tasks::wording::{self, Choice, Meaning};
use crate::transport::{self, RequestId};

use super::Session;

/// The questions that wait for an answer.
#[derive(Debug, Default)]
pub(super) struct Questions {
    last: u64,
    open: BTreeMap<u64, OpenQuestion>,
}

#[derive(Debug)]
struct OpenQuestion {
    task: TaskId,
    subject: Subject,
    choices: Vec<Choice>,
    reply: AnswerTo,
    request: Option<RequestId>,
}

impl Session {
    /// A task asks.
    pub(super) fn ask_user(&mut self, ask: Ask) {
        self.questions.last += 1;
        let number = self.questions.last;
        let question = OpenQuestion {
            task: ask.task,
            choices: wording::choices(&ask.subject),
            subject: ask.subject,
            reply: ask.reply,
            request: None,
        };
        self.questions.open.insert(number, question);
        self.show_question(number);
        self.task_changed(ask.task);
        self.chat_question_changed(ask.task);
    }

    /// Whether a task waits for an answer.
    pub(super) fn has_question(&self, task: TaskId) -> bool {
        let mut open = self.questions.open.values();
        open.any(|question| question.task == task)
    }

    /// What a task waits for an answer to, in the words in which it was asked.
    pub(super) fn question_of(&self, task: TaskId) -> Option<String> {
        let mut open = self.questions.open.values();
        let question = open.find(|question| question.task == task)?;
        Some(wording::message(&self.task_name(task), &question.subject))
    }

    /// The client has answered.
    pub(super) fn question_answered(&mut self, number: u64, answer: transport::Answer) {
        let Some(question) = self.questions.open.get_mut(&number) else {
            return;
        };
        question.request = None;
        let meaning = match answer {
            Ok(value) if self.client.is_rich => Meaning::Answer(rich_approval::answer(&value)),
            Ok(value) => pressed(&question.choices, &value),
            Err(error) => {
                tracing::warn!(%error, "the client does not ask the user, which means no");
                Meaning::Answer(Answer::Nothing)
            }
        };
        match meaning {
            Meaning::Answer(answer) => self.settle_question(number, answer),
            Meaning::InWords => self.say_how_to_answer(number),
        }
    }

    /// A turn was stopped: its questions are void.
    pub(super) fn withdraw_questions(&mut self, task: TaskId) {
        let is_of_task = |(_, question): &(&u64, &OpenQuestion)| question.task == task;
        let numbers = self.questions.open.iter().filter(is_of_task);
        let numbers: Vec<u64> = numbers.map(|(number, _)| *number).collect();
        for number in numbers {
            self.settle_question(number, Answer::Nothing);
        }
    }

    /// `ropewalk.answer`: a question is answered in words: those of a button, or the user's own.
    pub(super) fn answer_question(&mut self, task: TaskId, words: &str) -> Result<Value> {
        let found = self.questions.open.iter();
        let found = found
            .filter(|(_, question)| question.task == task)
            .map(|(number, question)| (*number, said(question, words)))
            .next();
        let Some((number, answer)) = found else {
            return Err(Error::invalid_params(format!(
                "task {task} waits for no answer"
            )));
        };
        self.settle_question(number, answer);
        Ok(Value::Null)
    }

    /// `ropewalk.questions`: what waits for an answer, shown anew.
    pub(super) fn repeat_questions(&mut self) -> Value {
        let unasked = |(number, question): (&u64, &OpenQuestion)| {
            question.request.is_none().then_some(*number)
        };
        let unasked: Vec<u64> = self.questions.open.iter().filter_map(unasked).collect();
        for number in unasked {
            self.show_question(number);
        }
        let told = self.questions.open.values().map(|question| {
            let titles = question.choices.iter().map(|choice| choice.title.clone());
            json!({
                "task": question.task.0,
                "question": wording::message(&self.task_name(question.task), &question.subject),
                "choices": titles.collect::<Vec<_>>(),
            })
        });
        told.collect()
    }

    fn show_question(&mut self, number: u64) {
        let Some(question) = self.questions.open.get(&number) else {
            return;
        };
        let task = self.task_name(question.task);
        let message = wording::message(&task, &question.subject);
        let events = self.events.clone();
        let on_answer = move |answer| events.send(Event::QuestionAnswered(number, answer));
        let request = if self.client.is_rich {
            let params = ApprovalParams {
                task: question.task.0,
                message,
                subject: rich_approval::subject(&question.subject),
            };
            let method = ApprovalRequest::METHOD;
            self.outbox.request_method(method, &params, on_answer)
        } else {
            let actions = question.choices.iter().map(|choice| MessageActionItem {
                title: choice.title.clone(),
                properties: Default::default(),
            });
            let params = ShowMessageRequestParams {
                kind: MessageType::Info,
                message,
                actions: Some(actions.collect()),
            };
            self.outbox
                .request::<ShowMessageRequest>(&params, on_answer)
        };
        if let Some(question) = self.questions.open.get_mut(&number) {
            question.request = Some(request);
        }
    }

    fn settle_question(&mut self, number: u64, answer: Answer) {
        let Some(question) = self.questions.open.remove(&number) else {
            return;
        };
        if let Some(request) = &question.request {
            self.outbox.withdraw(request);
        }
        question.reply.send(answer);
        self.task_changed(question.task);
        self.chat_question_changed(question.task);
    }

    fn say_how_to_answer(&self, number: u64) {
        let Some(question) = self.questions.open.get(&number) else {
            return;
        };
        let task = question.task;
        let message = format!(
            "Task {task} waits. Answer with the command `ropewalk.answer {task} \"your words\"`; `ropewalk.questions` \
             shows the question again."
        );
        self.outbox
            .notify::<ShowMessageNotification>(&ShowMessageParams {
                kind: MessageType::Info,
                message,
            });
    }
}

/// What the pressed button means. Clients send the item back, some with more in it; none at all is a dismissal.
fn pressed(choices: &[Choice], answer: &Value) -> Meaning {
    let title = answer["title"].as_str();
    let choice = choices
        .iter()
        .find(|choice| Some(choice.title.as_str()) == title);
    choice.map_or(Meaning::Answer(Answer::Nothing), |choice| {
        choice.meaning.clone()
    })
}

/// What words mean: a button's if they are its title, else the user's own.
fn said(question: &OpenQuestion, words: &str) -> Answer {
    let words = words.trim();
    let same = |choice: &&Choice| choice.title.eq_ignore_ascii_case(words);
    match question.choices.iter().find(same) {
        Some(Choice {
            meaning: Meaning::Answer(answer),
            ..
        }) => answer.clone(),
        _ => Answer::Words(words.to_owned()),
    }
}
