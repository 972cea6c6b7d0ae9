"""compose.yaml and its secrets, read as a file: no engine needed."""

import re
import shutil
import subprocess

import pytest
import yaml

from tests.containers.engine import MADE_HERE, ROOT, SERVICES, public_images

COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
TEXT = (ROOT / "deploy/compose.yaml").read_text()


@pytest.fixture(params=SERVICES)
def service(request):
    return request.param


def test_a_service_waits_for_postgres_and_nats_only():
    assert {"postgres", "nats"} == {
        name for service in SERVICES for name in COMPOSE["services"][service]["depends_on"]
    }


def test_a_service_runs_without_rights_and_without_a_file_to_write(service):
    row = COMPOSE["services"][service]

    assert (True, ["/tmp"], ["ALL"]) == (row["read_only"], row["tmpfs"], row["cap_drop"])
    assert "unless-stopped" == row["restart"]


def test_a_service_has_a_database_a_role_and_a_nats_user_of_its_own(service):
    environment = COMPOSE["services"][service]["environment"]
    secret = service.upper()

    assert (
        f"postgresql://{service}:${{POSTGRES_{secret}_PASSWORD}}@postgres:5432/{service}"
        == environment["DATABASE_URL"]
    )
    assert f"nats://{service}:${{NATS_{secret}_PASSWORD}}@nats:4222" == environment["NATS_URL"]
    assert service in (ROOT / "deploy/postgres/init.sh").read_text()


def test_no_secret_has_a_default():
    secrets = set(re.findall(r"\$\{(\w*(?:PASSWORD|KEY))\b", TEXT))
    required = set(re.findall(r"\$\{(\w+):\?", TEXT))

    assert required == secrets
    assert 13 == len(secrets)


def test_every_image_can_be_replaced_by_a_sites_own():
    assert MADE_HERE.keys() == public_images().keys()


def test_an_address_is_open_to_this_host_only_unless_the_site_says_otherwise():
    published = [port for row in COMPOSE["services"].values() for port in row.get("ports", [])]

    assert 6 == len(published)
    assert all(re.match(r"\$\{\w+_BIND:-127\.0\.0\.1:", port) for port in published)


def test_make_env_makes_every_secret_once_and_refuses_to_make_it_again(tmp_path):
    site = tmp_path / "deploy"
    (site / "nats").mkdir(parents=True)
    shutil.copy(ROOT / "deploy/make-env.sh", site)
    make = [site / "make-env.sh"]

    subprocess.run(make, check=True, capture_output=True)
    made = (site / ".env").read_text()
    again = subprocess.run(make, check=False, capture_output=True, text=True)

    assert set(re.findall(r"\$\{(\w+):\?", TEXT)) <= set(re.findall(r"^(\w+)=", made, re.MULTILINE))
    assert 1 == again.returncode
    assert "exists" in again.stderr
    assert made == (site / ".env").read_text()
    assert "0o600" == oct((site / ".env").stat().st_mode & 0o777)
