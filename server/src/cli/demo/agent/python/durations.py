"""Durations as people write them: 90s, 45m, 1h30m, 2h 5m 10s."""

import re

SECONDS = {"h": 3600, "m": 60, "s": 1}


def parse_duration(text):
    """The seconds that `text` stands for."""
    match = re.fullmatch(r"(\d+)([hms])", text.strip())
    if match is None:
        raise ValueError(f"not a duration: {text!r}")
    number, unit = match.groups()
    return int(number) * SECONDS[unit]
