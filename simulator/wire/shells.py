"""What every WinRM shell has in common: an owner, an idle timeout, commands, and their output waiting to be fetched."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING

from simulator.wire.soap import SoapRequest
from simulator.wire.wsman_faults import INVALID_SELECTORS, OPERATION_TIMED_OUT, WsmanFault

if TYPE_CHECKING:
    from simulator.hosts import SimulatedHost

# Recorded: about four 32 KiB fragments in one answer, whatever more would fit into the envelope.
RAW_BYTES_PER_ANSWER = 4 * 32 * 1024
# What an answer needs around its streams; measured 1.1 KB, and 150 bytes per stream element.
ENVELOPE_BYTES, STREAM_BYTES = 2048, 160

STATE_DONE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done"
STATE_RUNNING = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Running"

_TERMINATE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/signal/terminate"


class Outbox:
    """Pieces of output in order, each for one stream; the last answer carries the end with it."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[str, bytes]] = deque()
        self._changed = asyncio.Event()
        self.finished = False

    def put(self, stream: str, piece: bytes) -> None:
        """Add a piece of output."""
        self._pieces.append((stream, piece))
        self._changed.set()

    def finish(self) -> None:
        """Nothing more will come."""
        self.finished = True
        self._changed.set()

    def wake(self) -> None:
        """Let a waiting Receive look again, though there is no output."""
        self._changed.set()

    @property
    def is_empty(self) -> bool:
        """Whether everything was fetched."""
        return not self._pieces

    async def wait(self, seconds: float) -> None:
        """Wait for output, the end, or `wake`; raises the timeout fault after ``seconds``."""
        if self._changed.is_set():
            return
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError as error:
            raise WsmanFault(OPERATION_TIMED_OUT) from error

    def take(self, max_envelope_bytes: int) -> list[tuple[str, bytes]]:
        """As many pieces as one answer holds, at least one if there is any."""
        taken: list[tuple[str, bytes]] = []
        raw, envelope = 0, ENVELOPE_BYTES
        while self._pieces:
            size = len(self._pieces[0][1])
            raw += size
            envelope += size * 4 // 3 + STREAM_BYTES
            if taken and (raw > RAW_BYTES_PER_ANSWER or envelope > max_envelope_bytes):
                break
            taken.append(self._pieces.popleft())
        if not self._pieces and not self.finished:
            self._changed.clear()
        return taken


class Shell(ABC):
    """One shell on one host."""

    resource_uri: str
    input_streams = "stdin"
    output_streams = "stdout stderr"

    def __init__(self, host: SimulatedHost, shell_id: str, user: str, idle_timeout_seconds: float) -> None:
        self.host = host
        self.id = shell_id
        self.user = user
        self.idle_timeout_seconds = idle_timeout_seconds
        self._operations = 0
        self._used_at = host.uptime()

    def __enter__(self) -> None:
        """An operation begins; a shell with one is not idle."""
        self._operations += 1

    def __exit__(self, *_: object) -> None:
        self._operations -= 1
        self._used_at = self.host.uptime()

    def is_idle_at(self, now: float) -> bool:
        """Whether the shell has outlived its idle timeout."""
        return not self._operations and now - self._used_at >= self.idle_timeout_seconds

    @abstractmethod
    def command(self, request: SoapRequest) -> str:
        """Start a command and return its id."""

    @abstractmethod
    def send(self, request: SoapRequest) -> None:
        """Take input."""

    @abstractmethod
    async def receive(self, request: SoapRequest) -> str:
        """The inside of a ReceiveResponse, as soon as there is something to say."""

    @abstractmethod
    def signal(self, command_id: str, code: str) -> None:
        """Stop or forget a command."""

    @abstractmethod
    def close(self) -> None:
        """End everything that runs in the shell."""


def command_id_of(request: SoapRequest, path: str) -> str:
    """The CommandId at ``path``, as the client wrote it; empty if the request is about the shell itself."""
    element = request.find(path)
    return "" if element is None else element.get("CommandId", "")


def is_terminate(code: str) -> bool:
    """Whether a signal also forgets its command; clients write it in either case."""
    return code.lower() == _TERMINATE


def no_such_command() -> WsmanFault:
    """What Windows says of a command that is unknown, or whose end was already told."""
    return WsmanFault(INVALID_SELECTORS)
