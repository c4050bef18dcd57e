//! Which walls can be had here: tried, not guessed, the strongest first.

use std::{env, fmt, path::Path};

use crate::Wall;

#[cfg(target_os = "linux")]
mod attempt;

/// The environment variable that asks for a wall: `overlay`, `overlay-shared-network`, `copy` or `none`.
pub const WALL_VARIABLE: &str = "ROPEWALK_WALL";

/// Which wall can be had, and why no stronger one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The strongest that works.
    pub wall: Wall,
    /// The stronger ones, the strongest first.
    pub refused: Vec<Refused>,
}

/// A wall that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which.
    pub wall: Wall,
    /// Why not, in a sentence without its full stop.
    pub reason: String,
}

/// Why a wall that was asked for cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The variable has another value.
    #[error(
        "{WALL_VARIABLE} is {0:?}; it can be \"overlay\", \"overlay-shared-network\", \"copy\" or \"none\""
    )]
    Unknown(String),
    /// It does not work here.
    #[error("{WALL_VARIABLE} asks for a wall that cannot be had here: {0}")]
    Refused(Refused),
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.wall, self.reason)
    }
}

/// Tries the walls with a confined process each, which works in a folder of its own below `scratch`, until one works.
///
/// `scratch` exists and is where twins are to be kept: its file system decides whether there can be an overlay. Where the
/// strongest wall works this costs one start of a confined process. [`WALL_VARIABLE`] asks for one wall alone.
///
/// # Errors
/// When the variable asks for what is not there.
pub fn probe(scratch: &Path) -> Result<Probe, ProbeError> {
    probe_for(wanted()?, |wall| attempt(wall, scratch))
}

/// The wall that the environment asks for.
///
/// # Errors
/// When there is none of that name.
pub fn wanted() -> Result<Option<Wall>, ProbeError> {
    let Some(value) = env::var_os(WALL_VARIABLE).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let value = value.to_string_lossy().into_owned();
    let wall = Wall::ALL.into_iter().find(|wall| wall.name() == value);
    wall.map(Some).ok_or(ProbeError::Unknown(value))
}

fn probe_for(
    wanted: Option<Wall>,
    attempt: impl Fn(Wall) -> Result<(), String>,
) -> Result<Probe, ProbeError> {
    let mut refused = Vec::new();
    for wall in Wall::ALL {
        let refusal = match wanted {
            // The strongest comes first.
            Some(wanted) if wall < wanted => Err(format!("{WALL_VARIABLE} asks for a weaker one")),
            _ => attempt(wall),
        };
        match refusal {
            Ok(()) => return Ok(Probe { wall, refused }),
            Err(reason) if wanted == Some(wall) => {
                return Err(ProbeError::Refused(Refused { wall, reason }));
            }
            Err(reason) => refused.push(Refused { wall, reason }),
        }
    }
    Ok(Probe {
        wall: Wall::None,
        refused,
    })
}

fn attempt(wall: Wall, scratch: &Path) -> Result<(), String> {
    if wall == Wall::None {
        return Ok(());
    }
    #[cfg(target_os = "linux")]
    return attempt::attempt(wall, scratch);
    #[cfg(target_os = "macos")]
    return super::seatbelt::attempt(wall, scratch);
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    {
        let _ = scratch;
        Err(super::ConfinementError::NoSuchWall(wall).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe_where(works: &[Wall], wanted: Option<Wall>) -> Result<Probe, String> {
        let attempt = |wall| match works.contains(&wall) || wall == Wall::None {
            true => Ok(()),
            false => Err("not here".to_owned()),
        };
        probe_for(wanted, attempt).map_err(|error| error.to_string())
    }

    fn refused(walls: &[(Wall, &str)]) -> Vec<Refused> {
        let refused = walls.iter().map(|(wall, reason)| Refused {
            wall: *wall,
            reason: (*reason).into(),
        });
        refused.collect()
    }

    #[test]
    fn the_strongest_that_works_is_taken_and_the_others_are_accounted_for() {
        let found = probe_where(&[Wall::Copy, Wall::OverlaySharedNetwork], None).unwrap();
        let expected = Probe {
            wall: Wall::OverlaySharedNetwork,
            refused: refused(&[(Wall::Overlay, "not here")]),
        };
        assert_eq!(found, expected);
        let nothing = probe_where(&[], None).unwrap();
        assert_eq!((nothing.wall, nothing.refused.len()), (Wall::None, 3));
    }

    #[test]
    fn a_weaker_one_can_be_asked_for_and_nothing_else_is_given() {
        let all = [Wall::Overlay, Wall::OverlaySharedNetwork, Wall::Copy];
        let weaker = "ROPEWALK_WALL asks for a weaker one";
        let expected = Probe {
            wall: Wall::Copy,
            refused: refused(&[
                (Wall::Overlay, weaker),
                (Wall::OverlaySharedNetwork, weaker),
            ]),
        };
        assert_eq!(probe_where(&all, Some(Wall::Copy)), Ok(expected));
        let error = probe_where(&[Wall::Copy], Some(Wall::Overlay)).unwrap_err();
        expect_test::expect![[r#"ROPEWALK_WALL asks for a wall that cannot be had here: an overlay in namespaces of its own, without network: not here"#]]
            .assert_eq(&error);
    }
}
