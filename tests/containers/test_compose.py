"""compose.yaml and its secrets, read as text: neither an engine nor a YAML reader is needed."""

import importlib
import json
import re
import shutil
import subprocess

import pytest

from deploy.embedded.keys import Keys
from services.chassis.settings import Settings
from tests.containers.engine import MADE_HERE, ROOT, SERVICES, public_images

TEXT = (ROOT / "deploy/compose.yaml").read_text()
SHARED = re.search(r"^x-service: &service\n(.*?)\n\n", TEXT, re.MULTILINE | re.DOTALL)[1]
SHARED_ENVIRONMENT = re.search(r"^x-environment: &environment\n(.*?)\n\n", TEXT, re.MULTILINE | re.DOTALL)[1]
SET_BY_THE_IMAGE = {"HOST", "PORT"}
ONLY_WHERE_NOTHING_IS_SECRET = {"SIGN_IN_TOKENS"}
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
    assert f"nats://{service}:${{NATS_{name}_PASSWORD}}@${{NATS_HOST:-nats}}:4222\n" in ROWS[service]
    assert service in (ROOT / "deploy/postgres/init.sh").read_text()


def test_a_service_can_be_told_every_setting_it_knows(service):
    module = importlib.import_module(f"services.{service}.main")
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Settings)]
    known = {name.upper() for name in kinds[-1].model_fields}

    told = set(re.findall(r"^ +([A-Z_]+): ", ROWS[service] + SHARED_ENVIRONMENT, re.MULTILINE))
    assert known == told | SET_BY_THE_IMAGE | (known & ONLY_WHERE_NOTHING_IS_SECRET)


def test_a_service_has_an_image_and_a_version_of_its_own(service):
    assert f"image: fourgood/{service}:${{{service.upper()}_VERSION:-local}}\n" in ROWS[service]
    assert f"SERVICE: {service}" in ROWS[service]


def test_no_secret_has_a_default():
    secrets = set(re.findall(r"\$\{(\w*(?:PASSWORD|KEY))\b", TEXT))
    required = set(re.findall(r"\$\{(\w+):\?", TEXT))

    assert required == secrets
    assert 15 == len(secrets)


def test_every_image_can_be_replaced_by_a_sites_own():
    assert MADE_HERE.keys() == public_images().keys()


def test_an_address_is_open_to_this_host_only_unless_the_site_says_otherwise():
    published = re.findall(r'"([^"]+)"', " ".join(re.findall(r"ports: \[(.*)\]", TEXT)))

    assert 7 == len(published)
    assert all(re.match(r"\$\{\w+_BIND:-127\.0\.0\.1:", port) for port in published)


def test_nats_answers_by_the_name_in_its_certificate():
    assert 'aliases: ["${NATS_HOST:-nats}"]' in ROWS["nats"]
    assert (ROOT / "deploy/nats/tls.conf").exists()  # tried in tests/deploy/test_tls.py
    assert '"/etc/nats/${NATS_CONFIG:-fourgood.conf}"' in ROWS["nats"]


@pytest.fixture
def site(tmp_path):
    """Return the scripts in a folder of their own, with a site made there."""
    (tmp_path / "nats").mkdir()
    for script in ("make-env.sh", "nats-issuer.sh"):
        shutil.copy(ROOT / "deploy" / script, tmp_path)
    run(tmp_path / "make-env.sh")
    return tmp_path


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options)


def test_make_env_makes_every_secret_once_and_refuses_to_make_it_again(site):
    made = (site / ".env").read_text()

    with pytest.raises(subprocess.CalledProcessError) as refused:
        run(site / "make-env.sh")

    assert set(re.findall(r"\$\{(\w+):\?", TEXT)) <= set(re.findall(r"^(\w+)=", made, re.MULTILINE))
    assert "exists" in refused.value.stderr
    assert made == (site / ".env").read_text()
    assert "0o600" == oct((site / ".env").stat().st_mode & 0o777)


def test_the_command_line_finds_the_site_and_its_keys(site):
    keys = Keys(site / "site/keys")
    running = json.loads((site / "site/run.json").read_text())

    assert f"MASTER_KEY={keys.master_key}\n" in (site / ".env").read_text()
    assert keys.public_pem.replace("\n", "\\n") in (site / ".env").read_text()
    published = dict(re.findall(r"\$\{(\w+)_BIND:-([^}]+)\}", TEXT))
    assert {name: f"http://{published[name.upper()]}" for name in SERVICES} == running["services"]


def test_the_servers_know_the_registry_by_the_key_that_its_own_follows_from(site):
    assert f"NATS_ISSUER_KEY={Keys(site / 'site/keys').nats_issuer}\n" in (site / ".env").read_text()
