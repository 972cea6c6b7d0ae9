"""What a timeline says of officials and targets, in each language."""

from pathlib import Path

import pytest

from services.chassis.delivery import envelope_in
from services.reporting.console.sentences import sentence
from services.reporting.console.texts import load
from services.reporting.replay import Entry

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"


@pytest.mark.parametrize(
    ("type", "language", "said"),
    [
        (
            "registry.OfficialAppointed.v1",
            "en",
            "TU-M-00005 became secretary from 15 Jun 2022 until 14 Jun 2025"
            " by decision 118-QĐ/HU of 10 Jun 2022.",
        ),
        (
            "registry.OfficialAppointed.v1",
            "vi",
            "TU-M-00005 giữ chức vụ bí thư từ 15/06/2022 đến 14/06/2025,"
            " theo Quyết định 118-QĐ/HU ngày 10/06/2022.",
        ),
        ("registry.OfficialRelieved.v1", "en", "TU-M-00005 ceased to be secretary on 1 Mar 2024."),
        ("registry.OfficialRelieved.v1", "vi", "TU-M-00005 thôi giữ chức vụ bí thư từ 01/03/2024."),
        ("registry.TargetSet.v1", "en", "The target for 2025: 75 % of organizations good or better."),
        (
            "registry.TargetSet.v1",
            "vi",
            "Chỉ tiêu năm 2025: 75 % tổ chức đảng xếp loại tốt trở lên.",
        ),
    ],
)
def test_an_event_is_told_in_the_language_of_the_reader(type, language, said):
    message = envelope_in((EXAMPLES / f"{type}.json").read_bytes())

    assert said == sentence(Entry(1, message), load(language))
