"""The winrs shell: cmd.exe as far as clients need it to run one command and fetch its output (MS-WSMV 3.1.4.5)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from typing import TYPE_CHECKING

from simulator.engine import Command, Error, Output, Pipeline, Throw
from simulator.wire.shells import (
    STATE_DONE,
    STATE_RUNNING,
    Outbox,
    Shell,
    command_id_of,
    is_terminate,
    no_such_command,
)
from simulator.wire.soap import SoapRequest, new_id
from simulator.wire.wsman_faults import COMMANDS_PER_SHELL, WsmanFault

if TYPE_CHECKING:
    from simulator.hosts import SimulatedHost

RESOURCE_URI = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd"

_ENCODED_COMMAND = re.compile(r"powershell(?:\.exe)?\b.*\s-e\w*\s+(\S+)", re.IGNORECASE)
_CMD = re.compile(r"cmd(?:\.exe)?\s+/c\s+", re.IGNORECASE)


class CommandShell(Shell):
    """One winrs shell."""

    resource_uri = RESOURCE_URI

    def __init__(self, host: SimulatedHost, shell_id: str, user: str, idle_timeout_seconds: float) -> None:
        super().__init__(host, shell_id, user, idle_timeout_seconds)
        self._commands: dict[str, _Process] = {}

    def command(self, request: SoapRequest) -> str:
        """Start a process; the host chooses its id unless the client did."""
        if len(self._commands) >= self.host.definition.quotas.commands_per_shell:
            raise WsmanFault(COMMANDS_PER_SHELL)
        command_id = command_id_of(request, "rsp:CommandLine") or new_id()
        words = [element.text or "" for element in request.findall("rsp:CommandLine/rsp:Command")]
        words += [element.text or "" for element in request.findall("rsp:CommandLine/rsp:Arguments")]
        self._commands[command_id.upper()] = _Process(self, " ".join(words).strip())
        return command_id

    def send(self, request: SoapRequest) -> None:
        """Take standard input, which no simulated process reads."""
        self._process(command_id_of(request, "rsp:Send/rsp:Stream"))

    async def receive(self, request: SoapRequest) -> str:
        """Standard output and error, and the exit code with the last of them."""
        command_id = command_id_of(request, "rsp:Receive/rsp:DesiredStream")
        outbox = self._process(command_id).outbox
        await outbox.wait(request.operation_timeout_seconds)
        streams = "".join(
            f'<rsp:Stream Name="{name}" CommandId="{command_id}">{base64.b64encode(piece).decode("ascii")}</rsp:Stream>'
            for name, piece in outbox.take(request.max_envelope_bytes)
        )
        if not outbox.finished or not outbox.is_empty:
            return f'{streams}<rsp:CommandState CommandId="{command_id}" State="{STATE_RUNNING}"></rsp:CommandState>'
        ends = "".join(
            f'<rsp:Stream Name="{name}" CommandId="{command_id}" End="true"></rsp:Stream>'
            for name in ("stdout", "stderr")
        )
        return (
            f'{streams}{ends}<rsp:CommandState CommandId="{command_id}" State="{STATE_DONE}">'
            f"<rsp:ExitCode>{self._process(command_id).exit_code}</rsp:ExitCode></rsp:CommandState>"
        )

    def signal(self, command_id: str, code: str) -> None:
        """Stop a process; terminate also forgets it."""
        self._process(command_id).task.cancel()
        if is_terminate(code):
            del self._commands[command_id.upper()]

    def close(self) -> None:
        """Stop every process."""
        for process in self._commands.values():
            process.task.cancel()

    def _process(self, command_id: str) -> _Process:
        process = self._commands.get(command_id.upper())
        if process is None:
            raise no_such_command()
        return process


class _Process:
    def __init__(self, shell: CommandShell, command_line: str) -> None:
        self.outbox = Outbox()
        self.exit_code = 0
        self._shell = shell
        self.task = asyncio.get_running_loop().create_task(self._run(command_line))

    async def _run(self, command_line: str) -> None:
        try:
            await self._execute(_CMD.sub("", command_line))
        finally:
            self.outbox.finish()

    async def _execute(self, line: str) -> None:
        host = self._shell.host
        encoded = _ENCODED_COMMAND.match(line)
        if encoded:
            await self._powershell(encoded.group(1))
        elif line.lower().startswith("echo "):
            self._say(line[5:])
        elif line.lower() in {"hostname", "hostname.exe"}:
            self._say(host.definition.name)
        elif line.lower() in {"whoami", "whoami.exe"}:
            self._say(self._shell.user.lower())
        elif line.lower() == "ver":
            self._say(f"\r\nMicrosoft Windows [Version {host.definition.build}]")
        elif match := re.fullmatch(r"exit(?:\s+/b)?\s*(\d*)", line, re.IGNORECASE):
            self.exit_code = int(match.group(1) or 0)
        else:
            name = line.partition(" ")[0]
            self._say(
                f"'{name}' is not recognized as an internal or external command,\r\noperable program or batch file.",
                "stderr",
            )
            self.exit_code = 1

    async def _powershell(self, encoded: str) -> None:
        host = self._shell.host
        try:
            script = base64.b64decode(encoded, validate=True).decode("utf-16-le")
        except (binascii.Error, UnicodeDecodeError):
            self._say(
                "Cannot process the command because the value specified with -EncodedCommand is not base64.",
                "stderr",
            )
            self.exit_code = 1
            return
        session = host.session(self._shell.user)
        async for record in host.definition.engine.run(Pipeline((Command(script),)), session):
            if isinstance(record, Output):
                self._say(str(record.value))
            elif isinstance(record, Error | Throw):
                self._say(record.message, "stderr")
                self.exit_code = 1 if isinstance(record, Throw) else self.exit_code

    def _say(self, line: str, stream: str = "stdout") -> None:
        self.outbox.put(stream, f"{line}\r\n".encode())
