"""What a view cannot fold: tried again for a second in all, then parked; it holds nobody for longer."""

from collections.abc import Sequence

import structlog
from nats.errors import Error as NatsError
from psycopg import OperationalError

from services.chassis.delivery import Delivery, Gap, Outdated
from services.chassis.errors import Overloaded
from services.chassis.views.view import View

log = structlog.get_logger()

AWAY = (NatsError, OperationalError, Overloaded, Gap, Outdated)
"""Not the message's fault: wait as long as it takes, never park."""

DELAYS_S = (0.05, 0.1, 0.2, 0.3, 0.35)
"""The pauses between tries of a batch that a view chokes on."""


async def fold_around(view: View, batch: Sequence[Delivery]) -> None:
    """Fold what can be folded, in order, and park what cannot: found by halving, not one by one.

    Raises one of AWAY; what came before is folded then.
    """
    try:
        await view.apply(batch)
    except AWAY:
        raise
    except Exception as error:
        if len(batch) == 1:
            log.exception("event parked", view=view.name, event_id=batch[0].message.id)
            await view.skip(batch[0], error)
            return
    else:
        return
    middle = len(batch) // 2
    await fold_around(view, batch[:middle])
    await fold_around(view, batch[middle:])
