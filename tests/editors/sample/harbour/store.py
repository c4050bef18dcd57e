"""Rows in memory, by table, with a record of who asked for them."""


class NotFound(Exception):
    """Something that should be in the harbour is not."""

    def __init__(self, kind: str, identifier: int) -> None:
        super().__init__(f"there is no {kind} {identifier}")


class Audit:
    """Who looked at which state of a harbour."""

    def __init__(self) -> None:
        self.entries = []

    def record(self, identifier: int, revision: int, operator: str) -> None:
        """Adds an entry."""
        self.entries.append((identifier, revision, operator))


class Store:
    """All tables."""

    def __init__(self) -> None:
        self.tables = {}
        self.audit = Audit()

    def select(self, table: str, **wanted) -> list[dict]:
        """The rows of a table that have all the wanted values."""
        rows = self.tables.get(table, [])
        return [row for row in rows if all(row.get(name) == value for name, value in wanted.items())]

    def delete(self, table: str, **wanted) -> int:
        """Deletes the rows that `select` would return and counts them."""
        doomed = self.select(table, **wanted)
        self.tables[table] = [row for row in self.tables.get(table, []) if row not in doomed]
        return len(doomed)
