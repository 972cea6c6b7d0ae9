"""The rules of the house that a machine can check. One that bends has its exception here, with the reason."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parent.parent
SERVICES = ["registry", "assessment", "classification", "notification", "reporting"]

LEVEL = {
    "domain": 1,
    "rules": 2,  # pure evaluation of a pack
    "persons": 2,  # the registry's encrypted names: storage, used by its use cases
    "duties": 1,  # what reporting reads of obligations: part of its events
    "events": 2,  # reporting's lean decoding of what views fold
    "application": 3,
    "credentials": 4,  # the registry at NATS's door
    "importing": 4,  # the registry's files of many rows, each recorded by a use case
    "ledger": 3,
    "publication": 4,
    "views": 4,
    "letters": 3,  # what they say
    "channels": 4,  # how notification reaches people
    "filing": 3,  # the fold of classification's dossiers
    "feed": 4,  # the ledger as history for reporting's views
    "follower": 5,
    "known": 5,  # reporting's views as they were known
    "cell": 5,  # what reporting's replay shows
    "shown": 5,  # what its routes answer
    "occasions": 6,  # of what notification tells, and whom besides
    "replay": 6,
    "lists": 6,  # reporting's lists of a subtree
    "console": 7,
    "reactions": 7,
    "api": 7,
    "main": 8,
    "__main__": 9,
    "__init__": 9,
}
"""Who may import whom within a service: only downwards. contracts and chassis lie beneath all of them."""

PURE = sys.stdlib_module_names - {
    "asyncio",
    "io",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "time",
}
"""What a domain may use of the standard library: nothing that reads the world."""

LONG: dict[str, str] = {}
"""Files over 300 lines, each with its reason."""

LINES_MAX = 300
TEST_LINES_MAX = 450
"""Stories are many and short: a test file is looked up, not read through."""

FUNCTION_LINES_MAX = 70


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", python_files("contracts"), ids=relative)
def test_contracts_stand_on_nothing_of_ours(path: Path):
    assert [] == [name for name in imported(path) if name.startswith(("services", "deploy", "tests"))]


@pytest.mark.parametrize("path", python_files("contracts/publisher"), ids=relative)
def test_a_publisher_needs_nothing_but_nats_and_pydantic(path: Path):
    needed = {name.split(".")[0] for name in imported(path)} - sys.stdlib_module_names
    assert set() == needed - {"contracts", "nats", "pydantic"}


@pytest.mark.parametrize("path", python_files("services/chassis"), ids=relative)
def test_the_chassis_knows_no_service(path: Path):
    known = ("contracts.", "services.chassis")
    ours = [name for name in imported(path) if name.startswith(("services", "contracts", "deploy", "tests"))]
    assert [] == [name for name in ours if not name.startswith(known)]


FOLDERS = ["eventlog", "views", "streams", "districts", "edge"]
"""The chassis' folders: each imports only those before it, and the modules beside them."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_folders_of_the_chassis_form_a_line(folder: str):
    above = tuple(f"services.chassis.{name}" for name in FOLDERS[FOLDERS.index(folder) + 1 :])
    upwards = [
        f"{relative(path)}: {name}"
        for path in python_files(f"services/chassis/{folder}")
        for name in imported(path)
        if above and name.startswith(above)
    ]
    assert [] == upwards


def test_every_folder_of_the_chassis_has_its_place():
    assert sorted(FOLDERS) == sorted(
        path.parent.name for path in (ROOT / "services/chassis").glob("*/__init__.py")
    )


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_imports_another(service: str):
    mine = ("services.chassis", f"services.{service}")
    foreign = [
        f"{relative(path)}: {name}"
        for path in python_files(f"services/{service}")
        for name in imported(path)
        if name.startswith(("services.", "deploy", "tests")) and not name.startswith(mine)
    ]
    assert [] == foreign


@pytest.mark.parametrize("service", SERVICES)
def test_imports_within_a_service_form_a_line(service: str):
    package = f"services.{service}."
    upwards = []
    for path in python_files(f"services/{service}"):
        role = path.relative_to(ROOT / "services" / service).parts[0].removesuffix(".py")
        for name in imported(path):
            if not name.startswith(package):
                continue
            target = name.removeprefix(package).split(".")[0]
            if target != role and LEVEL[target] >= LEVEL[role]:
                upwards.append(f"{relative(path)}: {name}")
    assert [] == upwards


@pytest.mark.parametrize("service", SERVICES)
def test_a_domain_does_no_io(service: str):
    mine = (f"services.{service}.domain",)
    chassis = [f"services.chassis.{module}" for module in ("aggregate", "errors", "working_days")]
    ours = ("eventsourcing.domain", "contracts.days", *chassis, *mine)
    foreign = [
        f"{relative(path)}: {name}"
        for path in python_files(f"services/{service}")
        if path.relative_to(ROOT / "services" / service).parts[0].removesuffix(".py") == "domain"
        for name in imported(path)
        if not name.startswith(ours) and (name.split(".")[0] not in PURE)
    ]
    assert [] == foreign


@pytest.mark.parametrize("path", python_files("deploy"), ids=relative)
def test_the_runtime_starts_services_and_never_imports_them(path: Path):
    assert [] == [name for name in imported(path) if name.startswith("services")]


CLOCKS = {"services/chassis/clock.py", "contracts/publisher/clock.py"}
"""The province's and the district's."""


def test_only_the_clocks_read_the_time():
    readers = [
        f"{relative(path)}:{node.lineno}"
        for path in python_files("services", "contracts")
        if relative(path) not in CLOCKS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr)
        in {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
    ]
    assert [] == readers


def test_only_the_settings_read_the_environment():
    readers = [
        f"{relative(path)}:{node.lineno}"
        for path in python_files("services", "contracts")
        if relative(path) != "services/chassis/settings.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}
    ]
    assert [] == readers


def test_no_test_sleeps():
    sleepers = [
        f"{relative(path)}:{node.lineno}"
        for path in python_files("tests")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "sleep"
    ]
    assert [] == sleepers


@pytest.mark.parametrize("path", python_files("contracts", "services", "deploy", "tests"), ids=relative)
def test_files_and_functions_can_be_read_in_one_go(path: Path):
    text = path.read_text()
    if relative(path) not in LONG:
        assert len(text.splitlines()) <= (TEST_LINES_MAX if relative(path).startswith("tests") else LINES_MAX)
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, functions)
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
        and not any(isinstance(inner, functions) for inner in ast.walk(node) if inner is not node)
    ]
    assert [] == long


def test_every_exception_for_length_is_still_needed():
    short = [name for name in LONG if len((ROOT / name).read_text().splitlines()) <= LINES_MAX]
    assert [] == short


def test_nothing_reads_the_shared_notes():
    notes = "../" + "shared"
    paths = [*python_files("contracts", "services", "deploy", "tests"), ROOT / "README.md", ROOT / "Makefile"]
    assert [] == [relative(path) for path in paths if notes in path.read_text()]


def test_postgresql_is_read_through_the_binary_driver():
    assert "binary" == psycopg.pq.__impl__
