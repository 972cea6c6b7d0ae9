"""What a dossier holds of each organization's year, row by row."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.checker.frameworks import binding

Rows = dict[str, list[dict[str, Any]]]

PROVINCE_AHEAD = timedelta(hours=7)
EVIDENCE = (
    *("MemberAdmitted", "MemberTransferred", "MembershipEnded", "OrganizationMerged"),
    *("MeetingHeld", "MinutesCorrected", "SupervisorAttended"),
)
CAME_OR_WENT = {
    "MemberAdmitted": "ceremony_on",
    "MemberTransferred": "transferred_on",
    "MembershipEnded": "ended_on",
}
SELF_ASSESSED = (
    *("SelfAssessmentSubmitted", "SelfAssessmentCorrected"),
    *("SelfAssessmentResubmitted", "SelfAssessmentRestated"),
)
DECIDED = ("SelfAssessmentReturned", "SelfAssessmentAccepted", "SubmissionReopened")


def dossier(named: Iterable[tuple[str, dict[str, Any]]]) -> Rows:
    """Return the rows of the dossier's tables, from (name, message) of each event."""
    rows: Rows = {f"dossier.{table}": [] for table in ("evidence", "roll", "merger", "visit", "framework")}
    counting: dict[str, dict[str, Any]] = {}
    latest: dict[str, str] = {}
    results: dict[tuple[str, str], dict[str, Any]] = {}
    for name, message in named:
        said = message["data"]
        happened = datetime.fromisoformat(message["time"]).astimezone(UTC) + PROVINCE_AHEAD
        year = happened.year
        if name in CAME_OR_WENT:
            rows["dossier.roll"] += _came_or_went(name, said)
        elif name == "OrganizationMerged":
            row = {"organization": said["organization"], "successor": said["into"]}
            rows["dossier.merger"].append({**row, "day": said["effective_on"]})
        elif name in ("MeetingHeld", "MinutesCorrected"):
            year = (datetime.fromisoformat(said["held_at"]).astimezone(UTC) + PROVINCE_AHEAD).year
            row = {key: said[key] for key in ("meeting", "organization", "discusses_solutions", "present")}
            summoned = said["summoned"]["full"] + said["summoned"]["probationary"]
            row |= {"year": year, "thematic": said["kind"] == "THEMATIC", "summoned": summoned}
            if said.get("corrected_at", "") >= latest.get(said["meeting"], ""):
                counting[said["meeting"]], latest[said["meeting"]] = row, said.get("corrected_at", "")
        elif name == "SupervisorAttended":
            row = {key: said[key] for key in ("supervisor", "meeting", "organization")}
            rows["dossier.visit"].append({**row, "year": year})
        elif name in (*SELF_ASSESSED, *DECIDED):
            year = int(said["period"][:4])
            _stands(results, said)
        elif name == "CriteriaFrameworkIssued":
            row = {"id": message["id"], "type": message["type"]}
            rows["dossier.framework"].append(row | binding(said))
        if name in (*EVIDENCE, *SELF_ASSESSED, *DECIDED):
            row = {"id": message["id"], "type": message["type"], "organization": said["organization"]}
            rows["dossier.evidence"].append(row | {"year": year, "happened_on": f"{happened:%Y-%m-%d}"})
    rows["dossier.meeting"] = list(counting.values())
    rows["dossier.self_assessment"] = [
        {"organization": organization, "period": period, **row}
        for (organization, period), row in results.items()
    ]
    return rows


def _stands(results: dict[tuple[str, str], dict[str, Any]], said: dict[str, Any]) -> None:
    """Keep the version that is dated last. What a superior decided is none."""
    earlier = results.get((said["organization"], said["period"]), {"stated_on": ""})
    if "results" in said and said["submitted_on"] >= earlier["stated_on"]:
        row = {"stated_on": said["submitted_on"], "four_good": said["four_good"]}
        results[said["organization"], said["period"]] = row


def _came_or_went(name: str, said: dict[str, Any]) -> list[dict[str, Any]]:
    """Return by how many members which organization changed."""
    here, admitted = said["organization"], name == "MemberAdmitted"
    turns = {
        "MemberAdmitted": [(here, 1)],
        "MemberTransferred": [(said.get("origin"), -1), (here, 1)],
        "MembershipEnded": [(here, -1)],
    }[name]
    return [
        {"organization": code, "day": said[CAME_OR_WENT[name]], "members": members, "admitted": admitted}
        for code, members in turns
    ]
