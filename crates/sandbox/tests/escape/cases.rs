//! All cases of the battery.

mod devices;
mod excess;
mod kernel;
mod kernel_files;
mod leftovers;
mod links;
mod namespaces;
mod outside;
mod processes;
mod protected;
mod secrets;
mod sockets;

use crate::case::Case;

pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    let parts = [
        outside::CASES,
        links::CASES,
        protected::CASES,
        secrets::CASES,
        kernel_files::CASES,
        processes::CASES,
        namespaces::CASES,
        sockets::CASES,
        devices::CASES,
        kernel::CASES,
        leftovers::CASES,
        excess::CASES,
    ];
    parts.into_iter().flatten()
}
