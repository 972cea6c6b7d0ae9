"""Where things are on the bus: the names of streams, subjects and inboxes, and nothing else."""

INTAKE = "INTAKE"
RECEIPTS = "RECEIPTS"

WANTED = "Wanted"
"""What stands in place of an event's name where a district is asked for events; no event is called so."""


def stream_of(service: str) -> str:
    """Return the stream that `service` alone publishes: `REGISTRY`."""
    return service.upper()


def events_subject(type: str, organization: str) -> str:
    """Return where an event is published: `events.registry.MemberAdmitted.v1.TU-C-001`."""
    return f"events.{type}.{organization}"


def log_subject(service: str) -> str:
    """Return where `service` is asked for events that its stream lost: `log.registry`."""
    return f"log.{service}"


def intake_subject(district: str, event_name: str) -> str:
    """Return where a district publishes: `intake.THAN-UYEN.MeetingHeld`."""
    return f"intake.{district}.{event_name}"


def receipt_subject(district: str, event_name: str) -> str:
    """Return where its receipts appear: `receipts.THAN-UYEN.MeetingHeld`."""
    return f"receipts.{district}.{event_name}"


def received_subject(service: str, district: str) -> str:
    """Return where a district asks what has arrived: `received.registry.THAN-UYEN`."""
    return f"received.{service}.{district}"


def check_subject(service: str, district: str) -> str:
    """Return where a district asks what would become of events: `check.registry.THAN-UYEN`."""
    return f"check.{service}.{district}"


def wanted_subject(district: str) -> str:
    """Return where a district hears what is missing: `receipts.THAN-UYEN.Wanted`."""
    return receipt_subject(district, WANTED)


def inbox_prefix(user: str) -> str:
    """Return the prefix of a user's reply subjects, which no other user may read."""
    return f"_INBOX_{user}"


def allowed_to(district: str) -> dict[str, list[str]]:
    """Return what a district may publish and hear, by whichever of its credentials."""
    return {
        "publish": [
            intake_subject(district, ">"),
            check_subject("*", district),
            received_subject("*", district),
        ],
        "subscribe": [receipt_subject(district, ">"), f"{inbox_prefix(district)}.>"],
    }
