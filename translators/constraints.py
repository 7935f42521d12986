"""What a type may say of its values beside their kind, for `shapes` and the settings to check.

Annotated[int, Range(1, None)]    a number of at least 1
Annotated[Tier, Closed]           an object without other members than these
"""

from typing import NamedTuple


class Range(NamedTuple):
    """The values a number may have, both ends included; None is no limit."""

    least: float | None
    most: float | None


class Closed:
    """Marks an object in which a member that its shape does not mention is refused."""
