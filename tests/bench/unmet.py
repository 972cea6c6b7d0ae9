"""Why a goal is not met, by the name of its figure: the ceiling as measured, and what holds it there.

The README shows a reason for as long as its goal is missed.
"""

ONE_PROCESS = (
    "One process is full at this rate. Of some 580 µs of Python for a stored command 340 are the HTTP "
    "stack, 74 the decision, 47 the group commit, 31 the relay; a command that is only validated takes "
    "210-270 in all, so the ratio ends near 0.6 as long as HTTP is the largest part of both. The "
    "validate-only route itself is only 8-10 × the library's default path."
)
COLD = (
    "At this pace most commits hold one command, and code that runs after an idle moment finds cold "
    "caches: 0.05 ms of work took 0.2-0.5 ms on this machine once it had slept for 2-10 ms. A command "
    "costs 1.1-1.6 ms then (0.5 at full load), the process is 60-90 % busy, and what the slowest see is"
    " the queue."
)
EVENT_LOOP = (
    "The registry's event loop is full: 190-205 µs of Python an event (decisions 27 %, relay 13 %, loop"
    " and sockets 11 %, decoding 9 %, writer 8 %), which ends at 5,000-5,300/s for one process. Nothing"
    " else is in the way: publishing alone runs at 57,000/s, taking and answering without deciding at "
    "17,000-20,000/s."
)
EDGE = (
    "On the edge: 0.4-0.75 in seven runs, as fast as the machine then let PostgreSQL run. The bare "
    "insert takes 7-13 µs a row; before that ours encodes each fact (5 µs of Python) and afterwards "
    "tells each command its position (2 µs), while PostgreSQL waits."
)
BOTH_CORES = (
    "At 500 commands/s the five services, their databases, NATS and the clients use 180 % of the two "
    "cores, so each hand-over waits for a processor. At 100 commands/s it takes 11 ms: relay 2, ledger "
    "3, view 2-3, the question itself 4. Writing a batch in one round trip instead of five changed "
    "nothing measurable."
)

UNMET: dict[str, str] = {
    "commands over HTTP, 16 clients, one process": ONE_PROCESS,
    "commands over HTTP, 64 clients, one process": ONE_PROCESS,
    "command p50, 16 clients": (
        "16 clients wait for one full process: a commit takes them by the batch, and what is only validated "
        "already takes 4.5-4.9 ms on this machine, where the goal was set beside 3.7."
    ),
    "command p99 at half that load": COLD,
    "bulk import, one district, one process": EVENT_LOOP,
    "bulk import, eight districts, one process": EVENT_LOOP,
    "append, 100 facts in one command": EDGE,
    "append, 1,000 facts in one command": EDGE,
    "append, 100 facts of commands that wait together": EDGE,
    "accepted to visible in reporting at 500 commands/s, p50": BOTH_CORES,
    "accepted to visible in reporting at 500 commands/s, p99": BOTH_CORES,
}
