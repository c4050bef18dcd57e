//! The messages' types for plugins written in TypeScript, generated from the Rust types: `docs/protocol.d.ts`.
//!
//! A test writes and checks the file, so the program itself carries nothing of it.

use std::any::TypeId;
use std::collections::BTreeMap;

use expect_test::expect_file;
use ts_rs::{Config, TS, TypeVisitor};

use crate::{
    ApprovalAnswer, ApprovalParams, DiagnosticsParams, HunksReport, InlineEditReport, Message,
    ProposalParams, ProposalReport, StatusReport, TaskReport, TaskUpdateParams, ThreadReport,
    ViewDocumentParams, ViewDocumentResult,
};

const HEADER: &str = "\
// The types of the `ropewalk/*` messages. Generated from crates/protocol by its tests; do not edit.
// docs/protocol.md says what each message is for.
";

/// Collects declarations by name, with those that they use.
struct Declarations {
    config: Config,
    seen: Vec<TypeId>,
    by_name: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if self.seen.contains(&TypeId::of::<T>()) {
            return;
        }
        self.seen.push(TypeId::of::<T>());
        T::visit_dependencies(self);
        T::visit_generics(self);
        // Only types of ours have a file of their own to go to.
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            let declaration = format!("{docs}export {}\n", T::decl(&self.config));
            self.by_name.insert(T::ident(&self.config), declaration);
        }
    }
}

fn declarations() -> String {
    let config = Config::default().with_large_int("number");
    let mut declarations = Declarations {
        config,
        seen: Vec::new(),
        by_name: BTreeMap::new(),
    };
    declarations.visit::<StatusReport>();
    declarations.visit::<ViewDocumentParams>();
    declarations.visit::<ViewDocumentResult>();
    declarations.visit::<ApprovalParams>();
    declarations.visit::<ApprovalAnswer>();
    declarations.visit::<TaskReport>();
    declarations.visit::<TaskUpdateParams>();
    declarations.visit::<InlineEditReport>();
    declarations.visit::<ThreadReport>();
    declarations.visit::<ProposalParams>();
    declarations.visit::<ProposalReport>();
    declarations.visit::<HunksReport>();
    declarations.visit::<DiagnosticsParams>();
    let bodies: Vec<String> = declarations.by_name.into_values().collect();
    format!("{HEADER}\n{}", bodies.join("\n"))
}

#[test]
fn the_typescript_file_is_up_to_date() {
    expect_file!["../../../docs/protocol.d.ts"].assert_eq(&declarations());
}

/// Every type of the schema is declared for TypeScript, too.
#[test]
fn no_message_is_missing_in_typescript() {
    let typescript = declarations();
    let schema = crate::schema();
    for (method, message) in schema.as_object().unwrap() {
        for part in ["params", "result"] {
            let title = message[part]["title"].as_str().unwrap_or_default();
            let name = title.split(['<', ' ']).next().unwrap_or_default();
            let is_named = name.chars().next().is_some_and(char::is_uppercase);
            if is_named && !name.contains("Array") && !name.contains("Nullable") {
                let declared = format!("export type {name} ");
                assert!(typescript.contains(&declared), "{method} {part}: {name}");
            }
        }
    }
    assert_eq!(crate::TasksRequest::METHOD, "ropewalk/tasks");
}
