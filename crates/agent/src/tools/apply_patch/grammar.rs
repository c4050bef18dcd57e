//! What models are told of the patch format: a grammar for those that write in one, words and an example for the others.

/// The language in Lark's notation. The parser takes a little more, which nobody should learn.
pub(super) const GRAMMAR: &str = r#"start: "*** Begin Patch" LF operation+ "*** End Patch" LF?

operation: add | delete | update
add: "*** Add File: " PATH LF added+
delete: "*** Delete File: " PATH LF
update: "*** Update File: " PATH LF move? chunks?
move: "*** Move to: " PATH LF
chunks: (place | changed)+ at_end?
place: ("@@" | "@@ " TEXT) LF
changed: (" " | "-" | "+") TEXT? LF
added: "+" TEXT? LF
at_end: "*** End of File" LF

PATH: /[^\n]+/
TEXT: /[^\n]+/

%import common.LF
"#;

/// For models that were trained on the format.
pub(super) const FREEFORM_DESCRIPTION: &str = "Changes files: adds, updates, moves and deletes any number of them in one patch, all or none. The patch is plain text, not JSON.";

/// For models that have to be told.
pub(super) const FUNCTION_DESCRIPTION: &str = "Changes files: adds, updates, moves and deletes any number of them in one patch, all or none.

`input` is the patch:

*** Begin Patch
*** Add File: docs/new.txt
+every line of the new file
+begins with a plus
*** Update File: src/app.py
*** Move to: src/main.py
@@ class Greeter:
@@     def greet(self):
     name = self.name
-    print(\"Hi\")
+    print(f\"Hi {name}\")
     return name
*** Delete File: src/old.py
*** End Patch

- Inside an update every line begins with one mark: a space for a line that stays, `-` for one that goes, `+` for one that comes. \
Lines that stay and go must stand in the file exactly so, in one piece.
- Show about three unchanged lines before and after each change. If they occur more than once in the file, put `@@ ` and a line \
that stands above the place (the head of its class or function) before them; several such lines narrow it down further.
- Begin each further change in the same file with `@@`, alone or with such a line, in the order of the file. There are no line numbers.
- `*** Move to:` is optional. `*** End of File` after the last line of a change says that it is at the end of the file.
- Paths are relative to the working directory.";
