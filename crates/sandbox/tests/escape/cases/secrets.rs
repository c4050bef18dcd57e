//! Reading what no model's service shall get.

use crate::case::{
    Case,
    Effect::{Reached, Secret},
    WithoutWalls::Administrator,
};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "keys in the workspace",
        Secret,
        "cat .env deep/.env.local deep/server.pem; cat $WORKSPACE/.env $WORKSPACE/deep/.env.local $WORKSPACE/deep/server.pem",
    ),
    Case::new(
        "search in the workspace",
        Secret,
        "grep -r secret-in . $WORKSPACE",
    ),
    Case::new(
        "keys in a folder that is moved or copied",
        Secret,
        "mv deep moved; cat moved/.env.local moved/server.pem; cp -r $WORKSPACE/deep copied; cat copied/.env.local copied/server.pem",
    ),
    Case::new(
        "a secret that is removed and made anew",
        Secret,
        "mv .env aside; cat aside; ln $WORKSPACE/.env mine; cat mine; rm -f .env; mkdir .env; rmdir .env; cat .env $WORKSPACE/.env",
    ),
    Case::new(
        "a second name for a secret",
        Secret,
        "ln $WORKSPACE/deep/server.pem mine && cat mine; ln ~/.ssh/id_ed25519 key && cat key; ln -s ~/.netrc net; cat net",
    ),
    Case::new(
        "keys that open other machines",
        Secret,
        "cat ~/.ssh/* ~/.gnupg/private-keys-v1.d/*",
    ),
    Case::new(
        "access to clouds and hosting",
        Secret,
        "cat ~/.aws/credentials ~/.netrc ~/.git-credentials ~/.config/gh/hosts.yml ~/.cargo/credentials.toml",
    ),
    Case::new("what the user has typed", Secret, "cat ~/.bash_history"),
    Case::new("search in the home", Secret, "grep -rs secret-in ~"),
    Case::new(
        "our own settings with keys",
        Secret,
        "cat ~/.config/ropewalk/config.toml",
    ),
    Case::new(
        "other tasks' twins and threads",
        Secret,
        "cat $STATE/threads/one.jsonl $STATE/twins/other/upper/0/file; grep -rs secret-in $STATE $WORKSPACE/../state",
    ),
    Case::new(
        "the server's keys in the environment",
        Secret,
        "env; export -p; cat /proc/self/environ",
    ),
    Case::new(
        "the machine's passwords",
        Reached,
        "$ATTEMPT read-file /etc/shadow /etc/gshadow",
    )
    .without_walls(Administrator("others cannot read them")),
];
