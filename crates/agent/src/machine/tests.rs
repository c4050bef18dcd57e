//! What holds for every thread, whatever models, tools, users and power cuts do; and the rules one by one.

mod invariants;
mod judge;
mod prefix;
mod rules;
mod script;
mod simulation;
