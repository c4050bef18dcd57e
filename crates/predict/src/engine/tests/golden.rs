//! What is suggested in small projects of several languages.

use expect_test::{Expect, expect};

use super::{Fixture, patient, shown};
use crate::{Outcome, Preset, SuggestOptions};

fn check(fixture: &str, expected: Expect) {
    let fixture = Fixture::parse(fixture);
    let options = patient(SuggestOptions::preset(Preset::Balanced));
    match fixture.suggest(&options) {
        Outcome::Suggestion(suggestion) => expected.assert_eq(&shown(&fixture.text, &suggestion)),
        Outcome::Silent(reason) => expected.assert_eq(&format!("silent: {reason}")),
    }
}

#[test]
fn finishes_a_word_of_the_workspace() {
    check(
        "//- src/config.rs\npub struct ConnectionSettings {\n    pub retry_interval: u32,\n}\n\
         //- src/main.rs\nfn main() {\n    let settings = Conn$0\n}\n",
        expect!["    let settings = Conn⟦ectionSettings⟧"],
    );
}

#[test]
fn finishes_a_line_that_was_written_before() {
    check(
        "//- app/views.py\n\
         @login_required\ndef index(request):\n    user = get_current_user(request)\n    return render(request, 'index.html', user=user)\n\n\
         @login_required\ndef detail(request):\n    user = get_current_user(request)\n    return render(request, 'detail.html', user=user)\n\n\
         @login_required\ndef edit(request):\n    user = get$0\n",
        expect!["    user = get⟦_current_user(request⟧"],
    );
}

#[test]
fn carries_a_renaming_over() {
    check(
        "//- shape.ts\n\
         export class Shape {\n  setWidth(width: number) {\n    this.width = width;\n    this.widthChanged(width);\n  }\n\n\
           setHeight(height: number) {\n    this.height = height;\n    this.$0\n  }\n}\n",
        expect!["    this.⟦widthChanged⟧"],
    );
}

#[test]
fn writes_the_boilerplate_of_the_language() {
    check(
        "//- a.go\npackage a\n\nfunc Load(path string) error {\n\tfile, err := os.Open(path)\n\tif err != nil {\n\t\treturn err\n\t}\n\
         \tdata, err := io.ReadAll(file)\n\tif err != nil {\n\t\treturn err\n\t}\n\tuse(data)\n\treturn nil\n}\n\
         //- b.go\npackage a\n\nfunc Store(path string) error {\n\tfile, err := os.Create(path)\n\tif $0\n}\n",
        expect!["	if ⟦err != nil {⟧"],
    );
}

#[test]
fn keeps_the_line_breaks_of_the_document() {
    check(
        "//- a.c\nstatic void reset(struct state *state)\r\n{\r\n\tstate->count = 0;\r\n\tstate->total = 0;\r\n}\r\n\
         static void clear(struct state *state)\r\n{\r\n\tstate->count = 0;\r\n\tstate->total = 0;\r\n}\r\n\
         static void begin(struct state *state)\r\n{\r\n\tstate->co$0\r\n",
        expect!["	state->co⟦unt = 0;⟧"],
    );
}

#[test]
fn stops_before_a_closer_that_is_there_already() {
    check(
        "//- a.js\nconst first = merge(defaults, options);\nconst second = merge(defaults, options);\nconst third = merge(def$0);\n",
        expect!["const third = merge(def⟦aults, options⟧);"],
    );
}

#[test]
fn does_not_repeat_the_next_line() {
    check(
        "//- a.rs\nuse std::fmt::Debug;\nuse std::fmt::Display;\n//- b.rs\nuse std::fmt::De$0\nuse std::fmt::Debug;\n",
        expect!["silent: the likely continuation is already there after the cursor"],
    );
}

#[test]
fn is_silent_inside_a_word() {
    check(
        "//- a.rs\nlet value = 1;\nlet va$0lue = 2;\n",
        expect!["silent: the cursor is inside a word"],
    );
}

#[test]
fn is_silent_where_nothing_is_known() {
    check(
        "//- a.rs\n$0",
        expect!["silent: nothing in the workspace or the open documents continues this"],
    );
}

#[test]
fn learns_from_the_disk_version_only_through_the_document() {
    check(
        "//- a.rs (disk)\nlet unusual_identifier = 1;\n//- a.rs\nlet unus$0\n",
        expect!["silent: nothing in the workspace or the open documents continues this"],
    );
}
