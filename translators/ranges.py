"""The values a number may have, said where its type is: `Annotated[int, Range(1, None)]`."""

from typing import NamedTuple


class Range(NamedTuple):
    """The values a number may have, both ends included; None is no limit."""

    least: float | None
    most: float | None
