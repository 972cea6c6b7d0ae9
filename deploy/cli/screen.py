"""What a person sees: tables and results on standard output, progress on standard error."""

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

# A file or a pipe has no width to wrap at.
OUT = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
ERR = Console(stderr=True, highlight=False)


def bar() -> Progress:
    """Return a progress bar that vanishes when done, and is silent where nobody watches."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=ERR,
        transient=True,
        disable=not ERR.is_terminal,
    )


def table(*columns: str, rows: Iterable[Iterable[object]], title: str | None = None) -> Table:
    """Return a plain table; None is shown as a dash."""
    drawn = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*("–" if cell is None else str(cell) for cell in row))
    return drawn
