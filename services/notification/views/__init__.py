"""What notification must know: who owes what, who follows which cell, and what lies in whose inbox."""

from services.notification.views.calls import Calls
from services.notification.views.expected import Expected
from services.notification.views.inboxes import InboxNotice, NoticeBox

__all__ = ["Calls", "Expected", "InboxNotice", "NoticeBox"]
