"""The cranes of a harbour."""

from dataclasses import dataclass

from harbour.store import NotFound, Store


@dataclass
class Crane:
    """One crane."""

    identifier: int
    reach: str
    load: str


def load_cranes(connection: Store, harbour) -> list[Crane]:
    """All cranes, by their identifiers."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    rows = connection.select("cranes", harbour=harbour.identifier)
    return [Crane(**row) for row in sorted(rows, key=lambda row: row["identifier"])]


def find_crane(connection: Store, harbour, identifier: int) -> Crane:
    """One crane; it must be there."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    rows = connection.select("cranes", harbour=harbour.identifier, identifier=identifier)
    if not rows:
        raise NotFound("crane", identifier)
    return Crane(**rows[0])


def remove_crane(connection: Store, harbour, identifier: int) -> None:
    """Takes one crane out of the harbour; it must be there."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    if not connection.delete("cranes", harbour=harbour.identifier, identifier=identifier):
        raise NotFound("crane", identifier)
