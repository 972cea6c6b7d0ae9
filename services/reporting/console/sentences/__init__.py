"""Each event as one plain sentence in the reader's language: here the registry's, beside it the others."""

from collections.abc import Mapping
from decimal import Decimal

from services.reporting.cell import Entry
from services.reporting.console.sentences import assessment, concerns, duties, movement, visits
from services.reporting.console.sentences.words import Data, Teller, day, decree
from services.reporting.console.texts import Texts


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
    return texts("said.renamed", name=data["name"], **decree("effective_on", data, texts))


def _moved(data: Data, texts: Texts) -> str:
    return texts("said.moved", parent=data["parent"], **decree("effective_on", data, texts))


def _dissolved(data: Data, texts: Texts) -> str:
    return texts("said.dissolved", **decree("effective_on", data, texts))


def _merged(data: Data, texts: Texts) -> str:
    return texts("said.merged", into=data["into"], **decree("effective_on", data, texts))


def _split(data: Data, texts: Texts) -> str:
    return texts("said.split", into=", ".join(data["into"]), **decree("effective_on", data, texts))


def _admitted(data: Data, texts: Texts) -> str:
    standing = texts.of("standing", data["standing"]).lower()
    return texts(
        "said.admitted", member=data["member"], standing=standing, **decree("ceremony_on", data, texts)
    )


def _appointed(data: Data, texts: Texts) -> str:
    until = data.get("until_on")
    return texts(
        "said.appointed_until" if until else "said.appointed",
        member=data["member"],
        position=texts.of("position", data["position"]),
        until=day(until, texts) if until else "",
        **decree("from_on", data, texts),
    )


def _relieved(data: Data, texts: Texts) -> str:
    cause = data.get("caused_by")
    return texts(
        "said.relieved_by" if cause else "said.relieved",
        member=data["member"],
        position=texts.of("position", data["position"]),
        cause=texts.of("relief", cause),
        **decree("relieved_on", data, texts),
    )


def _recognized(data: Data, texts: Texts) -> str:
    said = texts("said.recognized", member=data["member"], **decree("full_from", data, texts))
    if vote := data.get("vote"):
        said += " " + texts("said.vote", favour=vote["in_favour"], summoned=vote["summoned"])
    return said


def _vote_failed(data: Data, texts: Texts) -> str:
    vote, on = data["vote"], day(data["voted_on"], texts)
    said = texts("said.vote_failed", member=data["member"], on=on)
    return said + " " + texts("said.vote", favour=vote["in_favour"], summoned=vote["summoned"])


def _released(data: Data, texts: Texts) -> str:
    return texts(
        "said.released",
        member=data["member"],
        to=data["to"],
        kind=texts.of("transfer", data["kind"]).lower(),
        by=day(data["accept_by"], texts),
        **decree("released_on", data, texts),
    )


def _transferred(data: Data, texts: Texts) -> str:
    return texts(
        f"said.came_{data['reason'].lower()}",
        member=data["member"],
        origin=data["origin"],
        **decree("transferred_on", data, texts),
    )


def _exempted(data: Data, texts: Texts) -> str:
    return texts("said.exempted", member=data["member"], **decree("exempted_on", data, texts))


def _restricted(data: Data, texts: Texts) -> str:
    return texts("said.restricted", member=data["member"], on=day(data["restricted_on"], texts))


def _lifted(data: Data, texts: Texts) -> str:
    return texts("said.lifted", member=data["member"], on=day(data["lifted_on"], texts))


def _reinstated(data: Data, texts: Texts) -> str:
    return texts("said.reinstated", member=data["member"], **decree("reinstated_on", data, texts))


def _ended(data: Data, texts: Texts) -> str:
    reason = texts.of("ended", data["reason"]).lower()
    return texts("said.ended", member=data["member"], reason=reason, **decree("ended_on", data, texts))


def _fell_below(data: Data, texts: Texts) -> str:
    on, minimum = day(data["fell_on"], texts), data["minimum"]
    return texts("said.fell_below", n=data["full_members"], on=on, minimum=minimum)


def _deadline_noted(data: Data, texts: Texts) -> str:
    member = f" ({data['member']})" if data.get("member") else ""
    key = "said.deadline_missed" if data["state"] == "MISSED" else "said.deadline_near"
    return texts(key, due=day(data["due_on"], texts), duty=texts.of("duty", data["duty"]), member=member)


def _target_set(data: Data, texts: Texts) -> str:
    return texts(
        "said.target", year=str(data["year"]), target=data["target"], **decree("set_on", data, texts)
    )


def _share_set(data: Data, texts: Texts) -> str:
    measure, percent = texts.of("measure", data["measure"]), texts.percent(Decimal(data["percent"]))
    return texts(
        "said.share",
        year=str(data["year"]),
        percent=percent,
        measure=measure,
        **decree("set_on", data, texts),
    )


def _period_closed(data: Data, texts: Texts) -> str:
    streams = ", ".join(
        texts("said.stream_closed", n=it["count"], service=it["service"], last=it["last"])
        for it in data["streams"]
    )
    return texts(
        "said.period_closed", source=data["source"], period=texts.period(data["period"]), streams=streams
    )


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


TELLERS: Mapping[str, Teller] = {
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
    "PeriodClosed": _period_closed,
    **assessment.TELLERS,
    **movement.TELLERS,
    **concerns.TELLERS,
    **visits.TELLERS,
    **duties.TELLERS,
    "CellClassified": _classified,
    "NoticeSent": _notice_sent,
}
