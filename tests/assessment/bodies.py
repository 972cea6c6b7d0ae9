"""Commands as they come over HTTP: the stories of `examples`, in JSON."""

from typing import Any

FRAMEWORK = {"number": "05-HD/BTCTU", "date": "2024-05-19"}

ISSUE: dict[str, Any] = {
    "organization": "THAN-UYEN",
    "framework": FRAMEWORK,
    "title": "Khung tiêu chí",
    "period": "MONTH",
    "effective_on": "2024-06-01",
    "goods": [
        {
            "good": "MEETING_QUALITY",
            "name_vi": "Chất lượng sinh hoạt tốt",
            "name_en": "Good quality of meetings",
            "criteria": [
                {
                    "criterion": "attendance_pct",
                    "name_vi": "Tỷ lệ dự sinh hoạt",
                    "name_en": "Attendance",
                    "kind": "MEASURED",
                    "test": {"op": "gt", "value": "85"},
                    "unit": "%",
                    "period": "MONTH",
                    "source": "12-HD/BTCTW, 2018-07-06",
                    "legal_tag": "LEGAL_MANDATORY",
                }
            ],
        }
    ],
}
PILOT = {
    "organization": "TU-FINANCE",
    "selected_by": "THAN-UYEN",
    "selected_on": "2023-02-01",
    "role": "PILOT",
}
MEETING: dict[str, Any] = {
    "meeting": "TU-FINANCE-2024-11",
    "organization": "TU-FINANCE",
    "kind": "REGULAR",
    "held_at": "2024-11-28T14:00:00+07:00",
    "duration_min": 95,
    "topic": "November",
    "summoned": {"full": 18, "probationary": 2},
    "present": 18,
    "excused": 2,
    "unexcused": 0,
    "discusses_solutions": True,
    "resolution": {"number": "11-NQ/CB", "title": "Year-end accounts"},
    "tasks": [{"member": "TU-M-0001", "what": "close the books", "due_on": "2024-12-15"}],
}
CALL: dict[str, Any] = {
    "organization": "TU-FINANCE",
    "kind": "REGULAR",
    "scheduled_for": "2024-12-28T14:00:00+07:00",
    "announced_at": "2024-12-20T08:00:00+07:00",
    "place": "the meeting room",
    "topics": ["the year"],
}
CANCELLED = {
    "organization": "TU-FINANCE",
    "cancelled_at": "2024-12-21T08:00:00+07:00",
    "reason": "the storm",
}
DECEMBER: dict[str, Any] = MEETING | {
    "meeting": "TU-FINANCE-2024-12",
    "held_at": "2024-12-28T14:00:00+07:00",
    "topic": "December",
    "tasks": [],
}
CORRECTED: dict[str, Any] = {name: value for name, value in MEETING.items() if name != "meeting"} | {
    "duration_min": 90,
    "corrected_at": "2024-11-30T08:00:00+07:00",
    "reason": "it ended earlier",
}
DONE = {
    "organization": "TU-FINANCE",
    "state": "DONE",
    "at_meeting": "TU-FINANCE-2024-12",
    "reported_on": "2024-12-28",
}
NGHE_AN = {"name": "08-QĐ/TU", "version": "2021-09-15"}
BINH_THUAN = {"name": "Bình Thuận, Khối các cơ quan", "version": "1"}
SHEET: dict[str, Any] = {
    "organization": "TU-FINANCE",
    "pack": NGHE_AN,
    "points": [
        {"component": "PREPARATION", "points": "18"},
        {"component": "ATTENDANCE", "points": "10"},
        {"component": "RUNNING", "points": "38"},
        {"component": "PRINCIPLES", "points": "12"},
        {"component": "CONCLUSION", "points": "7"},
    ],
    "scored_at": "2024-11-28T16:00:00+07:00",
    "superior": "THAN-UYEN",
}
VISIT = {
    "supervisor": "TU-M-0900",
    "superior": "THAN-UYEN",
    "organization": "TU-FINANCE",
    "attended_on": "2024-11-28",
}
NOVEMBER: dict[str, Any] = {
    "organization": "TU-FINANCE",
    "period": "2024-11",
    "framework": FRAMEWORK,
    "results": [{"criterion": "attendance_pct", "value": "90"}],
    "submitted_on": "2024-12-02",
}
CORRECTION: dict[str, Any] = {
    "framework": FRAMEWORK,
    "results": [{"criterion": "attendance_pct", "value": "85"}],
    "reason": "one member was counted twice",
    "submitted_on": "2024-12-03",
}

RETURN: dict[str, Any] = {
    "returned_by": "THAN-UYEN",
    "returned_on": "2024-12-05",
    "reason": "the minutes are missing",
    "resubmit_by": "2024-12-12",
}
AGAIN: dict[str, Any] = {
    "framework": FRAMEWORK,
    "results": [{"criterion": "attendance_pct", "value": "90", "note": "by the minutes"}],
    "submitted_on": "2024-12-09",
}
ACCEPTANCE: dict[str, Any] = {"accepted_by": "THAN-UYEN", "accepted_on": "2024-12-11"}
RESTATEMENT: dict[str, Any] = {
    "framework": FRAMEWORK,
    "results": [{"criterion": "attendance_pct", "value": "85"}],
    "decided_by": "THAN-UYEN",
    "reason": "the minutes were corrected",
    "submitted_on": "2024-12-20",
}
REOPENING: dict[str, Any] = {
    "reopened_by": "THAN-UYEN",
    "decision": {"number": "31-QĐ/HU", "date": "2024-12-16"},
    "reason": "the cell's papers were lost in a flood",
    "until": "2024-12-24",
}
