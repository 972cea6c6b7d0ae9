"""Settings: what is missing, empty or misspelt is said in one line, before anything starts."""

import pytest

from services.chassis.settings import Settings
from tests.certificates import Authority

GIVEN = {
    "DATABASE_URL": "postgresql://registry:pw@127.0.0.1:1/registry",
    "NATS_URL": "nats://registry:pw@127.0.0.1:1",
    "AUTH_PUBLIC_KEY": "PEM",
}


class LampSettings(Settings):
    service = "lamps"
    port_default = 8199


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("AUTH_ISSUER", "HOST", "PORT", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def refusal(capsys):
    """Return the line with which the settings refuse."""
    with pytest.raises(SystemExit) as end:
        LampSettings.load()
    out, err = capsys.readouterr()
    assert (2, "") == (end.value.code, out)
    [line] = err.splitlines()
    return line


def test_the_environment_is_enough():
    settings = LampSettings.load()

    assert ("fourgood", "127.0.0.1", 8199, "info") == (
        settings.auth_issuer,
        settings.host,
        settings.listening_port,
        settings.log_level,
    )


def test_a_given_port_goes_before_the_services_own(environment):
    environment.setenv("PORT", "9000")

    assert 9000 == LampSettings.load().listening_port


def test_an_authority_is_a_certificate(environment, capsys):
    environment.setenv("NATS_AUTHORITY", Authority().pem)
    assert LampSettings.load().nats_authority.startswith("-----BEGIN CERTIFICATE-----")

    environment.setenv("NATS_AUTHORITY", "authority.pem")
    assert "NATS_AUTHORITY: value error, no certificate in pem" in refusal(capsys)


@pytest.mark.parametrize("name", GIVEN)
def test_a_missing_setting_is_named(environment, capsys, name):
    environment.delenv(name)

    assert f"lamps: cannot start: {name}: field required" == refusal(capsys)


@pytest.mark.parametrize("name", GIVEN)
def test_an_empty_setting_is_a_missing_one(environment, capsys, name):
    environment.setenv(name, "")

    assert f"lamps: cannot start: {name}: field required" == refusal(capsys)


def test_all_that_is_missing_is_named_at_once(environment, capsys):
    environment.delenv("DATABASE_URL")
    environment.delenv("NATS_URL")

    line = refusal(capsys)
    assert "DATABASE_URL" in line
    assert "NATS_URL" in line


def test_a_misspelt_setting_is_told_its_right_name(environment, capsys):
    environment.setenv("AUTH_PUBLIC_KEYS", "PEM")

    assert "lamps: unknown setting AUTH_PUBLIC_KEYS; did you mean AUTH_PUBLIC_KEY?" == refusal(capsys)


def test_a_setting_out_of_its_bounds_is_refused(environment, capsys):
    environment.setenv("PORT", "70000")

    assert "PORT: input should be less than or equal to 65535" in refusal(capsys)


def test_a_secret_is_not_repeated_when_settings_are_shown_or_refused(environment, capsys):
    environment.setenv("LOG_LEVEL", "shouting")

    assert "pw@" not in refusal(capsys)
    environment.delenv("LOG_LEVEL")
    assert "pw@" not in repr(LampSettings.load())
