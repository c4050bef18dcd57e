//! Drives a machine by hand: what tests say happens, happens, and what the machine asks for is kept as readable lines.

use std::collections::VecDeque;

use models::{
    CallForm, Content, EndReason, FailureKind, Item, ModelError, ModelFacts, Request, Role,
    ToolCall, ToolSpec, Usage, Wire,
};

use crate::{
    limits::Limits,
    machine::{Effect, Entry, Event, Machine, Settings, ThreadStart, ToolDeclaration},
    surface::ThreadEvent,
    tool::{ToolEffect, ToolOutput},
    world::{Part, Section, SectionKind, World, WorldChange},
};

/// A machine with its log and what it asked for.
pub(super) struct Script {
    pub(super) machine: Machine,
    pub(super) log: Vec<Entry>,
    pub(super) requests: Vec<Request>,
    /// What was asked for since it was last looked at, the world's observation left out.
    lines: Vec<String>,
    pub(super) world: World,
    pub(super) time: u64,
}

impl Script {
    pub(super) fn new(settings: Settings) -> Self {
        let start = ThreadStart {
            thread: "thread".into(),
            settings,
        };
        let event = Event::ThreadStarted(Box::new(start.clone()));
        let (machine, _) = Machine::begin(start, 0);
        let mut world = World::default();
        world.set(
            SectionKind::Environment,
            Section::Parts(vec![Part::new("cwd", "/project")]),
        );
        Self {
            machine,
            log: vec![Entry { time: 0, event }],
            requests: Vec::new(),
            lines: Vec::new(),
            world,
            time: 0,
        }
    }

    /// Lets an event happen; the world is observed and tools are started as asked for.
    pub(super) fn happen(&mut self, event: Event) -> &mut Self {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let entry = Entry {
                time: self.time,
                event,
            };
            self.log.push(entry.clone());
            for effect in self.machine.step(entry) {
                events.extend(self.follow(effect));
            }
        }
        self
    }

    fn follow(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Observe => {
                let change = self.world.change_since(self.machine.world());
                return Some(Event::WorldObserved { change });
            }
            Effect::CancelRequest => {
                self.lines.push("cancel request".into());
                let said = "So far".into();
                return Some(Event::AnswerDropped { said });
            }
            Effect::RunTool(call) => {
                self.lines.push(format!("run {}", call.call_id));
                let call_id = call.call_id;
                return Some(Event::ToolStarted { call_id });
            }
            Effect::Request(request) => {
                self.lines
                    .push(format!("request of {} items", request.items.len()));
                self.requests.push(request);
            }
            Effect::CancelTools => self.lines.push("cancel tools".into()),
            Effect::SetTimer { timer, delay, .. } => {
                self.lines
                    .push(format!("set {timer:?} to {} ms", delay.as_millis()));
            }
            Effect::Tell(ThreadEvent::Notice { message }) => {
                self.lines.push(format!("notice: {message}"));
            }
            Effect::EndTurn(summary) => {
                self.lines
                    .push(format!("end turn {}: {:?}", summary.turn, summary.end));
                let event = Event::TurnEnded(summary);
                return Some(event);
            }
            Effect::Prewarm(_) | Effect::Tell(_) => {}
        }
        None
    }

    pub(super) fn user(&mut self, text: &str) -> &mut Self {
        let content = vec![Content::text(text)];
        self.happen(Event::InputGiven { content })
    }

    pub(super) fn item(&mut self, item: Item) -> &mut Self {
        self.happen(Event::ItemReceived { item })
    }

    pub(super) fn say(&mut self, text: &str) -> &mut Self {
        self.item(Item::message(Role::Assistant, text))
    }

    pub(super) fn call(&mut self, id: &str, tool: &str) -> &mut Self {
        self.item(call(id, tool, "{}"))
    }

    pub(super) fn done(&mut self) -> &mut Self {
        self.ended(EndReason::Complete)
    }

    pub(super) fn ended(&mut self, end: EndReason) -> &mut Self {
        self.happen(Event::AnswerEnded { end, usage: None })
    }

    pub(super) fn done_with(&mut self, usage: Usage) -> &mut Self {
        self.happen(Event::AnswerEnded {
            end: EndReason::Complete,
            usage: Some(usage),
        })
    }

    pub(super) fn failed(&mut self, kind: FailureKind) -> &mut Self {
        let error = ModelError {
            kind,
            message: "It broke".into(),
            retry_after: None,
            attempts: 1,
        };
        self.happen(Event::AnswerFailed { error })
    }

    pub(super) fn output(&mut self, id: &str, output: ToolOutput) -> &mut Self {
        let call_id = id.into();
        self.happen(Event::ToolFinished { call_id, output })
    }

    /// What was asked for since the last time.
    pub(super) fn asked(&mut self) -> String {
        std::mem::take(&mut self.lines).join("\n")
    }

    /// The conversation as it would be sent now.
    pub(super) fn conversation(&self) -> String {
        shown(&self.machine.request())
    }
}

/// The items of a request, a line each; texts of several lines are cut after the first.
pub(super) fn shown(request: &Request) -> String {
    let first_line = |text: String| {
        let mut lines = text.trim().lines();
        let first = lines.next().unwrap_or_default().to_owned();
        let is_tag = first.starts_with('<');
        match lines.next() {
            Some(second) if is_tag => format!("{first} {second}"),
            _ => first,
        }
    };
    let text = |content: &[Content]| {
        let parts = content.iter().map(|part| match part {
            Content::Text { text } => first_line(text.clone()),
            Content::Image { .. } => "[image]".into(),
        });
        parts.collect::<Vec<_>>().join(" | ")
    };
    let line = |item: &Item| match item {
        Item::Message { role, content, .. } => format!("{role:?}: {}", text(content)),
        Item::Reasoning { summary, .. } => format!("Reasoning: {}", summary.join(" | ")),
        Item::ToolCall(call) => format!("Call {}: {} {}", call.call_id, call.name, call.arguments),
        Item::ToolOutput {
            call_id, content, ..
        } => format!("Output {call_id}: {}", text(content)),
        Item::Carried(carried) => format!("Carried: {}", carried.value),
    };
    let lines = request.items.iter().map(|item| line(item));
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn call(id: &str, tool: &str, arguments: &str) -> Item {
    Item::ToolCall(ToolCall {
        call_id: id.into(),
        name: tool.into(),
        arguments: arguments.into(),
        form: CallForm::Function,
    })
}

/// Two tools, `read` and `act`, and a model of which nothing is known.
pub(super) fn settings() -> Settings {
    let tool = |name: &str, effect| ToolDeclaration {
        spec: ToolSpec::Function {
            name: name.into(),
            description: format!("To {name}."),
            parameters: serde_json::json!({"type": "object", "properties": {"n": {"type": "number", "maximum": 0.1}}}),
        },
        effect,
    };
    Settings {
        provider: "scripted".into(),
        model: "model".into(),
        facts: ModelFacts::unknown(Wire::Responses),
        effort: None,
        instructions: "Do well.".into(),
        tools: vec![
            tool("read", ToolEffect::Reads),
            tool("act", ToolEffect::Acts),
        ],
        cwd: "/project".into(),
        limits: Limits::default(),
    }
}

/// The world with one more fact.
pub(super) fn world_of(date: u32) -> World {
    let mut world = World::default();
    let parts = vec![
        Part::new("cwd", "/project"),
        Part::new("date", date.to_string()),
    ];
    world.set(SectionKind::Environment, Section::Parts(parts));
    world
}

/// What is different between the machine's world and `world`.
pub(super) fn change_to(machine: &Machine, world: &World) -> WorldChange {
    world.change_since(machine.world())
}
