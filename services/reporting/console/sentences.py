"""Each event as one plain sentence in the reader's language."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from services.reporting.cell import Entry
from services.reporting.console.texts import Texts
from services.reporting.views import percent_of

Data = Mapping[str, Any]


def sentence(entry: Entry, texts: Texts) -> str:
    """Return what `entry` says; an event this console does not know is named, never hidden.

    An old event may lack a field that a newer one has, so a gap in it names the event too.
    """
    tell = TELLERS.get(entry.name)
    try:
        return tell(entry.data, texts) if tell else texts("said.other", name=entry.name)
    except (KeyError, TypeError, ValueError):
        return texts("said.other", name=entry.name)


def _founded(data: Data, texts: Texts) -> str:
    kind = texts.of("kind", data["kind"])
    if data.get("parent"):
        return texts("said.founded_under", name=data["name"], kind=kind, parent=data["parent"])
    return texts("said.founded", name=data["name"], kind=kind)


def _renamed(data: Data, texts: Texts) -> str:
    return texts("said.renamed", name=data["name"], **_decree("effective_on", data, texts))


def _moved(data: Data, texts: Texts) -> str:
    return texts("said.moved", parent=data["parent"], **_decree("effective_on", data, texts))


def _dissolved(data: Data, texts: Texts) -> str:
    return texts("said.dissolved", **_decree("effective_on", data, texts))


def _merged(data: Data, texts: Texts) -> str:
    return texts("said.merged", into=data["into"], **_decree("effective_on", data, texts))


def _split(data: Data, texts: Texts) -> str:
    return texts("said.split", into=", ".join(data["into"]), **_decree("effective_on", data, texts))


def _admitted(data: Data, texts: Texts) -> str:
    standing = texts.of("standing", data["standing"]).lower()
    return texts(
        "said.admitted", member=data["member"], standing=standing, **_decree("ceremony_on", data, texts)
    )


def _appointed(data: Data, texts: Texts) -> str:
    until = data.get("until_on")
    return texts(
        "said.appointed_until" if until else "said.appointed",
        member=data["member"],
        position=texts.of("position", data["position"]),
        until=_day(until, texts) if until else "",
        **_decree("from_on", data, texts),
    )


def _relieved(data: Data, texts: Texts) -> str:
    cause = data.get("caused_by")
    return texts(
        "said.relieved_by" if cause else "said.relieved",
        member=data["member"],
        position=texts.of("position", data["position"]),
        cause=texts.of("relief", cause),
        **_decree("relieved_on", data, texts),
    )


def _recognized(data: Data, texts: Texts) -> str:
    said = texts("said.recognized", member=data["member"], **_decree("full_from", data, texts))
    if vote := data.get("vote"):
        said += " " + texts("said.vote", favour=vote["in_favour"], summoned=vote["summoned"])
    return said


def _vote_failed(data: Data, texts: Texts) -> str:
    vote, on = data["vote"], _day(data["voted_on"], texts)
    said = texts("said.vote_failed", member=data["member"], on=on)
    return said + " " + texts("said.vote", favour=vote["in_favour"], summoned=vote["summoned"])


def _released(data: Data, texts: Texts) -> str:
    return texts(
        "said.released",
        member=data["member"],
        to=data["to"],
        kind=texts.of("transfer", data["kind"]).lower(),
        by=_day(data["accept_by"], texts),
        **_decree("released_on", data, texts),
    )


def _transferred(data: Data, texts: Texts) -> str:
    return texts(
        f"said.came_{data['reason'].lower()}",
        member=data["member"],
        origin=data["origin"],
        **_decree("transferred_on", data, texts),
    )


def _exempted(data: Data, texts: Texts) -> str:
    return texts("said.exempted", member=data["member"], **_decree("exempted_on", data, texts))


def _restricted(data: Data, texts: Texts) -> str:
    return texts("said.restricted", member=data["member"], on=_day(data["restricted_on"], texts))


def _lifted(data: Data, texts: Texts) -> str:
    return texts("said.lifted", member=data["member"], on=_day(data["lifted_on"], texts))


def _reinstated(data: Data, texts: Texts) -> str:
    return texts("said.reinstated", member=data["member"], **_decree("reinstated_on", data, texts))


def _ended(data: Data, texts: Texts) -> str:
    reason = texts.of("ended", data["reason"]).lower()
    return texts("said.ended", member=data["member"], reason=reason, **_decree("ended_on", data, texts))


def _fell_below(data: Data, texts: Texts) -> str:
    on, minimum = _day(data["fell_on"], texts), data["minimum"]
    return texts("said.fell_below", n=data["full_members"], on=on, minimum=minimum)


def _deadline_noted(data: Data, texts: Texts) -> str:
    member = f" ({data['member']})" if data.get("member") else ""
    key = "said.deadline_missed" if data["state"] == "MISSED" else "said.deadline_near"
    return texts(key, due=_day(data["due_on"], texts), duty=texts.of("duty", data["duty"]), member=member)


def _target_set(data: Data, texts: Texts) -> str:
    return texts(
        "said.target", year=str(data["year"]), target=data["target"], **_decree("set_on", data, texts)
    )


def _share_set(data: Data, texts: Texts) -> str:
    measure, percent = texts.of("measure", data["measure"]), texts.percent(Decimal(data["percent"]))
    return texts(
        "said.share",
        year=str(data["year"]),
        percent=percent,
        measure=measure,
        **_decree("set_on", data, texts),
    )


def _framework_issued(data: Data, texts: Texts) -> str:
    framework = data["framework"]
    return texts(
        "said.framework",
        number=framework["number"],
        issued=_day(framework["date"], texts),
        effective=_day(data["effective_on"], texts),
        n=sum(len(good["criteria"]) for good in data["goods"]),
    )


def _model_selected(data: Data, texts: Texts) -> str:
    return texts("said.model", role=texts.of("model", data["role"]).lower(), by=data["selected_by"])


def _meeting_held(data: Data, texts: Texts) -> str:
    summoned = data["summoned"]["full"] + data["summoned"]["probationary"]
    kind = texts.of("meeting", data["kind"])
    said = texts(
        "said.meeting",
        kind=kind,
        topic=data["topic"],
        present=data["present"],
        summoned=summoned,
        percent=texts.percent(percent_of(data["present"], summoned)),
    )
    resolution, tasks = data.get("resolution"), data.get("tasks") or []
    if resolution:
        said += " " + texts("said.resolution", number=resolution["number"], title=resolution["title"])
    return said + (" " + texts("said.tasks", n=len(tasks)) if tasks else "")


def _attended(data: Data, texts: Texts) -> str:
    supervisor, superior, meeting = data["supervisor"], data["superior"], data["meeting"]
    return texts("said.attended", supervisor=supervisor, superior=superior, meeting=meeting)


def _assessed(data: Data, texts: Texts) -> str:
    period, results = texts.period(data["period"]), len(data["results"])
    match data.get("four_good"):
        case True:
            return texts("said.assessed_four_good", period=period, n=results)
        case False:
            return texts("said.assessed_short", period=period, n=results)
        case _:
            return texts("said.assessed", period=period, n=results)


def _corrected(data: Data, texts: Texts) -> str:
    return texts("said.corrected", period=texts.period(data["period"]), reason=data["reason"])


def _classified(data: Data, texts: Texts) -> str:
    said = texts(
        "said.classified",
        level=texts.of("level", data["level"]),
        year=data["period"],
        score=data["score"],
        by=data["decided_by"],
        pack=data["rule_pack"]["name"],
    )
    return said + (" " + texts("said.four_good") if data["four_good"] else "")


def _notice_sent(data: Data, texts: Texts) -> str:
    about = texts.of("notice", data["rule"])
    return texts("said.notice", about=about, role=texts.of("recipient", data["role"]), to=data["recipient"])


def _decree(field: str, data: Data, texts: Texts) -> dict[str, str]:
    """Return on which day, and by which decision if one is named, as a sentence ends with them."""
    decision = data.get("decision")
    by = (
        texts("said.decided", number=decision["number"], decided=_day(decision["date"], texts))
        if decision
        else ""
    )
    return {"on": _day(data[field], texts), "decided": by}


def _day(written: str, texts: Texts) -> str:
    return texts.written(written)


TELLERS: Mapping[str, Callable[[Data, Texts], str]] = {
    "OrganizationFounded": _founded,
    "OrganizationRenamed": _renamed,
    "OrganizationMoved": _moved,
    "OrganizationDissolved": _dissolved,
    "OrganizationMerged": _merged,
    "OrganizationSplit": _split,
    "MemberAdmitted": _admitted,
    "OfficialAppointed": _appointed,
    "OfficialRelieved": _relieved,
    "MemberRecognized": _recognized,
    "RecognitionVoteFailed": _vote_failed,
    "MemberReleased": _released,
    "MemberTransferred": _transferred,
    "MemberExempted": _exempted,
    "MemberRestricted": _restricted,
    "RestrictionLifted": _lifted,
    "MemberReinstated": _reinstated,
    "MembershipEnded": _ended,
    "CellFellBelowMinimum": _fell_below,
    "DeadlineNoted": _deadline_noted,
    "AdmissionTargetSet": _target_set,
    "TargetSet": _share_set,
    "CriteriaFrameworkIssued": _framework_issued,
    "ModelCellSelected": _model_selected,
    "MeetingHeld": _meeting_held,
    "SupervisorAttended": _attended,
    "SelfAssessmentSubmitted": _assessed,
    "SelfAssessmentCorrected": _corrected,
    "CellClassified": _classified,
    "NoticeSent": _notice_sent,
}
