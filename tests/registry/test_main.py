"""What the registry needs to be told before it starts."""

from base64 import b64encode

import pytest

from contracts.catalogue import NOT_FROM_DISTRICTS, published_by
from services.registry.main import RegistrySettings, create

TOLD = {
    "database_url": "postgresql://registry:pw@127.0.0.1:15432/registry",
    "nats_url": "nats://registry:pw@127.0.0.1:14222",
    "auth_public_key": "-----BEGIN PUBLIC KEY-----",
    "master_key": b64encode(bytes(32)).decode(),
}


def test_the_registry_follows_its_own_stream_and_takes_in_what_it_owns():
    service = create(RegistrySettings(**TOLD))

    assert ["tree", "officials", "on_left", "closings"] == list(service.rebuilder.feeds)
    theirs = set(published_by("registry")) - NOT_FROM_DISTRICTS
    assert {event.__name__ for event in theirs} == set(service.intake.handlers)


@pytest.mark.parametrize(
    ("master_key", "why"),
    [("secret!", "is not base64"), (b64encode(bytes(16)).decode(), "holds 16 bytes, not 32")],
)
def test_a_master_key_that_is_none_ends_the_start_in_one_line_that_does_not_repeat_it(
    master_key, why, capsys
):
    with pytest.raises(SystemExit) as ended:
        RegistrySettings.load(**TOLD | {"master_key": master_key})

    line = capsys.readouterr().err
    assert 2 == ended.value.code
    assert f"registry: cannot start: MASTER_KEY: value error, {why}\n" == line


def test_without_a_master_key_the_registry_does_not_start(capsys, monkeypatch):
    monkeypatch.delenv("MASTER_KEY", raising=False)

    with pytest.raises(SystemExit) as ended:
        RegistrySettings.load(**{name: value for name, value in TOLD.items() if name != "master_key"})

    assert 2 == ended.value.code
    assert "MASTER_KEY: field required" in capsys.readouterr().err
