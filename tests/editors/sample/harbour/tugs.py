"""The tugs of a harbour."""

from dataclasses import dataclass

from harbour.store import NotFound, Store


@dataclass
class Tug:
    """One tug."""

    identifier: int
    power: str
    crew: str


def load_tugs(connection: Store, harbour) -> list[Tug]:
    """All tugs, by their identifiers."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    rows = connection.select("tugs", harbour=harbour.identifier)
    return [Tug(**row) for row in sorted(rows, key=lambda row: row["identifier"])]


def find_tug(connection: Store, harbour, identifier: int) -> Tug:
    """One tug; it must be there."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    rows = connection.select("tugs", harbour=harbour.identifier, identifier=identifier)
    if not rows:
        raise NotFound("tug", identifier)
    return Tug(**rows[0])


def remove_tug(connection: Store, harbour, identifier: int) -> None:
    """Takes one tug out of the harbour; it must be there."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    if not connection.delete("tugs", harbour=harbour.identifier, identifier=identifier):
        raise NotFound("tug", identifier)
