//! What is suggested in small projects of several languages. `⟦ ⟧` marks the suggestion.

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
        r#"
//- src/config.rs
pub struct ConnectionSettings {
    pub retry_interval: u32,
}
//- src/main.rs
fn main() {
    let settings = Conn$0
}
"#,
        expect!["    let settings = Conn⟦ectionSettings⟧"],
    );
}

#[test]
fn finishes_a_word_that_was_met_after_a_space_only() {
    check(
        r#"
//- src/main.rs
fn measure_everything() {}

fn main() {
    measure_ev$0
}
"#,
        expect!["    measure_ev⟦erything⟧"],
    );
}

#[test]
fn finishes_a_line_that_was_written_before() {
    check(
        r#"
//- app/views.py
@login_required
def index(request):
    user = get_current_user(request)
    return render(request, 'index.html', user=user)

@login_required
def detail(request):
    user = get_current_user(request)
    return render(request, 'detail.html', user=user)

@login_required
def edit(request):
    user = get$0
"#,
        expect!["    user = get⟦_current_user(request)⟧"],
    );
}

#[test]
fn carries_a_renaming_over() {
    check(
        r#"
//- shape.ts
export class Shape {
  setWidth(width: number) {
    this.width = width;
    this.notify('width', width);
  }

  setHeight(height: number) {
    this.height = height;
    this.notify($0
  }
}
"#,
        expect!["    this.notify(⟦'height', height⟧"],
    );
}

#[test]
fn writes_the_boilerplate_of_the_language() {
    check(
        r#"
//- a.go
package a

func Load(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	use(data)
	return nil
}
//- b.go
package a

func Store(path string) error {
	file, err := os.Create(path)
	if $0
}
"#,
        expect!["→if ⟦err != nil {⟧"],
    );
}

#[test]
fn adds_further_lines_that_are_nearly_certain_with_the_breaks_of_the_document() {
    let function = |name: &str| {
        format!(
            "static int {name}(struct buffer *buffer)\n{{\n\tif (buffer->length == 0) {{\n\t\treturn -1;\n\t}}\n\
             \tbuffer->length = 0;\n\treturn 0;\n}}\n\n"
        )
    };
    let names = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth",
    ];
    let written: String = names.iter().map(|name| function(name)).collect();
    let fixture = format!(
        "//- a.c\n{written}//- b.c\n{written}static int last(struct buffer *buffer)\n{{\n\tif (buffer->$0\n"
    );
    check(
        &fixture.replace('\n', "\r\n").replace(".c\r\n", ".c\n"),
        expect![[r#"
            →if (buffer->⟦length == 0) {␍
            →→return -1;␍
            →}␍
            →buffer->length = 0;⟧"#]],
    );
}

#[test]
fn stops_before_a_closer_that_is_there_already() {
    check(
        r#"
//- a.js
const first = merge(defaults, options);
const second = merge(defaults, options);
const third = merge(def$0);
"#,
        expect!["const third = merge(def⟦aults, options⟧);"],
    );
}

#[test]
fn does_not_repeat_the_next_line() {
    check(
        r#"
//- a.rs
use std::fmt::Debug;
use std::fmt::Display;
//- b.rs
use std::fmt::De$0
use std::fmt::Debug;
"#,
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
fn forgets_the_disk_version_of_an_open_document() {
    check(
        r#"
//- a.rs (disk)
let unusual_identifier = 1;
//- a.rs
let unus$0
"#,
        expect!["silent: nothing in the workspace or the open documents continues this"],
    );
}
