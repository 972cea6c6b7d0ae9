"""The short chaos of `make test`: nothing is lost, doubled or reordered, whatever dies under load."""

from tests.chaos.checker.verdict import counts, problems
from tests.chaos.conftest import Aftermath


def test_nothing_is_lost_doubled_or_reordered_by_what_befalls_a_province(aftermath: Aftermath):
    counted = counts(aftermath.sound)
    print(counted)

    assert [] == problems(aftermath.sound)
    assert counted["unknown"] > 0, "nothing broke off: no fault was felt"
    assert min(counted["acknowledged"], counted["receipts accepted"], counted["ledger entries"]) > 50
