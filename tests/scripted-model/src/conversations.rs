//! Several conversations with one server: which one a request belongs to is told by what its user said.
//!
//! Nothing is remembered between requests, so conversations may run side by side, be interrupted and be taken up again.

use serde::Deserialize;

use crate::{Conversation, Script, SeenItem, SeenRole, Step};

/// What the model does for a certain user's words.
#[derive(Clone, Debug, Deserialize)]
pub struct ScriptedConversation {
    /// Words that occur in what the user says, and in no other conversation.
    pub when: String,
    /// The answers that follow, one a request; the last is repeated.
    pub steps: Vec<Step>,
}

impl Script {
    /// Answers each request with the next step of the conversation whose words the user said last.
    ///
    /// A request in which nobody said any of the words is answered by saying so.
    pub fn conversations(conversations: Vec<ScriptedConversation>) -> Self {
        Self::reacting(move |request| {
            ScriptedConversation::next_step(&conversations, &request.conversation)
        })
    }
}

impl ScriptedConversation {
    /// The step that follows in the one of `conversations` that `so_far` belongs to.
    pub fn next_step(conversations: &[Self], so_far: &Conversation) -> Step {
        next_step(conversations, so_far)
    }
}

fn next_step(conversations: &[ScriptedConversation], so_far: &Conversation) -> Step {
    let mut found: Option<(usize, &ScriptedConversation)> = None;
    for (place, item) in so_far.items.iter().enumerate() {
        let SeenItem::Message { role, text, .. } = item else {
            continue;
        };
        let is_meant =
            |one: &&ScriptedConversation| *role == SeenRole::User && text.contains(&one.when);
        if let Some(meant) = conversations.iter().find(is_meant) {
            found = Some((place, meant));
        }
    }
    let Some((place, meant)) = found else {
        return Step::say("The script has no words for this.");
    };
    let answers = answers(&so_far.items[place..]);
    let last = meant.steps.len().saturating_sub(1);
    let step = meant.steps.get(answers.min(last)).cloned();
    step.unwrap_or_else(|| Step::say("The script has nothing to say."))
}

/// How often the model has answered in `items`: what it says and calls without anything between is one answer.
fn answers(items: &[SeenItem]) -> usize {
    let is_the_models = |item: &SeenItem| {
        matches!(
            item,
            SeenItem::Message {
                role: SeenRole::Assistant,
                ..
            } | SeenItem::Reasoning { .. }
                | SeenItem::Call { .. }
        )
    };
    items
        .windows(2)
        .filter(|pair| !is_the_models(&pair[0]) && is_the_models(&pair[1]))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(role: SeenRole, text: &str) -> SeenItem {
        SeenItem::Message {
            role,
            text: text.into(),
            images: 0,
        }
    }

    fn words(items: Vec<SeenItem>) -> String {
        let conversation = |when: &str, steps: &[&str]| ScriptedConversation {
            when: when.into(),
            steps: steps.iter().map(|text| Step::say(*text)).collect(),
        };
        let known = [
            conversation("mend", &["m1", "m2"]),
            conversation("test", &["t1"]),
        ];
        let so_far = Conversation {
            items,
            ..Conversation::default()
        };
        format!("{:?}", next_step(&known, &so_far).parts)
    }

    #[test]
    fn the_last_words_of_the_user_decide() {
        use SeenRole::{Assistant, Developer, User};
        let told = said(Developer, "to test is good");
        let mend = said(User, "please mend it");
        assert!(words(vec![told.clone(), mend.clone()]).contains("m1"));
        let answered = vec![told, mend, said(Assistant, "m1"), said(Developer, "x")];
        assert!(words(answered.clone()).contains("m2"));
        let mut again = answered;
        again.extend([said(Assistant, "m2"), said(User, "now test")]);
        assert!(words(again.clone()).contains("t1"));
        again.extend([said(Assistant, "t1"), said(User, "mend once more")]);
        assert!(words(again).contains("m1"));
        assert!(words(vec![said(User, "else")]).contains("no words"));
    }
}
