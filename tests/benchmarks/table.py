"""The figures as one table, in Markdown, so that a page can hold it as it was printed."""

from collections.abc import Sequence

from tests.benchmarks.growth import Step
from tests.benchmarks.scenarios import Figure

Row = Sequence[str]


def figures(measured: Sequence[Figure]) -> str:
    rows = [
        (each.what, each.unit, number(each.outcrop), each.against, number(each.reference), ratio(each.ratio))
        for each in measured
    ]
    return markdown(("scenario", "figure", "Outcrop", "against", "that", "ratio"), rows)


def growth(measured: Sequence[Step]) -> str:
    rows = [
        (
            f"{each.input:,} {each.axis}",
            number(each.cost),
            ratio(each.ratio),
            "too much" if each.too_much else "",
        )
        for each in measured
    ]
    return markdown(("growth", "ms CPU", "to the one before", ""), rows)


def markdown(heads: Row, rows: Sequence[Row]) -> str:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    rule = ["-" * width for width in widths]
    return "\n".join(line(cells, widths) for cells in (heads, rule, *rows)) + "\n"


def line(cells: Row, widths: Sequence[int]) -> str:
    return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"


def ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def number(value: float) -> str:
    """Three digits, or all before the point.

    >>> number(3.14159), number(42.195), number(1234.5)
    ('3.14', '42.2', '1234')
    """
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
