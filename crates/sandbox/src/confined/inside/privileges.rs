//! Gives up every privilege that the setup needed, for this process and all that it will start.

use rustix::{
    process::{DumpableBehavior, set_dumpable_behavior},
    thread::{
        CapabilitySet, CapabilitySets, clear_ambient_capability_set,
        remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
    },
};

use crate::confined::{SetupError, Step, error::OrStep};

/// No program that is started from here on gains anything, and nobody inside can look into this process.
pub(super) fn give_up() -> Result<(), SetupError> {
    set_no_new_privs(true).or_step(Step::Privileges, || "new privileges could not be ruled out")?;
    // Those that the kernel does not know are refused; without the right to remove any there is none to remove.
    for number in 0..u64::BITS {
        let capability = CapabilitySet::from_bits_retain(1 << number);
        let _ = remove_capability_from_bounding_set(capability);
    }
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    clear_ambient_capability_set()
        .and_then(|()| set_capabilities(None, none))
        .and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable))
        .or_step(Step::Privileges, || "privileges could not be given up")
}
