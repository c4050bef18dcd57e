//! Links that lead out of the workspace, those that the user has there and those that a task makes.

use crate::case::{
    Case,
    Effect::{Files, Secret},
};

pub(super) const CASES: &[Case] = &[
    Case::new("write through an absolute link", Files, "echo planted > $WORKSPACE/link-absolute"),
    Case::new("write through a relative link", Files, "echo planted > $WORKSPACE/link-relative"),
    Case::new("make a file through a link that leads nowhere", Files, "echo planted > $WORKSPACE/link-dangling"),
    Case::new("write through a link to a folder", Files, "echo planted > $WORKSPACE/link-folder/file; echo planted > $WORKSPACE/link-folder/planted"),
    Case::new("through a link and up again", Files, "echo planted > $WORKSPACE/link-folder/../file; echo planted > $WORKSPACE/src/up/file"),
    Case::new("write through a link of one's own", Files, "ln -s $OUTSIDE/file mine; echo planted > mine; ln -s $OUTSIDE there; echo planted > there/planted"),
    Case::new("a chain of links", Files, "ln -s $OUTSIDE a; ln -s a b; ln -s b/folder c; echo planted > c/file"),
    Case::new("remove through a link", Files, "rm -rf $WORKSPACE/link-folder/; rm -f $WORKSPACE/link-folder/file"),
    Case::new("links that change while files are written", Files, "
        mkdir folder; ln -s $OUTSIDE out
        (n=0; while [ $n -lt 300 ]; do mv -T folder aside; mv -T out folder; mv -T folder out; mv -T aside folder; n=$((n + 1)); done) &
        n=0; while [ $n -lt 300 ]; do echo planted > folder/planted; n=$((n + 1)); done; wait"),
    Case::new("a home that is somewhere else", Files, "HOME=$OUTSIDE; echo planted > ~/planted; git config --global a.b c"),
    Case::new("read a key through a link", Secret, "cat $WORKSPACE/link-key $WORKSPACE/link-home/.ssh/id_ed25519"),
    Case::new("read a secret through an innocent link", Secret, "cat $WORKSPACE/innocent.txt"),
];
