"""What happens in cells, as sentences."""

from collections.abc import Mapping

from services.reporting.console.sentences.words import Data, Teller, day, decree, moment
from services.reporting.console.texts import Texts
from services.reporting.views import percent_of


def _framework_issued(data: Data, texts: Texts) -> str:
    framework, amends = data["framework"], data.get("amends")
    said = texts(
        "said.framework",
        number=framework["number"],
        issued=day(framework["date"], texts),
        effective=day(data["effective_on"], texts),
        n=sum(len(good["criteria"]) for good in data["goods"]),
    )
    if amends:
        said += " " + texts("said.amends", number=amends["number"], on=day(amends["date"], texts))
    return said


def _framework_adopted(data: Data, texts: Texts) -> str:
    framework = data["framework"]
    said = texts(
        "said.adopted",
        number=framework["number"],
        issued=day(framework["date"], texts),
        n=sum(len(good["criteria"]) for good in data["goods"]),
        dropped=len(data["dropped"]),
    )
    if plan := data.get("plan"):
        said += " " + texts("said.adopted_by", number=plan["number"], on=day(plan["date"], texts))
    return said


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


def _scheduled(data: Data, texts: Texts) -> str:
    kind, at = texts.of("meeting", data["kind"]), moment(data["scheduled_for"], texts)
    place = data.get("place")
    said = texts("said.scheduled_at" if place else "said.scheduled", kind=kind, at=at, place=place)
    topics = data.get("topics")
    return said + (" " + texts("said.topics", topics="; ".join(topics)) if topics else "")


def _cancelled(data: Data, texts: Texts) -> str:
    return texts("said.cancelled", meeting=data["meeting"], reason=data["reason"])


def _minutes_corrected(data: Data, texts: Texts) -> str:
    reason = texts("said.minutes_corrected", meeting=data["meeting"], reason=data["reason"])
    return f"{reason} {_meeting_held(data, texts)}"


def _task_reported(data: Data, texts: Texts) -> str:
    state = texts.of("task", data["state"]).lower()
    return texts("said.task", n=data["task"], meeting=data["meeting"], state=state)


def _scored(data: Data, texts: Texts) -> str:
    pack, by = data["pack"]["name"], data.get("superior") or data["organization"]
    level = texts.of("quality", data["level"]).lower()
    return texts("said.scored", meeting=data["meeting"], pack=pack, by=by, total=data["total"], level=level)


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


def _returned(data: Data, texts: Texts) -> str:
    period, on = texts.period(data["period"]), day(data["returned_on"], texts)
    until = day(data["resubmit_by"], texts)
    return texts(
        "said.returned", period=period, by=data["returned_by"], on=on, until=until, reason=data["reason"]
    )


def _resubmitted(data: Data, texts: Texts) -> str:
    key = "said.resubmitted_four_good" if data.get("four_good") else "said.resubmitted"
    return texts(key, period=texts.period(data["period"]), n=len(data["results"]))


def _accepted(data: Data, texts: Texts) -> str:
    period, on = texts.period(data["period"]), day(data["accepted_on"], texts)
    return texts("said.accepted", period=period, by=data["accepted_by"], on=on)


def _restated(data: Data, texts: Texts) -> str:
    period = texts.period(data["period"])
    return texts("said.restated", period=period, by=data["decided_by"], reason=data["reason"])


def _reopened(data: Data, texts: Texts) -> str:
    decided = decree("until", data, texts)
    period, until = texts.period(data["period"]), decided["on"]
    return texts(
        "said.reopened",
        period=period,
        until=until,
        by=data["reopened_by"],
        decided=decided["decided"],
        reason=data["reason"],
    )


TELLERS: Mapping[str, Teller] = {
    "CriteriaFrameworkIssued": _framework_issued,
    "CriteriaFrameworkAdopted": _framework_adopted,
    "ModelCellSelected": _model_selected,
    "MeetingScheduled": _scheduled,
    "MeetingCancelled": _cancelled,
    "MeetingHeld": _meeting_held,
    "MinutesCorrected": _minutes_corrected,
    "TaskReported": _task_reported,
    "MeetingScored": _scored,
    "SupervisorAttended": _attended,
    "SelfAssessmentSubmitted": _assessed,
    "SelfAssessmentCorrected": _corrected,
    "SelfAssessmentReturned": _returned,
    "SelfAssessmentResubmitted": _resubmitted,
    "SelfAssessmentAccepted": _accepted,
    "SelfAssessmentRestated": _restated,
    "SubmissionReopened": _reopened,
}
