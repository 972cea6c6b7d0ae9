"""What assessment is made of, and what it needs to be told before it starts."""

import pytest

from contracts.catalogue import NOT_FROM_DISTRICTS, published_by
from services.assessment.main import AssessmentSettings, create

TOLD = {
    "database_url": "postgresql://assessment:pw@127.0.0.1:15432/assessment",
    "nats_url": "nats://assessment:pw@127.0.0.1:14222",
    "auth_public_key": "-----BEGIN PUBLIC KEY-----",
}


def test_assessment_follows_the_tree_and_its_own_stream_and_takes_in_what_it_owns():
    service = create(AssessmentSettings(**TOLD))

    views = ["frameworks", "meetings", "movement", "roll", "concerns", "supervision", "visits", "duties"]
    assert ["tree", "officials", "restrictions", "homes", *views, "closings"] == list(service.rebuilder.feeds)
    told = set(published_by("assessment")) - NOT_FROM_DISTRICTS
    assert {event.type.split(".")[1] for event in told} == set(service.intake.handlers)


def test_assessment_listens_on_its_own_port_unless_told_otherwise():
    assert 8102 == AssessmentSettings(**TOLD).listening_port


def test_without_a_database_assessment_does_not_start(capsys, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)

    with pytest.raises(SystemExit) as ended:
        AssessmentSettings.load(nats_url=TOLD["nats_url"], auth_public_key=TOLD["auth_public_key"])

    assert 2 == ended.value.code
    assert "DATABASE_URL: field required" in capsys.readouterr().err
