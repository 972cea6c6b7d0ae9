"""What notification must know: how meetings are called, who follows which cell, what lies in whose inbox."""

from services.notification.views.calls import Calls
from services.notification.views.inboxes import InboxNotice, NoticeBox

__all__ = ["Calls", "InboxNotice", "NoticeBox"]
