"""One shell on one host: opened, asked once, always deleted."""

import base64
import contextlib
import math
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, cast

from pypsrp.exceptions import WinRMError, WSManFaultError
from pypsrp.shell import CommandState, SignalCode, WinRS
from pypsrp.wsman import OptionSet, SelectorSet, WSMan

from audits.collect.winrm import psrp
from audits.collect.winrm.errors import (
    DeadlinePassed,
    Fault,
    KeyExchangeFailed,
    NotWinRM,
    ProbeFailed,
    SessionLost,
    UnsupportedPowerShell,
)
from audits.collect.winrm.psrp import MessageType, PoolState, PSInvocationState
from audits.collect.winrm.session_key import KeyExchange, SessionKey
from audits.collect.winrm.target import Request, Secret, Target
from audits.collect.winrm.watchdog import Watchdog
from audits.collect.winrm.wire import Wire

# Windows' least: a shell that we could not delete is gone after a minute without us.
IDLE_SECONDS = 60
# The default of MaxEnvelopeSizekb since Server 2012, and what Windows' own client announces.
MAX_ENVELOPE_BYTES = 512000
NOTHING_YET = 2150858793  # the operation timeout passed without output: no error
# Windows answers the key exchange within one answer; a host that has not after this long does not offer it.
KEY_EXCHANGE_SECONDS = 10
_OLDEST_PROTOCOL = (2, 2)  # PowerShell 3.0


def read_sections(
    target: Target,
    secret: Secret,
    request: Request,
    *,
    guard: Callable[[str], Sequence[str]],
    watchdog: Watchdog,
    follow_up: Callable[[float], Request | None] = lambda seconds_left: None,
) -> Generator[str | None, None, None]:
    """Run the probe on the host and yield each section's string as it arrives, and None whenever nothing is new.

    `follow_up` is asked once that is done, with the seconds that are left; what it returns is run in the same shell. If
    that carries credentials, keys are exchanged first (two more requests); KeyExchangeFailed means that nothing of it
    was sent.

    `guard` turns the target's address into checked literal addresses, at connect time. Raises whatever went wrong
    (`audits.collect.causes` names it) after what had arrived was yielded. When the iteration ends, fails or is closed,
    the shell has been deleted as far as the host let us: to cancel, close it.
    """
    deadlines = target.deadlines
    wire = Wire(target, secret, guard)
    session = _Session(target, wire)
    reading_seconds = deadlines.hard_seconds - deadlines.cleanup_seconds
    try:
        with watchdog.watch(reading_seconds, wire.kill):
            try:
                yield from session.run(request, follow_up)
            except Exception:
                if wire.is_killed:  # then the exception is an arbitrary consequence
                    raise DeadlinePassed(f"{target.endpoint}: not done after {reading_seconds:g} s") from None
                raise
    finally:
        with watchdog.watch(deadlines.cleanup_seconds, wire.kill):
            session.clean_up()
        wire.close()


class _Wsman(WSMan):
    """pypsrp's WS-Management over our wire."""

    def __init__(self, wire: Wire, operation_seconds: int) -> None:
        super().__init__("localhost", operation_timeout=operation_seconds, max_envelope_size=MAX_ENVELOPE_BYTES)
        self.transport = cast(Any, wire)  # offers what pypsrp uses of its own: endpoint, send and close

    def invoke(self, *args: Any, **options: Any) -> ET.Element:
        try:
            return super().invoke(*args, **options)
        except WSManFaultError as error:
            raise Fault(error.code if isinstance(error.code, int) else None, error.reason or "") from error
        except WinRMError as error:
            if type(error) is WinRMError:  # pypsrp's only use of the bare class here: RelatesTo is not our message
                raise NotWinRM("the answer relates to a message that was never sent") from error
            raise


class _Session:
    def __init__(self, target: Target, wire: Wire) -> None:
        self._target = target
        self._wire = wire
        self._deadline = time.monotonic() + target.deadlines.soft_seconds
        self._pool_id = uuid.uuid4()
        self._pipeline_id = uuid.uuid4()
        self._outgoing = psrp.Outgoing(self._pool_id)
        self._incoming = psrp.Incoming()
        self._first_error = ""
        self._may_exist = False  # a shell of ours, on the host
        self._is_running = False  # the script, in it
        self._shell = WinRS(
            _Wsman(wire, target.deadlines.poll_seconds),
            resource_uri=target.resource_uri,
            id=str(self._pool_id).upper(),
            input_streams="stdin pr",
            output_streams="stdout",
            no_profile=True,
            idle_time_out=IDLE_SECONDS,
        )

    def run(self, request: Request, follow_up: Callable[[float], Request | None]) -> Iterator[str | None]:
        yield from self._open()
        yield from self._read(psrp.pipeline(request))
        following = follow_up(self._deadline - time.monotonic())
        if following is not None and following.credentials:
            key = yield from self._exchange_keys()
            yield from self._read(psrp.sealed_pipeline(following, key.serializer()))
        elif following is not None:
            yield from self._read(psrp.pipeline(following))

    def _read(self, pipeline: psrp.Message) -> Iterator[str | None]:
        self._start(pipeline)
        while self._is_running:
            yield from self._poll()

    def _open(self) -> Iterator[None]:
        content = ET.Element("creationXml", xmlns="http://schemas.microsoft.com/powershell")
        first, second = psrp.opening()
        data = b"".join(self._outgoing.fragments(first) + self._outgoing.fragments(second))
        content.text = base64.b64encode(data).decode()
        options = OptionSet()
        options.add_option("protocolversion", psrp.PROTOCOL_VERSION, {"MustComply": "true"})
        self._check()
        try:
            self._shell.open(options, content)
        except Fault:
            raise  # refused: there is no shell
        except BaseException:
            self._may_exist = self._wire.was_heard  # and may have made one before it fell silent
            raise
        self._may_exist = True
        while not self._is_opened():
            yield None

    def _is_opened(self) -> bool:
        for message in self._receive(None):
            if message.kind == MessageType.SESSION_CAPABILITY and psrp.protocol_of(message) < _OLDEST_PROTOCOL:
                raise UnsupportedPowerShell(f"{self._wire.endpoint} runs PowerShell 2.0; the probe needs 3.0")
            if message.kind == MessageType.RUNSPACEPOOL_STATE:
                state = psrp.pool_state_of(message)
                if state == PoolState.OPENED:
                    return True
                if state in (PoolState.CLOSED, PoolState.BROKEN):
                    raise ProbeFailed(f"PowerShell did not start: {psrp.error_text_of(message) or 'without a reason'}")
        return False

    def _exchange_keys(self) -> Generator[None, None, SessionKey]:
        """The session's key for secrets. Raises KeyExchangeFailed where the host does not answer, or wrongly."""
        exchange = KeyExchange()
        try:
            self._check()
            for fragment in self._outgoing.fragments(exchange.offer()):
                self._shell.send("stdin", fragment)
            patience = time.monotonic() + KEY_EXCHANGE_SECONDS
            while time.monotonic() < patience:
                for message in self._receive(None):
                    if message.kind == MessageType.ENCRYPTED_SESSION_KEY:
                        return exchange.accept(message)
                yield None
        except Fault as fault:
            raise KeyExchangeFailed(f"{self._wire.endpoint} refused the key exchange: {fault}") from fault
        raise KeyExchangeFailed(
            f"{self._wire.endpoint} did not answer the key exchange within {KEY_EXCHANGE_SECONDS} s; no secret was sent"
        )

    def _start(self, pipeline: psrp.Message) -> None:
        self._check()
        self._pipeline_id = uuid.uuid4()
        self._first_error = ""
        identity = str(self._pipeline_id).upper()
        first, *rest = self._outgoing.fragments(pipeline, self._pipeline_id)
        self._is_running = True
        self._shell.command("", arguments=[base64.b64encode(first).decode()], command_id=identity)
        for fragment in rest:
            self._shell.send("stdin", fragment, command_id=identity)

    def _poll(self) -> Iterator[str | None]:
        messages = self._receive(str(self._pipeline_id).upper())
        if not messages:
            yield None
        for message in messages:
            if message.kind == MessageType.PIPELINE_OUTPUT:
                text = psrp.output_of(message)
                if text is not None:
                    yield text
            elif message.kind == MessageType.ERROR_RECORD:
                self._first_error = self._first_error or psrp.error_text_of(message)
            elif message.kind == MessageType.PIPELINE_STATE:
                self._end(message)
            elif message.kind == MessageType.RUNSPACEPOOL_STATE:
                self._is_running = False
                raise SessionLost(f"{self._wire.endpoint} closed the session while the probe ran")

    def _end(self, message: psrp.Message) -> None:
        state = psrp.pipeline_state_of(message)
        self._is_running = state not in (
            PSInvocationState.COMPLETED,
            PSInvocationState.FAILED,
            PSInvocationState.STOPPED,
        )
        if state in (PSInvocationState.FAILED, PSInvocationState.STOPPED):
            reason = psrp.error_text_of(message) or self._first_error or "without a reason"
            raise ProbeFailed(f"the probe ended with an error: {reason}")

    def _receive(self, command_id: str | None) -> list[psrp.Message]:
        """What the host has to say now; empty if it has nothing to say yet."""
        seconds = self._check()
        try:
            state, _, streams = self._shell.receive("stdout", command_id=command_id, timeout=seconds)
        except Fault as fault:
            if fault.code == NOTHING_YET:
                return []
            raise
        messages = self._incoming.messages(streams["stdout"])
        if state == CommandState.DONE and not any(each.kind == MessageType.PIPELINE_STATE for each in messages):
            self._is_running = False
            raise SessionLost(f"{self._wire.endpoint} ended the probe without saying how")
        return messages

    def _check(self) -> int:
        """The seconds that the next answer may take. Raises if there should be none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassed(f"{self._wire.endpoint}: not done after {self._target.deadlines.soft_seconds:g} s")
        return max(1, min(self._target.deadlines.poll_seconds, math.ceil(left)))

    def clean_up(self) -> None:
        """Stop the script if it still runs and delete the shell. What fails here is not what the audit is about."""
        if not self._may_exist:
            return
        self._wire.begin_cleanup()
        if self._is_running and self._wire.is_connected:
            with contextlib.suppress(Exception):
                self._shell.signal(SignalCode.PS_CTRL_C, str(self._pipeline_id).upper())
        if not self._shell.opened:  # the answer to our Create got lost
            self._shell.opened = True
            self._shell._selector_set = SelectorSet()
            self._shell._selector_set.add_option("ShellId", str(self._pool_id).upper())
        with contextlib.suppress(Exception):
            self._shell.close()
