"""What is written is true: what a reader may look for is documented, and what is documented exists."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_command

from contracts.catalogue import CATALOGUE
from deploy.cli import app
from services.chassis.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SERVICES = ["registry", "assessment", "classification", "notification", "reporting"]
DOCUMENTS = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {".venv", ".data", "wheels"} & set(path.relative_to(ROOT).parts)
)


def settings_of(service: str) -> type[Settings]:
    main = import_module(f"services.{service}.main")
    [found] = [
        kind
        for kind in vars(main).values()
        if isinstance(kind, type) and issubclass(kind, Settings) and kind is not Settings
    ]
    return found


def classes_in(service: str, role: str) -> list[ast.ClassDef]:
    place = ROOT / "services" / service
    files = (
        [place / f"{role}.py"] if (place / f"{role}.py").exists() else sorted((place / role).rglob("*.py"))
    )
    trees = [ast.parse(path.read_text()) for path in files]
    return [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]


def bases(node: ast.ClassDef) -> set[str]:
    return {base.id for base in node.bases if isinstance(base, ast.Name)}


def test_the_readme_opens_with_the_two_commands():
    assert ["make run", "make test"] == re.findall(r"^make \w+", README, re.MULTILINE)[:2]


def test_every_target_of_the_makefile_is_in_the_readme():
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets is not None
    assert [] == [
        target
        for target in targets[1].split()
        if f"`{target}`" not in README and f"make {target}" not in README
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_is_in_the_readme(service: str):
    assert [] == [
        name.upper() for name in settings_of(service).model_fields if f"`{name.upper()}`" not in README
    ]


def test_every_command_of_the_command_line_is_in_the_readme_and_has_an_example():
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert [] == [name for name in commands if f"`fourgood {name}" not in README]
    assert [] == [
        name
        for name, command in commands.items()
        if not hasattr(command, "commands")
        and "fourgood" not in (command.epilog or "") + (command.help or "")
    ]


def test_every_part_of_the_chassis_is_on_its_page():
    text = (ROOT / "services/chassis/README.md").read_text()
    parts = {path.name for path in (ROOT / "services/chassis").rglob("[!_]*.py")}
    assert parts == set(re.findall(r"`(\w+\.py)`", text)) - {"main.py"}


def test_every_target_explains_itself_in_the_makefiles_help():
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets is not None
    assert set(targets[1].split()) == set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


def test_every_public_event_has_its_row():
    rows = (ROOT / "contracts/README.md").read_text()
    assert [] == [type for type in CATALOGUE if type.split(".")[1] not in rows]


@pytest.mark.parametrize("service", ["registry", "assessment", "classification"])
def test_every_refusal_is_in_its_service_readme(service: str):
    text = (ROOT / "services" / service / "README.md").read_text()
    refusals = [
        node.name for node in classes_in(service, "domain") if bases(node) & {"Refused", "NotYetKnown"}
    ]
    assert [] != refusals
    assert [] == [name for name in refusals if name not in text]


@pytest.mark.parametrize("service", ["registry", "assessment", "classification", "notification"])
def test_every_fact_is_in_its_service_readme(service: str):
    text = (ROOT / "services" / service / "README.md").read_text()
    facts = [
        f"{aggregate.name}.{fact.name}"
        for aggregate in classes_in(service, "domain")
        if "Aggregate" in bases(aggregate)
        for fact in aggregate.body
        if isinstance(fact, ast.ClassDef) and fact.name != "Event"
    ]
    assert [] != facts
    assert [] == [name for name in facts if name.split(".")[1] not in text]


@pytest.mark.parametrize("service", ["registry", "assessment", "classification"])
def test_every_refusal_names_its_rule(service: str):
    refusals = [node for node in classes_in(service, "domain") if bases(node) & {"Refused", "NotYetKnown"}]
    assert [] == [node.name for node in refusals if not ast.get_docstring(node)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path):
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text())
    assert [] == [link for link in links if not (document.parent / link).exists()]


def test_every_file_the_readme_names_exists():
    named = re.findall(r"`((?:services|tests|deploy|contracts)/[\w/.]+)`", README)
    assert [] != named
    assert [] == [name for name in named if not (ROOT / name).exists()]


def test_the_changelog_says_something_new():
    assert "## Unreleased\n\n- " in (ROOT / "CHANGELOG.md").read_text()


def test_no_document_names_a_place_of_one_machine():
    machine = re.compile(r"(/work/|/root/|/home/\w+/)")
    assert [] == [str(path.relative_to(ROOT)) for path in DOCUMENTS if machine.search(path.read_text())]
