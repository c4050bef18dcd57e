"""The berths of a harbour."""

from dataclasses import dataclass

from harbour.store import NotFound, Store


@dataclass
class Berth:
    """One berth."""

    identifier: int
    length: str
    depth: str


def load_berths(connection: Store, harbour) -> list[Berth]:
    """All berths, by their identifiers."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    rows = connection.select("berths", harbour=harbour.identifier)
    return [Berth(**row) for row in sorted(rows, key=lambda row: row["identifier"])]


def find_berth(connection: Store, harbour, identifier: int) -> Berth:
    """One berth; it must be there."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    rows = connection.select("berths", harbour=harbour.identifier, identifier=identifier)
    if not rows:
        raise NotFound("berth", identifier)
    return Berth(**rows[0])


def remove_berth(connection: Store, harbour, identifier: int) -> None:
    """Takes one berth out of the harbour; it must be there."""
    connection.audit.record(harbour.identifier, harbour.revision, harbour.operator)
    if not connection.delete("berths", harbour=harbour.identifier, identifier=identifier):
        raise NotFound("berth", identifier)
