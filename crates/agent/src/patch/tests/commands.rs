//! Which shell commands are patches.

use crate::patch::{PatchCommand, from_command};

const BODY: &str = "*** Begin Patch\n*** Add File: a\n+$HOME `x`\n*** End Patch";

fn command(head: &str, tail: &str) -> Option<PatchCommand> {
    from_command(&format!("{head}\n{BODY}\n{tail}"))
}

fn patch_in(directory: Option<&str>) -> Option<PatchCommand> {
    Some(PatchCommand {
        directory: directory.map(str::to_owned),
        patch: BODY.to_owned(),
    })
}

#[test]
fn a_here_document_is_a_patch() {
    for head in [
        "apply_patch <<'EOF'",
        "apply_patch <<EOF",
        "apply_patch << \"EOF\"",
        "  applypatch <<'EOF'  ",
    ] {
        assert_eq!(command(head, "EOF"), patch_in(None), "{head}");
        assert_eq!(command(head, "EOF\n\n"), patch_in(None), "{head}");
    }
    assert_eq!(command("apply_patch <<'PATCH'", "PATCH"), patch_in(None));
}

#[test]
fn a_directory_may_come_first() {
    for (head, directory) in [
        ("cd src && apply_patch <<'EOF'", "src"),
        ("cd /a/b-c.d&&apply_patch <<EOF", "/a/b-c.d"),
        ("cd 'with space' && apply_patch <<EOF", "with space"),
        ("cd \"with space\" && apply_patch <<EOF", "with space"),
    ] {
        assert_eq!(command(head, "EOF"), patch_in(Some(directory)), "{head}");
    }
}

#[test]
fn anything_else_is_left_to_the_shell() {
    for (head, tail) in [
        ("apply_patch <<'EOF'", "EOF\nls"),
        ("apply_patch <<'EOF'", "END"),
        ("apply_patch <<'EOF' && ls", "EOF"),
        ("apply_patch <<'EOF' | cat", "EOF"),
        ("apply_patch < file <<'EOF'", "EOF"),
        ("ls && apply_patch <<'EOF'", "EOF"),
        ("cd $HOME && apply_patch <<'EOF'", "EOF"),
        ("cd ~ && apply_patch <<'EOF'", "EOF"),
        ("cd - && apply_patch <<'EOF'", "EOF"),
        ("cd a b && apply_patch <<'EOF'", "EOF"),
        ("cd a; apply_patch <<'EOF'", "EOF"),
        ("cat <<'EOF'", "EOF"),
        ("apply_patch_more <<'EOF'", "EOF"),
        ("apply_patch <<<'EOF'", "EOF"),
        ("apply_patch <<''", ""),
    ] {
        assert_eq!(command(head, tail), None, "{head}");
    }
    assert_eq!(from_command("apply_patch"), None);
    assert_eq!(from_command("apply_patch <<'EOF'\nno patch\nEOF"), None);
}
