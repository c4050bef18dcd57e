//! The lists against folders made for the purpose, and against the machine that runs the tests.

use std::{fs, os::unix::fs::symlink, os::unix::net::UnixListener};

use super::*;

/// A user's folder with these files; a path that ends with `/` is a folder.
fn home(paths: &[&str]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for path in paths {
        let whole = home.path().join(path);
        match path.ends_with('/') {
            true => fs::create_dir_all(whole).unwrap(),
            false => {
                fs::create_dir_all(whole.parent().unwrap()).unwrap();
                fs::write(whole, "").unwrap();
            }
        }
    }
    home
}

/// What is hidden in `home`, a line each, without the machine's own places.
fn hidden(home: &Path, variables: &[(&str, &str)]) -> String {
    found(home, variables, |surroundings| {
        surroundings.tidy(surroundings.find(hidden::PLACES))
    })
}

/// What is scratch in `home`, a line each.
fn scratch(home: &Path, variables: &[(&str, &str)]) -> String {
    found(home, variables, |surroundings| surroundings.scratch())
}

fn found(
    home: &Path,
    variables: &[(&str, &str)],
    find: impl Fn(&Surroundings<'_>) -> Vec<PathBuf>,
) -> String {
    let variable = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name)?;
        Some(found.1.replace('~', home.to_str().unwrap()).into())
    };
    let surroundings = Surroundings {
        home,
        variable: &variable,
    };
    let real = fs::canonicalize(home).unwrap();
    let places = find(&surroundings);
    let inside = places
        .iter()
        .filter_map(|path| path.strip_prefix(&real).ok());
    inside.map(|path| format!("{}\n", path.display())).collect()
}

#[test]
fn what_is_there_is_hidden() {
    let home = home(&[
        ".ssh/id_ed25519",
        ".aws/credentials",
        ".bash_history",
        ".python_history",
        ".cargo/credentials.toml",
        ".cargo/registry/",
        ".config/gh/hosts.yml",
        ".config/google-chrome-beta/Cookies",
        ".config/nvim/init.lua",
        ".config/ropewalk/config.toml",
        ".docker/config.json",
        ".docker/cli-plugins/",
        ".gitconfig",
        ".local/share/keyrings/",
        ".local/state/ropewalk/threads/",
        ".netrc",
        "project/.ssh/notes.md",
    ]);
    expect_test::expect![[r#"
        .aws
        .bash_history
        .cargo/credentials.toml
        .config/gh
        .config/google-chrome-beta
        .config/ropewalk
        .docker/config.json
        .local/share/keyrings
        .local/state/ropewalk
        .netrc
        .python_history
        .ssh
    "#]]
    .assert_eq(&hidden(home.path(), &[]));
}

#[test]
fn variables_move_places() {
    let home = home(&[
        "elsewhere/cargo/credentials",
        "elsewhere/cargo/registry/",
        "elsewhere/one",
        "elsewhere/two",
        "elsewhere/config/gcloud/",
        "elsewhere/ticket",
        "elsewhere/cache/huggingface/token",
        ".config/gcloud/",
        ".ssh/",
        "relative",
    ]);
    let variables = [
        ("CARGO_HOME", "~/elsewhere/cargo"),
        ("KUBECONFIG", "~/elsewhere/one:~/elsewhere/two:relative"),
        ("XDG_CONFIG_HOME", "~/elsewhere/config"),
        ("XDG_CACHE_HOME", "~/elsewhere/cache"),
        ("KRB5CCNAME", "FILE:~/elsewhere/ticket"),
        // Nothing of these is meant to be hidden.
        ("HISTFILE", "/dev/null"),
        ("GNUPGHOME", "~"),
        ("PGPASSFILE", "/"),
        ("NETRC", ""),
    ];
    expect_test::expect![[r#"
        .config/gcloud
        .ssh
        elsewhere/cache/huggingface/token
        elsewhere/cargo/credentials
        elsewhere/config/gcloud
        elsewhere/one
        elsewhere/ticket
        elsewhere/two
    "#]]
    .assert_eq(&hidden(home.path(), &variables));
    expect_test::expect![[r#"
        elsewhere/cache
        elsewhere/cargo
    "#]]
    .assert_eq(&scratch(home.path(), &variables));
}

#[test]
fn links_lead_to_what_is_hidden() {
    let home = home(&[
        "dotfiles/ssh/key",
        "dotfiles/aws/credentials",
        "dotfiles/readme",
    ]);
    let link = |target: &str, name: &str| symlink(target, home.path().join(name)).unwrap();
    link("dotfiles/ssh", ".ssh");
    link("dotfiles/ssh/key", ".netrc");
    link("nowhere", ".kube");
    link("..", ".gnupg");
    assert_eq!(hidden(home.path(), &[]), "dotfiles/ssh\n");
}

#[test]
fn stores_of_build_tools_are_scratch() {
    let home = home(&[
        ".cache/pip/",
        ".cargo/registry/",
        ".gradle/caches/",
        ".npm/_cacache/",
        ".rustup/toolchains/",
        "go/pkg/mod/",
        "go/src/project/",
        ".local/share/pnpm/",
        ".local/share/applications/",
        // Not a folder, so no store.
        ".m2",
        "npm-cache/",
    ]);
    let variables = [
        ("npm_config_cache", "~/npm-cache"),
        ("GOPATH", "~/go:~/second"),
    ];
    let found = scratch(home.path(), &variables);
    expect_test::expect![[r#"
        .cache
        .cargo
        .gradle
        .local/share/pnpm
        .npm
        go/pkg
        npm-cache
    "#]]
    .assert_eq(&found);
}

/// Whatever is on the machine that runs this.
#[test]
fn places_of_this_machine_are_real_and_apart() {
    let home = std::env::home_dir().unwrap();
    for places in [hidden_places(&home), scratch_places(&home)] {
        for (place, next) in places.iter().zip(places.iter().skip(1)) {
            assert!(
                place < next && !next.starts_with(place),
                "{}",
                next.display()
            );
        }
        for place in places {
            assert_eq!(fs::canonicalize(&place).unwrap(), place);
            assert!(!home.starts_with(&place), "{}", place.display());
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_socket_that_somebody_listens_on_is_hidden() {
    let home = home(&["some folder/"]);
    let path = fs::canonicalize(home.path())
        .unwrap()
        .join("some folder/so cket ");
    let listener = UnixListener::bind(&path).unwrap();
    assert!(hidden_places(home.path()).contains(&path));
    drop(listener);
    assert!(!hidden_places(home.path()).contains(&path));
}
