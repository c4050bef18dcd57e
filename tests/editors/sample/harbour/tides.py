"""The tides of a harbour."""

from dataclasses import dataclass

from harbour.store import NotFound, Store


@dataclass
class Tide:
    """One tide."""

    identifier: int
    height: str
    moment: str


def load_tides(connection: Store, harbour) -> list[Tide]:
    """All tides, by their identifiers."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    rows = connection.select("tides", harbour=harbour.identifier)
    return [Tide(**row) for row in sorted(rows, key=lambda row: row["identifier"])]


def find_tide(connection: Store, harbour, identifier: int) -> Tide:
    """One tide; it must be there."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    rows = connection.select("tides", harbour=harbour.identifier, identifier=identifier)
    if not rows:
        raise NotFound("tide", identifier)
    return Tide(**rows[0])


def remove_tide(connection: Store, harbour, identifier: int) -> None:
    """Takes one tide out of the harbour; it must be there."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    if not connection.delete("tides", harbour=harbour.identifier, identifier=identifier):
        raise NotFound("tide", identifier)
