"""The pilots of a harbour."""

from dataclasses import dataclass

from harbour.store import NotFound, Store


@dataclass
class Pilot:
    """One pilot."""

    identifier: int
    licence: str
    languages: str


def load_pilots(connection: Store, harbour) -> list[Pilot]:
    """All pilots, by their identifiers."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    rows = connection.select("pilots", harbour=harbour.identifier)
    return [Pilot(**row) for row in sorted(rows, key=lambda row: row["identifier"])]


def find_pilot(connection: Store, harbour, identifier: int) -> Pilot:
    """One pilot; it must be there."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    rows = connection.select("pilots", harbour=harbour.identifier, identifier=identifier)
    if not rows:
        raise NotFound("pilot", identifier)
    return Pilot(**rows[0])


def remove_pilot(connection: Store, harbour, identifier: int) -> None:
    """Takes one pilot out of the harbour; it must be there."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    if not connection.delete("pilots", harbour=harbour.identifier, identifier=identifier):
        raise NotFound("pilot", identifier)
