"""What classification is made of."""

from services.classification.main import ClassificationSettings, create

TOLD = {
    "database_url": "postgresql://classification:pw@127.0.0.1:15432/classification",
    "nats_url": "nats://classification:pw@127.0.0.1:14222",
    "auth_public_key": "-----BEGIN PUBLIC KEY-----",
}


def test_classification_keeps_a_tree_and_dossiers_and_takes_in_decisions_made_elsewhere():
    service = create(ClassificationSettings(**TOLD))

    assert ["tree", "officials", "dossier", "closings"] == list(service.rebuilder.feeds)
    assert {"CellClassified"} == set(service.intake.handlers)


def test_classification_listens_on_8103_unless_told_otherwise():
    assert 8103 == ClassificationSettings(**TOLD).listening_port
    assert 9000 == ClassificationSettings(**TOLD | {"port": 9000}).listening_port
