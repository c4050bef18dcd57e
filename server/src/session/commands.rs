//! `workspace/executeCommand`: answered at once; what takes longer is a task.

use serde_json::Value;
use tower_lsp_server::gen_lsp_types::{MessageType, ShowMessageNotification, ShowMessageParams};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::commands::{Command, QuestionCommand};
use crate::lsp::params::ExecuteCommandParams;

use super::Session;

impl Session {
    /// Carries out a command.
    pub(super) fn execute_command(&mut self, params: &ExecuteCommandParams) -> Result<Value> {
        let answer = self.carry_out(params);
        if let Err(error) = &answer
            && !self.client.shows_command_errors
        {
            self.outbox
                .notify::<ShowMessageNotification>(&ShowMessageParams {
                    kind: MessageType::Warning,
                    message: error.message.to_string(),
                });
        }
        answer
    }

    fn carry_out(&mut self, params: &ExecuteCommandParams) -> Result<Value> {
        let name = &params.command;
        let parsed = Command::parse(name, &params.arguments)
            .ok_or_else(|| Error::invalid_params(format!("there is no command {name}")))?;
        let command = parsed.map_err(|error| Error::invalid_params(error.to_string()))?;
        match command {
            Command::Finding(command) => self.run_finding_command(command),
            Command::Start(command) => self.start(command),
            Command::Task(command) => self.run_task_command(command),
            Command::Landing(command) => self.run_landing_command(command),
            Command::Checkpoint(command) => self.run_checkpoint_command(command),
            Command::Question(QuestionCommand::Answer(task, words)) => {
                self.answer_question(task, &words)
            }
            Command::Review(command) => self.run_review_command(command),
            Command::Question(QuestionCommand::List) => Ok(self.repeat_questions()),
            Command::InlineEdit(command) => self.run_inline_edit_command(command),
            Command::Chat(command) => self.run_chat_command(command),
        }
    }
}
