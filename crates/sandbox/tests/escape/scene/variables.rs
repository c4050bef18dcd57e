//! The variables by which an attempt knows what to attack.

use super::Scene;

/// Names the scene in the environment of everything that the server and the attempt start.
pub(super) const MARK: &str = "ESCAPE_SCENE";

impl Scene {
    /// Names and values, none of which has a quotation mark or a secret in it. The server adds its own number.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.root().join(name).display().to_string();
        let [program, setuid, capable] = self
            .programs
            .each_ref()
            .map(|program| program.display().to_string());
        let [tcp, tcp6, udp] = self.listeners.ports().map(|port| port.to_string());
        let in_run = self
            .listeners
            .in_run()
            .map(|path| path.display().to_string());
        let name = self.root().file_name().unwrap().to_str().unwrap();
        vec![
            (MARK, path("")),
            ("NAME", name.into()),
            ("WORKSPACE", path("workspace")),
            ("OUTSIDE", path("outside")),
            ("STATE", path("home/.local/state/ropewalk")),
            ("ATTEMPT", format!("{program} attempt")),
            ("PROGRAM", program),
            ("SETUID", format!("{setuid} attempt")),
            ("CAPABLE", format!("{capable} attempt")),
            ("CANARY", self.canary.id().to_string()),
            ("ADDRESS", self.canary.address.clone()),
            ("MEMORY", self.canary.memory.clone()),
            ("TCP", tcp),
            ("TCP6", tcp6),
            ("UDP", udp),
            ("RUN_SOCKET", in_run.unwrap_or_default()),
            ("TERMINAL", self.terminal.name.display().to_string()),
        ]
    }
}
