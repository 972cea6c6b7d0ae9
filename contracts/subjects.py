"""Where things are on the bus: the names of streams, subjects and inboxes, and nothing else."""

INTAKE = "INTAKE"
RECEIPTS = "RECEIPTS"


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


def inbox_prefix(user: str) -> str:
    """Return the prefix of a user's reply subjects, which no other user may read."""
    return f"_INBOX_{user}"
