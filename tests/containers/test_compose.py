"""compose.yaml and its secrets, read as text: neither an engine nor a YAML reader is needed."""

import re
import shutil
import subprocess

import pytest

from tests.containers.engine import MADE_HERE, ROOT, SERVICES, public_images

TEXT = (ROOT / "deploy/compose.yaml").read_text()
SHARED = re.search(r"^x-service: &service\n(.*?)\n\n", TEXT, re.MULTILINE | re.DOTALL)[1]
ROWS = dict(re.findall(r"^  (\w+):\n((?:    .*\n|\n)+)", TEXT[TEXT.index("\nservices:\n") :], re.MULTILINE))
"""Each service's own lines, by its name."""


@pytest.fixture(params=SERVICES)
def service(request):
    return request.param


def test_compose_starts_the_five_services_and_the_two_servers():
    assert {*SERVICES, "postgres", "nats"} == set(ROWS)


def test_a_service_waits_for_postgres_and_nats_only(service):
    waits = re.search(r"depends_on:\n((?:    .*\n)+)", SHARED)[1]

    assert ["postgres", "nats"] == re.findall(r"(\w+): \{condition: service_healthy\}", waits)
    assert "    <<: *service\n" in ROWS[service]
    assert "depends_on" not in ROWS[service]


def test_a_service_runs_without_rights_and_without_a_file_to_write():
    assert {"read_only: true", "tmpfs: [/tmp]", "cap_drop: [ALL]", "restart: unless-stopped"} < {
        line.strip() for line in SHARED.splitlines()
    }


def test_a_service_has_a_database_a_role_and_a_nats_user_of_its_own(service):
    name = service.upper()

    assert f"postgresql://{service}:${{POSTGRES_{name}_PASSWORD}}@postgres:5432/{service}\n" in ROWS[service]
    assert f"nats://{service}:${{NATS_{name}_PASSWORD}}@nats:4222\n" in ROWS[service]
    assert service in (ROOT / "deploy/postgres/init.sh").read_text()


def test_a_service_has_an_image_and_a_version_of_its_own(service):
    assert f"image: fourgood/{service}:${{{service.upper()}_VERSION:-local}}\n" in ROWS[service]
    assert f"SERVICE: {service}" in ROWS[service]


def test_no_secret_has_a_default():
    secrets = set(re.findall(r"\$\{(\w*(?:PASSWORD|KEY))\b", TEXT))
    required = set(re.findall(r"\$\{(\w+):\?", TEXT))

    assert required == secrets
    assert 14 == len(secrets)


def test_every_image_can_be_replaced_by_a_sites_own():
    assert MADE_HERE.keys() == public_images().keys()


def test_an_address_is_open_to_this_host_only_unless_the_site_says_otherwise():
    published = re.findall(r'ports: \["(.*)"\]', TEXT)

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
