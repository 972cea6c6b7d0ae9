"""The short chaos of `make test-long`: nothing is lost, doubled or reordered, whatever dies under load."""

from collections import Counter

import pytest

from tests.assessment.year import COMMANDS
from tests.chaos.checker.folds import name_of
from tests.chaos.checker.verdict import counts, problems
from tests.chaos.conftest import Aftermath

CHANGES = (
    *("OrganizationRenamed", "OrganizationMoved", "OrganizationMerged"),
    *("MemberRecognized", "MemberReleased", "MemberTransferred", "MemberExempted", "MemberReinstated"),
    *("RecognitionVoteFailed", "MembershipEnded", "OfficialAppointed", "OfficialRelieved"),
)
"""What may befall cells and members, beside being founded and admitted."""

IN_CELLS = tuple(COMMANDS)
"""What cells do, and what becomes of it."""


@pytest.mark.long
def test_nothing_is_lost_doubled_or_reordered_by_what_befalls_a_province(aftermath: Aftermath):
    counted = counts(aftermath.sound)
    print(counted)

    assert [] == problems(aftermath.sound)
    told = Counter(name_of(message) for _, message in aftermath.sound.ledger)
    assert [] == [name for name in (*CHANGES, *IN_CELLS) if not told[name]], "the load told none of these"
    assert counted["unknown"] > 0, "nothing broke off: no fault was felt"
    assert min(counted["acknowledged"], counted["receipts accepted"], counted["ledger entries"]) > 50
