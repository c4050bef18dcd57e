"""A module's docstring."""
import os

TURNS = 3


class Rope(Base):
    """Holds strands."""

    length = 1

    def __init__(self, count):
        # a comment
        self.name = f"rope {len(count)} long"

        def inner():
            return helper($0count)

        os.path.join("a", 'b')

    @property
    async def twist(self): ...


def main():
    Rope(3).twist()
