"""A bad line between two network namespaces, packet by packet: slow, lossy, narrow, cut, and healed.

The kernel's netem would do the same, where it is compiled in. Here two TUN devices end in this process,
which carries each packet over as late as the line would, or not at all.
"""

import asyncio
import fcntl
import os
import select
import struct
import subprocess
from collections import deque
from contextlib import asynccontextmanager
from itertools import count
from random import Random
from threading import Event, Thread
from time import monotonic

DELAY_S = 0.1
"""One way: 200 ms there and back."""

LOST = 0.01
BYTES_PER_S = 256_000 / 8
WAITING_MAX = 200
"""Packets that a modem keeps; what comes beyond is lost."""

TUN = struct.Struct("16sH14x")
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001

_number = count(os.getpid() % 200)


def run(*command):
    """Run a command that must succeed."""
    subprocess.run(command, check=True, capture_output=True)


class Way:
    """One direction of the line."""

    def __init__(self, begin, end, chance):
        self.begin, self.end, self._chance = begin, end, chance
        self._underway = deque()
        self._free_at = 0.0

    def take(self, packet, *, cut):
        """Put a packet on the line, unless it is lost."""
        if cut or len(self._underway) >= WAITING_MAX or self._chance.random() < LOST:
            return
        self._free_at = max(self._free_at, monotonic()) + len(packet) / BYTES_PER_S
        self._underway.append((self._free_at + DELAY_S, packet))

    def deliver(self, *, cut):
        """Hand over what has arrived. Return in how many seconds the next does."""
        while self._underway and self._underway[0][0] <= monotonic():
            _, packet = self._underway.popleft()
            if not cut:
                os.write(self.end, packet)
        return max(0.0, self._underway[0][0] - monotonic()) if self._underway else 0.2


class Line:
    """A namespace where an office is, its bad line to the province, and a good one to its desks.

    Raises OSError or CalledProcessError where the machine has no namespaces or no TUN devices.
    """

    def __init__(self):
        number = next(_number) % 250
        self.name = f"fg{os.getpid()}n{number}"
        self.province, self.desk = f"10.213.{number}.1", f"10.214.{number}.2"
        self.within = ("ip", "netns", "exec", self.name)
        self._over, self._cut, self._ends = Event(), Event(), []
        self._carrying = Thread(target=self._carry, daemon=True)
        try:
            run("ip", "netns", "add", self.name)
            self._lay_line(f"10.213.{number}.2")
            self._lay_desk(f"10.214.{number}.1")
        except BaseException:
            self.remove()
            raise
        self._carrying.start()

    def cut(self):
        """From now on no packet arrives, and nobody is told so."""
        self._cut.set()

    def heal(self):
        """Let packets through again."""
        self._cut.clear()

    def remove(self):
        """Take everything away."""
        self._over.set()
        if self._carrying.is_alive():
            self._carrying.join()
        for end in self._ends:
            os.close(end)
        subprocess.run(("ip", "netns", "delete", self.name), check=False, capture_output=True)
        subprocess.run(("ip", "link", "delete", f"d{self.name}"), check=False, capture_output=True)

    def _lay_line(self, office):
        for wire in (f"a{self.name}", f"b{self.name}"):
            end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            self._ends.append(end)
            fcntl.ioctl(end, TUNSETIFF, TUN.pack(wire.encode(), IFF_TUN_NO_PI))
        here, there = f"a{self.name}", f"b{self.name}"
        run("ip", "address", "add", self.province, "peer", office, "dev", here)
        run("ip", "link", "set", here, "up")
        run("ip", "link", "set", there, "netns", self.name)
        run(*self.within, "ip", "address", "add", office, "peer", self.province, "dev", there)
        run(*self.within, "ip", "link", "set", there, "up")

    def _lay_desk(self, here):
        near, far = f"d{self.name}", f"e{self.name}"
        run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", self.name)
        run("ip", "address", "add", f"{here}/30", "dev", near)
        run("ip", "link", "set", near, "up")
        run(*self.within, "ip", "address", "add", f"{self.desk}/30", "dev", far)
        run(*self.within, "ip", "link", "set", far, "up")

    def _carry(self):
        chance = Random(7)
        ways = [Way(*ends, chance) for ends in (self._ends, self._ends[::-1])]
        while not self._over.is_set():
            wait_s = min(way.deliver(cut=self._cut.is_set()) for way in ways)
            ready, _, _ = select.select(self._ends, [], [], wait_s)
            for way in ways:
                if way.begin in ready:
                    way.take(os.read(way.begin, 65_536), cut=self._cut.is_set())


class Overheard:
    """A way to a server of this machine, and all that clients sent on it."""

    def __init__(self):
        self.heard = b""

    @asynccontextmanager
    async def to(self, port):
        async def carry(reader, writer, *, keep=False):
            while said := await reader.read(65_536):
                self.heard += said if keep else b""
                writer.write(said)
            writer.close()

        async def accept(reader, writer):
            there, here = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(carry(reader, here, keep=True), carry(there, writer), return_exceptions=True)

        way = await asyncio.start_server(accept, "127.0.0.1", 0)
        yield f"tls://127.0.0.1:{way.sockets[0].getsockname()[1]}"
        way.close()
