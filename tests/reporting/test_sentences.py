"""What a timeline says of each event, in each language."""

from pathlib import Path

import msgspec
import pytest

from contracts.catalogue import CATALOGUE
from services.chassis.delivery import envelope_in
from services.reporting.console.sentences import sentence
from services.reporting.console.texts import LANGUAGES, load
from services.reporting.replay import Entry

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"


def example(type):
    return Entry(1, envelope_in((EXAMPLES / f"{type}.json").read_bytes()))


@pytest.mark.parametrize(
    ("type", "language", "said"),
    [
        (
            "registry.OfficialAppointed.v1",
            "en",
            "TU-M-00005 became secretary from 15 Jun 2022 until 14 Jun 2025 (118-QĐ/HU of 10 Jun 2022).",
        ),
        (
            "registry.OfficialAppointed.v1",
            "vi",
            "TU-M-00005 giữ chức vụ bí thư từ 15/06/2022 đến 14/06/2025 (118-QĐ/HU ngày 10/06/2022).",
        ),
        (
            "registry.OfficialRelieved.v1",
            "en",
            "TU-M-00005 ceased to be secretary on 1 Mar 2024, because they went to another cell"
            " (41-QĐ/HU of 26 Feb 2024).",
        ),
        (
            "registry.RecognitionVoteFailed.v1",
            "en",
            "The vote on recognizing QN-M-00022 on 21 May 2025 failed. 13 of 20 summoned were in favour.",
        ),
        (
            "registry.RecognitionVoteFailed.v1",
            "vi",
            "Biểu quyết công nhận chính thức QN-M-00022 ngày 21/05/2025 không đạt."
            " 13/20 đảng viên được triệu tập tán thành.",
        ),
        (
            "assessment.SelfAssessmentReturned.v1",
            "en",
            "HONG-PHONG returned the self-assessment for Sep 2024 on 10 Oct 2024, to be submitted again by"
            " 15 Oct 2024. Reason: Chưa kèm biên bản buổi sinh hoạt chuyên đề.",
        ),
        (
            "assessment.SelfAssessmentResubmitted.v1",
            "en",
            "What was returned of Sep 2024 was submitted again, 14 criteria answered: four good.",
        ),
        (
            "assessment.SelfAssessmentAccepted.v1",
            "vi",
            "HONG-PHONG chấp nhận bản tự đánh giá 09/2024 ngày 14/10/2024.",
        ),
        (
            "assessment.SelfAssessmentRestated.v1",
            "vi",
            "HONG-PHONG cho sửa lại kết quả đã chấp nhận của 09/2024."
            " Lý do: Kiểm tra biên bản: chỉ một trong ba buổi bàn giải pháp.",
        ),
        (
            "assessment.SubmissionReopened.v1",
            "vi",
            "HONG-PHONG mở lại 09/2024 đến hết 18/04/2025 (31-QĐ/ĐU ngày 07/04/2025)."
            " Lý do: Chi bộ nộp thiếu phiếu do ảnh hưởng của bão số 3.",
        ),
        (
            "registry.OrganizationMerged.v1",
            "vi",
            "Sáp nhập vào BIEU-NGHI từ 01/07/2025, cùng đảng viên và các tổ chức trực thuộc"
            " (1205-QĐ/TU ngày 27/06/2025).",
        ),
        (
            "registry.CellFellBelowMinimum.v1",
            "en",
            "Left with 2 full members on 2 Oct 2026, a cell needs 3: it decides nothing until its superior"
            " sends members or merges it.",
        ),
        (
            "registry.DeadlineNoted.v1",
            "vi",
            "Quá hạn ngày 13/11/2026: công nhận đảng viên chính thức (QN-M-00031).",
        ),
        (
            "registry.TargetSet.v1",
            "en",
            "The target for 2025: 75 % of organizations good or better (66-KH/TU of 3 Jan 2025).",
        ),
        (
            "registry.TargetSet.v1",
            "vi",
            "Chỉ tiêu năm 2025: 75 % tổ chức đảng xếp loại tốt trở lên (66-KH/TU ngày 03/01/2025).",
        ),
        (
            "assessment.MovementLaunched.v1",
            "en",
            "Launched the movement on 28 Jun 2024, after MUONG-KHUONG:"
            " Phát động phong trào thi đua xây dựng chi bộ bốn tốt (45-KH/ĐU of 28 Jun 2024).",
        ),
        (
            "assessment.EmulationAgreementSigned.v1",
            "vi",
            "Ký giao ước thi đua MK-2024-01 với MUONG-KHUONG ngày 28/06/2024, hai bên đã ký đủ:"
            " Xây dựng chi bộ bốn tốt, đảng bộ cơ sở bốn tốt.",
        ),
        (
            "assessment.CellRegistered.v1",
            "en",
            "Registered on 10 Dec 2024 to build the model in 2025, as meeting BIEU-NGHI-2024-12 resolved.",
        ),
        (
            "assessment.SupervisionAssigned.v1",
            "en",
            "TAM-KY assigned TK-M-0001 on 15 Jan 2024 to follow the cell in 2024:"
            " at least 2 visits (tam-ky).",
        ),
        (
            "assessment.SupervisionEnded.v1",
            "vi",
            "TK-M-0002 theo dõi chi bộ năm 2024 từ ngày 01/10/2024, thay TK-M-0001:"
            " điều động sang nhiệm vụ khác.",
        ),
        (
            "assessment.ModelReplicated.v1",
            "vi",
            "Nhân rộng cách làm của MK-C-08 từ ngày 05/09/2024: Thông báo nội dung trước buổi sinh hoạt.",
        ),
    ],
)
def test_an_event_is_told_in_the_language_of_the_reader(type, language, said):
    assert said == sentence(example(type), load(language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("type", CATALOGUE)
def test_every_event_ever_published_is_told_in_a_sentence_of_its_own(type, language):
    texts, entry = load(language), example(type)

    assert texts("said.other", name=entry.name) != sentence(entry, texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_event_nobody_knows_is_named(language):
    entry = example("registry.TargetSet.v1")
    unknown = Entry(1, msgspec.structs.replace(entry.message, type="registry.TargetForgotten.v2"))

    assert "TargetForgotten" in sentence(unknown, load(language))
