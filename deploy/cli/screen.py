"""What a person sees: tables and results on standard output, progress on standard error."""

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

OUT = Console(highlight=False, soft_wrap=False)
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
