"""Print the rows of requirements.lock that a service needs at run time, hashes and all.

The lock holds development's packages too. A new pip could choose by itself, with the lock as its constraint
(26.3 does; bookworm's 23.0 asks for a pin and a hash on every line), but a base image has the pip it has. So
the choice is made here, from the lock's own notes of what came `via` what, and the build runs `pip check`.
"""

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROW = re.compile(
    r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?==.*?(?=^[A-Za-z0-9]|\Z)", re.MULTILINE | re.DOTALL
)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def runtime_rows(lock: str, dependencies: Iterable[str]) -> list[str]:
    """Return the rows of `lock` for `dependencies` and for what those need, in the lock's order.

    Raises LookupError when a dependency has no row: the lock is older than the project file.
    """
    rows = {_normal(row[1]): row[0].rstrip() for row in ROW.finditer(lock)}
    wanted = {_normal(name[0]) for line in dependencies if (name := NAME.match(line))}
    if missing := wanted - rows.keys():
        raise LookupError(f"not in requirements.lock: {', '.join(sorted(missing))}; compile it again")
    needed_by = {name: _via(row) for name, row in rows.items()}
    found = wanted
    while more := {name for name, parents in needed_by.items() if parents & found} - found:
        found = found | more
    return [row for name, row in rows.items() if name in found]


def _via(row: str) -> set[str]:
    """Return who needs the package of `row`: the names in its `# via` note."""
    _, _, note = row.partition("# via")
    return {_normal(name[0]) for line in note.splitlines() if (name := NAME.search(line.strip(" #")))}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    try:
        rows = runtime_rows((folder / "requirements.lock").read_text(), project["dependencies"])
    except LookupError as error:
        sys.exit(f"runtime_requirements: {error.args[0]}")
    sys.stdout.write("\n".join(rows) + "\n")
