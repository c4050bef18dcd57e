//! Writing outside of the workspace.

use crate::case::{
    Case,
    Effect::Files,
    HeldBy::Namespaces,
    WithoutWalls::{Administrator, Nobody},
};

const SYSTEM: &str = "the system's folders are the administrator's";
const MODES: &str = "the kernel's access rules know nothing of modes, owners, times and attributes";

pub(super) const CASES: &[Case] = &[
    Case::new("write by an absolute path", Files, "echo planted > $OUTSIDE/file"),
    Case::new("append by a path with ..", Files, "echo planted >> $WORKSPACE/src/../../outside/file"),
    Case::new("make a file beside the workspace", Files, "echo planted > $WORKSPACE/../planted; echo planted > ../planted"),
    Case::new("cut a file off", Files, "truncate -s 1 $OUTSIDE/file"),
    Case::new("remove the user's files", Files, "rm -rf $OUTSIDE/*"),
    Case::new("remove the real workspace", Files, "cd /; rm -rf $WORKSPACE; rm -rf $WORKSPACE/.git"),
    Case::new("take a file away", Files, "mv $OUTSIDE/file taken"),
    Case::new("put a file there", Files, "mv file $OUTSIDE/planted; ln file $OUTSIDE/planted"),
    Case::new("exchange two files", Files, "$ATTEMPT exchange file $OUTSIDE/file; $ATTEMPT exchange $OUTSIDE/held $OUTSIDE/file"),
    Case::new("make a folder outside", Files, "mkdir -p $OUTSIDE/a/b/c"),
    Case::new("what the shell starts with", Files, "echo 'touch planted' >> ~/.bashrc; echo 'touch planted' > ~/.profile"),
    Case::new("who may log in", Files, "mkdir -p ~/.ssh; echo key >> ~/.ssh/authorized_keys"),
    Case::new("what starts with the session", Files, "mkdir -p ~/.config/autostart; echo planted > ~/.config/autostart/planted.desktop"),
    Case::new("a cache", Files, "echo planted > ~/.cache/file; echo planted > ~/.cache/planted"),
    Case::new("our own settings", Files, "mkdir -p ~/.config/ropewalk; echo planted > ~/.config/ropewalk/config.toml"),
    Case::new("our own state", Files, "mkdir -p $STATE/twins; echo planted > $STATE/twins/planted"),
    Case::new("modes of the user's files", Files, "chmod 777 $OUTSIDE/file; chmod u+s $OUTSIDE/folder/file").held_by(Namespaces(MODES)),
    Case::new("times of the user's files", Files, "touch -d 2000-01-01 $OUTSIDE/file").held_by(Namespaces(MODES)),
    Case::new("attributes of the user's files", Files, "$ATTEMPT extended-attribute $OUTSIDE/file").held_by(Namespaces(MODES)),
    Case::new("owners of the user's files", Files, "chown 1:1 $OUTSIDE/file").held_by(Namespaces(MODES)).without_walls(Administrator("others cannot give files away")),
    Case::new("modes in the real workspace", Files, "chmod 777 file; chmod 000 .git/config; touch -d 2000-01-01 .git/hooks/sample"),
    Case::new("the system's settings", Files, "echo planted > /etc/$NAME; echo planted > /etc/cron.d/$NAME; echo planted > /etc/profile.d/$NAME")
        .without_walls(Administrator(SYSTEM)),
    Case::new("the system's programs", Files, "echo planted > /usr/bin/$NAME; echo planted > /usr/local/bin/$NAME")
        .without_walls(Administrator(SYSTEM)),
    Case::new("the top of the tree", Files, "echo planted > /$NAME; echo planted > /var/lib/$NAME; echo planted > /var/spool/$NAME")
        .without_walls(Administrator(SYSTEM)),
    Case::new("temporary files of others", Files, "echo planted > /tmp/$NAME; echo planted > /var/tmp/$NAME; echo planted > /dev/shm/$NAME"),
    Case::new("a second name for the user's file", Files, "ln $OUTSIDE/file linked && echo planted > linked"),
    Case::new("a second name by a descriptor", Files, "$ATTEMPT link-by-descriptor $OUTSIDE/file"),
    Case::new("write what is open for reading", Files, "$ATTEMPT write-by-descriptor $OUTSIDE/file"),
    Case::new("write to what is mapped for reading", Files, "$ATTEMPT own-memory $OUTSIDE/file")
        .without_walls(Nobody("a kernel that let this through would have to be repaired")),
    Case::new("open a file by its number", Files, "$ATTEMPT file-handle $OUTSIDE/file $OUTSIDE")
        .without_walls(Administrator("numbers are the administrator's")),
];
