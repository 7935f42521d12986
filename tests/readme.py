"""README, and that of the local Bedrock, as tests read them: sections, tables and examples."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
LOCAL = (ROOT / "proxy" / "local" / "README.md").read_text()


def section(title: str, page: str = README) -> str:
    return page.split(f"\n## {title}\n")[1].split("\n## ")[0]


def table(title: str, heading: str, page: str = README) -> list[list[str]]:
    """The rows of a section's table whose first column has this heading, as their cells."""
    lines = iter(section(title, page).splitlines())
    assert any(cells(line)[0] == heading for line in lines), f"{title} has no table of {heading!r}"
    next(lines)  # |---|
    rows = []
    while (line := next(lines, "")).startswith("|"):
        rows.append(cells(line))
    return rows


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def names(cell: str) -> set[str]:
    """What stands in backticks."""
    return set(re.findall(r"`([^`]+)`", cell))


def examples(title: str, language: str, page: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", section(title, page), re.DOTALL | re.MULTILINE)
