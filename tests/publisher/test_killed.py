"""A publisher killed between any two of its lines: everything stored arrives, once, under its number."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import anyio

from contracts.publisher import Outbox
from contracts.registry_closings import canonical, digest_of, signature_of
from tests.patience import PATIENCE_S
from tests.publisher.killed import KEY
from tests.publisher.province import CODE, SOURCE

ROOT = Path(__file__).parents[2]


async def test_a_publisher_killed_at_any_line_loses_nothing_and_doubles_nothing(server, province, file):
    command = [sys.executable, "-m", "tests.publisher.killed", str(file), server.url(CODE)]
    with anyio.fail_after(2 * PATIENCE_S):
        done = await anyio.run_process(command, cwd=ROOT, check=False, stderr=subprocess.STDOUT)
    assert 0 == done.returncode, done.stdout.decode()
    lives, kills = map(int, done.stdout.split())

    with Outbox(file, source=SOURCE) as outbox:
        [stream] = outbox.streams()
        rows = outbox.between(SOURCE, "registry", 1, stream.last)
        stored = {id: json.loads(content) | {"number": number} for number, id, content in rows}
    assert kills > 60
    assert stored == province.recorded
    assert list(range(1, stream.last + 1)) == province.numbers
    assert (0, stream.last, 0) == (stream.unconfirmed, stream.accepted, stream.rejected)

    # What was stored together is there together; of the first and the last life everything.
    told = {int(id[2:]) for id in stored if id.startswith("t-")}
    assert {1, 2, 3, 3 * lives - 2, 3 * lives - 1, 3 * lives} <= told
    assert [] == [number for number in told if number % 3 == 1 and number + 1 not in told]

    # The closing says just what the province has recorded.
    *events, closing = province.recorded.values()
    digest = digest_of([(e["number"], e["id"], sha256(canonical(e)).hexdigest()) for e in events])
    cut = {"service": "registry", "first": 1, "last": len(events), "count": len(events), "digest": digest}
    assert ("registry.PeriodClosed.v1", [cut]) == (closing["type"], closing["data"]["streams"])
    assert signature_of(closing["data"], KEY) == closing["data"]["signature"]
