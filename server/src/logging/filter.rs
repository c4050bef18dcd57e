//! What is logged: the user's filter, with the protocol framework kept quiet unless the user names it.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, ParseError};

/// The framework tells every cancelled request at `info`; an editor cancels one at nearly every key.
const FRAMEWORK: &str = "tower_lsp_server";

/// Reads a filter such as `info` or `ropewalk=debug`.
///
/// # Errors
///
/// When it is not one.
pub(super) fn parse(level: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::try_new(with_quiet_framework(level))
}

fn with_quiet_framework(level: &str) -> String {
    if lets_the_framework_talk(level) && !level.contains(FRAMEWORK) {
        format!("{level},{FRAMEWORK}=warn")
    } else {
        level.to_string()
    }
}

/// Whether the level that holds for everything is above `warn`; a lower one is lower for the framework too.
fn lets_the_framework_talk(level: &str) -> bool {
    level
        .split(',')
        .filter_map(|directive| directive.trim().parse::<LevelFilter>().ok())
        .any(|level| LevelFilter::WARN < level)
}

#[cfg(test)]
mod tests {
    use super::with_quiet_framework;

    #[test]
    fn the_framework_is_quiet_unless_it_is_named() {
        for (level, expected) in [
            ("info", "info,tower_lsp_server=warn"),
            ("DEBUG", "DEBUG,tower_lsp_server=warn"),
            (
                "info,ropewalk=trace",
                "info,ropewalk=trace,tower_lsp_server=warn",
            ),
            ("debug,tower_lsp_server=info", "debug,tower_lsp_server=info"),
            (
                "tower_lsp_server::service=trace",
                "tower_lsp_server::service=trace",
            ),
            ("error", "error"),
            ("off", "off"),
            ("ropewalk=debug", "ropewalk=debug"),
        ] {
            assert_eq!(with_quiet_framework(level), expected);
        }
    }
}
