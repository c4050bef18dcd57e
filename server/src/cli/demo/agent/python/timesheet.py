"""Sums up a time sheet: on each line a duration, a tab, and what it went into."""

import sys

from durations import parse_duration


def total(lines):
    """The seconds of all entries; empty lines do not count."""
    entries = (line.partition("\t")[0] for line in lines if line.strip())
    return sum(parse_duration(entry) for entry in entries)


if __name__ == "__main__":
    minutes = total(sys.stdin) // 60
    print(f"{minutes // 60} h {minutes % 60} min")
