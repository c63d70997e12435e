"""A PowerShell shell: one PSRP runspace pool with its pipelines (MS-PSRP 3.2, MS-WSMV 3.1.4.5)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import logging
from typing import TYPE_CHECKING

from simulator.engine import Output, Pipeline, Progress, Record, Throw, clock_offset_seconds
from simulator.faults import (
    BreakOff,
    DropKeyExchange,
    Fault,
    Faults,
    HangingScript,
    HangInReceive,
    ScriptThrows,
    ShellGone,
)
from simulator.wire import psrp, session_key
from simulator.wire.fragments import Defragmenter, Fragmenter, MalformedFragment
from simulator.wire.interruptions import ConnectionBroken, NeverAnswered
from simulator.wire.session_key import SessionKey
from simulator.wire.shells import STATE_DONE, Outbox, Shell, command_id_of, is_terminate, no_such_command
from simulator.wire.soap import SoapRequest
from simulator.wire.wsman_faults import (
    COMMANDS_PER_SHELL,
    INVALID_PARAMETER,
    INVALID_SELECTORS,
    OPERATION_TIMED_OUT,
    WsmanFault,
)

if TYPE_CHECKING:
    from simulator.hosts import SimulatedHost

log = logging.getLogger(__name__)

RESOURCE_URI_PREFIX = "http://schemas.microsoft.com/powershell/"

_Interruption = BreakOff | ShellGone | HangInReceive | HangingScript | ScriptThrows


class RunspacePool(Shell):
    """One pool; object ids run on across it, and its own messages come in two answers, as recorded."""

    input_streams = "stdin pr"
    output_streams = "stdout"

    def __init__(
        self, host: SimulatedHost, resource_uri: str, shell_id: str, user: str, idle_timeout_seconds: float
    ) -> None:
        super().__init__(host, shell_id, user, idle_timeout_seconds)
        self.resource_uri = resource_uri
        self.pool_id = bytes(16)
        self.session_key: SessionKey | None = None
        self._fragmenter = Fragmenter()
        self._defragmenter = Defragmenter()
        self._answers: asyncio.Queue[list[bytes]] = asyncio.Queue()
        self._pipelines: dict[str, RunningPipeline] = {}
        self._has_run = False

    @property
    def endpoint(self) -> str:
        """The name of the PSSessionConfiguration."""
        return self.resource_uri.removeprefix(RESOURCE_URI_PREFIX)

    def open(self, creation: bytes) -> None:
        """Take the first messages, which Create carries."""
        self._take(creation)

    def _take(self, data: bytes) -> None:
        try:
            for raw in self._defragmenter.feed(data):
                self._handle(psrp.parse(raw))
        except (MalformedFragment, psrp.MalformedMessage) as error:
            log.info("%s: %s", self.host.definition.name, error)
            raise WsmanFault(INVALID_PARAMETER) from error

    def _handle(self, message: psrp.Message) -> None:
        definition = self.host.definition
        if message.kind == psrp.INIT_RUNSPACEPOOL:
            self.pool_id = message.pool_id
            capability = psrp.session_capability(definition.protocol_version)
            table = psrp.application_private_data(
                self.pool_id, definition.powershell_version, definition.build, definition.protocol_version
            )
            if definition.opens_pool_in_three_answers:
                self._answer(capability)
                self._answer(table)
            else:
                self._answer(capability, table)
            self._answer(psrp.pool_state(self.pool_id, psrp.POOL_OPENED))
        elif message.kind == psrp.PUBLIC_KEY:
            self.host.counters.key_exchanges += 1
            if DropKeyExchange in self.host.faults:
                return
            self.session_key = SessionKey.for_client(message)
            self._answer(psrp.encrypted_session_key(self.session_key.sealed))
        elif message.kind in {
            psrp.SET_MAX_RUNSPACES,
            psrp.SET_MIN_RUNSPACES,
            psrp.GET_AVAILABLE_RUNSPACES,
            psrp.RESET_RUNSPACE_STATE,
        }:
            self._answer(psrp.runspace_availability(self.pool_id, message))

    def _answer(self, *messages: bytes) -> None:
        self._answers.put_nowait([piece for message in messages for piece in self.cut(message)])

    def cut(self, message: bytes) -> list[bytes]:
        """The fragments of a message, numbered within this pool."""
        return list(self._fragmenter.cut(message))

    def command(self, request: SoapRequest) -> str:
        """Create a pipeline; it starts as soon as its description is complete."""
        held = sum(not pipeline.was_signalled for pipeline in self._pipelines.values())
        if held >= self.host.definition.quotas.commands_per_shell:
            raise WsmanFault(COMMANDS_PER_SHELL)
        command_id = command_id_of(request, "rsp:CommandLine")
        pipeline = RunningPipeline(self, command_id, shows_progress=not self._has_run)
        self._has_run = True
        self._pipelines[command_id.upper()] = pipeline
        pipeline.take(_decoded(request, "rsp:CommandLine/rsp:Arguments"))
        return command_id

    def send(self, request: SoapRequest) -> None:
        """Take more of a pipeline's description or input, or a message to the pool."""
        command_id = command_id_of(request, "rsp:Send/rsp:Stream")
        data = _decoded(request, "rsp:Send/rsp:Stream")
        if command_id:
            self._pipeline(command_id).take(data)
        else:
            self._take(data)

    async def receive(self, request: SoapRequest) -> str:
        """The next answer of the pool or of one pipeline."""
        command_id = command_id_of(request, "rsp:Receive/rsp:DesiredStream")
        if command_id:
            return await self._pipeline(command_id).receive(request)
        try:
            async with asyncio.timeout(request.operation_timeout_seconds):
                pieces = await self._answers.get()
        except TimeoutError:
            raise WsmanFault(OPERATION_TIMED_OUT) from None
        return "".join(_stream(piece) for piece in pieces)

    def signal(self, command_id: str, code: str) -> None:
        """Stop a pipeline, which frees its place in the quota; terminate also forgets it."""
        pipeline = self._pipeline(command_id)
        pipeline.was_signalled = True
        pipeline.stop()
        if is_terminate(code):
            del self._pipelines[command_id.upper()]

    def close(self) -> None:
        """Stop every pipeline."""
        for pipeline in self._pipelines.values():
            pipeline.stop()

    def _pipeline(self, command_id: str) -> RunningPipeline:
        pipeline = self._pipelines.get(command_id.upper())
        if pipeline is None:
            raise no_such_command()
        return pipeline


class RunningPipeline:
    """One pipeline: collects its description and input, runs it, and keeps its output until it is fetched."""

    def __init__(self, pool: RunspacePool, command_id: str, *, shows_progress: bool) -> None:
        self.command_id = command_id
        self._pool = pool
        self._shows_progress = shows_progress
        self._defragmenter = Defragmenter()
        self._outbox = Outbox()
        self._task: asyncio.Task[None] | None = None
        self._pipeline: Pipeline | None = None
        self._pipeline_id = bytes(16)
        self._input: list[object] = []
        self._interruption: Fault | None = None
        self._end_was_told = False
        self.was_signalled = False

    def take(self, data: bytes) -> None:
        """Take fragments; raises the fault for what is none."""
        try:
            for raw in self._defragmenter.feed(data):
                self._handle(psrp.parse(raw))
        except (MalformedFragment, psrp.MalformedMessage, KeyError) as error:
            log.info("%s: %s", self._pool.host.definition.name, error)
            raise WsmanFault(INVALID_PARAMETER) from error

    def _handle(self, message: psrp.Message) -> None:
        if message.kind == psrp.CREATE_PIPELINE:
            self._pipeline_id = message.pipeline_id
            described, has_input = psrp.read_create_pipeline(message)
            key = self._pool.session_key
            if key is None and session_key.has_secrets(described):
                raise psrp.MalformedMessage("a SecureString before keys were exchanged")
            self._pipeline = described if key is None else key.open_secrets(described)
            if not has_input:
                self._start()
        elif message.kind == psrp.PIPELINE_INPUT:
            self._input.append(psrp.read_input(message))
        elif message.kind == psrp.END_OF_PIPELINE_INPUT and self._task is None:
            self._start()

    def _start(self) -> None:
        if self._pipeline is not None:
            self._pool.host.counters.pipelines += 1
            complete = Pipeline(self._pipeline.commands, tuple(self._input))
            self._task = asyncio.get_running_loop().create_task(self._run(complete))

    async def _run(self, pipeline: Pipeline) -> None:
        host = self._pool.host
        clock_offset_seconds.set(host.clock_offset_seconds())
        if self._shows_progress:
            self._emit(Progress("Preparing modules for first use."))
        records = host.definition.engine.run(pipeline, host.session(self._pool.user, self._pool.endpoint))
        sections = 0
        try:
            if await self._is_interrupted(sections):
                return
            async for item in records:
                if isinstance(item, Throw):
                    self._finish(psrp.PIPELINE_FAILED, item)
                    return
                self._emit(item)
                if isinstance(item, Output):
                    sections += 1
                    host.counters.sections_delivered += 1
                    if await self._is_interrupted(sections):
                        return
            self._finish(psrp.PIPELINE_COMPLETED)
        except asyncio.CancelledError:
            self._finish(psrp.PIPELINE_STOPPED)
            raise
        except Exception as error:  # the engine is a scenario author's code: say it to the client, and keep serving
            log.exception("%s: the engine failed", host.definition.name)
            self._finish(psrp.PIPELINE_FAILED, Throw(f"the simulated host's engine failed: {error!r}"))
        finally:
            with contextlib.suppress(AttributeError):
                await records.aclose()  # type: ignore[attr-defined]  # async generators have it, iterators need not

    async def _is_interrupted(self, sections: int) -> bool:
        fault = _interruption_after(self._pool.host.faults, sections)
        if fault is None:
            return False
        if isinstance(fault, HangingScript):
            await asyncio.Event().wait()
        if isinstance(fault, ScriptThrows):
            self._finish(psrp.PIPELINE_FAILED, Throw(fault.message))
            return True
        self._interruption = fault
        self._outbox.wake()
        return True

    def _emit(self, item: Record) -> None:
        for piece in self._pool.cut(psrp.record(item, self._pool.pool_id, self._pipeline_id)):
            self._outbox.put("stdout", piece)

    def _finish(self, state: int, error: Throw | None = None) -> None:
        for piece in self._pool.cut(psrp.pipeline_state(self._pool.pool_id, self._pipeline_id, state, error)):
            self._outbox.put("stdout", piece)
        self._outbox.finish()

    async def receive(self, request: SoapRequest) -> str:
        """What there is, and CommandState/Done together with the last of it."""
        if self._end_was_told:
            raise no_such_command()
        if self._interruption is None:
            await self._outbox.wait(request.operation_timeout_seconds)
        if self._interruption is not None and self._outbox.is_empty:
            self._interrupt(self._interruption)
        pieces = self._outbox.take(request.max_envelope_bytes)
        streams = "".join(_stream(piece, self.command_id) for _name, piece in pieces)
        if not self._outbox.finished or not self._outbox.is_empty:
            return streams
        self._end_was_told = True
        return (
            f'{streams}<rsp:CommandState CommandId="{self.command_id}" State="{STATE_DONE}">'
            "<rsp:ExitCode>0</rsp:ExitCode></rsp:CommandState>"
        )

    def _interrupt(self, fault: Fault) -> None:
        if isinstance(fault, BreakOff):
            raise ConnectionBroken(fault.how)
        if isinstance(fault, ShellGone):
            self._pool.host.remove_shell(self._pool)
            raise WsmanFault(INVALID_SELECTORS)
        raise NeverAnswered

    def stop(self) -> None:
        """Stop the pipeline if it still runs."""
        if self._task is not None and not self._task.done():
            self._task.cancel()


def _interruption_after(faults: Faults, sections: int) -> _Interruption | None:
    kinds: tuple[type[_Interruption], ...] = (BreakOff, ShellGone, HangInReceive, HangingScript, ScriptThrows)
    present = (faults.get(kind) for kind in kinds)
    return next((fault for fault in present if fault is not None and fault.after_sections == sections), None)


def _stream(piece: bytes, command_id: str = "") -> str:
    about = f' CommandId="{command_id}"' if command_id else ""
    return f'<rsp:Stream Name="stdout"{about}>{base64.b64encode(piece).decode("ascii")}</rsp:Stream>'


def _decoded(request: SoapRequest, path: str) -> bytes:
    try:
        return b"".join(base64.b64decode(element.text or "") for element in request.findall(path))
    except binascii.Error as error:
        raise WsmanFault(INVALID_PARAMETER) from error
