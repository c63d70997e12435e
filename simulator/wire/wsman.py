"""The WS-Man service of one host: each action, its answer, or its fault (MS-WSMV 3.1.4)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from simulator.faults import AccessDenied, EndpointMissing, QuotaReached
from simulator.wire import command_shell, runspace_pool, soap
from simulator.wire.shells import Shell
from simulator.wire.soap import CONFIG, RSP, SoapRequest, X
from simulator.wire.wsman_faults import (
    ACCESS_DENIED,
    INVALID_PARAMETER,
    INVALID_SELECTORS,
    QUOTA_CODES,
    RESOURCE_NOT_FOUND,
    SHELLS_PER_USER,
    WsmanFault,
)

if TYPE_CHECKING:
    from simulator.hosts import SimulatedHost

TRANSFER = X
SHELL = RSP

# Windows keeps an idle shell for two hours unless the client asks for less, and never less than a minute. (What it
# answers to a request for less is not documented; here such a request gets the minute.)
DEFAULT_IDLE_SECONDS, LEAST_IDLE_SECONDS = 7200.0, 60.0


class WsmanService:
    """Answers requests of signed-in users."""

    def __init__(self, host: SimulatedHost) -> None:
        self._host = host
        self._actions: dict[str, Callable[[SoapRequest, str], Awaitable[str]]] = {
            f"{TRANSFER}/Create": self._create,
            f"{TRANSFER}/Delete": self._delete,
            f"{TRANSFER}/Get": self._get,
            f"{SHELL}/Command": self._command,
            f"{SHELL}/Send": self._send,
            f"{SHELL}/Receive": self._receive,
            f"{SHELL}/Signal": self._signal,
        }

    async def answer(self, message: bytes, user: str, peer: str) -> tuple[int, bytes]:
        """The HTTP status and envelope that answer ``message``; raises NotSoap, and what `interruptions` lists."""
        request = soap.parse(message)
        if request.body.find(f"{{{soap.IDENTIFY}}}Identify") is not None:
            return 200, soap.identity(version=self._host.definition.build)
        self._host.expire_idle_shells()
        try:
            action = self._actions.get(request.action)
            if action is None:
                raise WsmanFault(INVALID_PARAMETER)
            body = await action(request, f"{user}\n{peer}")
        except WsmanFault as fault:
            text = fault.text
            envelope = soap.fault(
                request, fault.code, text.subcode, text.reason, sender=text.sender, detail=text.detail
            )
            return 500, envelope
        return 200, soap.answer(request, f"{request.action}Response", body)

    async def _create(self, request: SoapRequest, caller: str) -> str:
        user, _, peer = caller.partition("\n")
        host = self._host
        self._refuse_creation(request, user)
        element = request.find("rsp:Shell")
        asked_id = "" if element is None else element.get("ShellId", "")
        shell_id = asked_id or soap.new_id()
        idle = _text(request, "rsp:Shell/rsp:IdleTimeOut") or _text(request, "rsp:Shell/rsp:IdleTimeout")
        seconds = max(soap.seconds_of(idle, default=DEFAULT_IDLE_SECONDS), LEAST_IDLE_SECONDS)
        shell: Shell
        if request.resource_uri == command_shell.RESOURCE_URI:
            shell = command_shell.CommandShell(host, shell_id, user, seconds)
        else:
            shell = runspace_pool.RunspacePool(host, request.resource_uri, shell_id, user, seconds)
            creation = request.find("rsp:Shell/pwsh:creationXml")
            try:
                shell.open(base64.b64decode((creation.text if creation is not None else "") or ""))
            except binascii.Error as error:
                raise WsmanFault(INVALID_PARAMETER) from error
        host.shells[shell_id.upper()] = shell
        host.counters.shells_created += 1
        return _created(request, shell, peer)

    def _refuse_creation(self, request: SoapRequest, user: str) -> None:
        host = self._host
        if AccessDenied in host.faults:
            raise WsmanFault(ACCESS_DENIED)
        quota = host.faults.get(QuotaReached)
        if quota is not None and quota.quota != "commands_per_shell":
            raise WsmanFault(QUOTA_CODES[quota.quota])
        if request.resource_uri != command_shell.RESOURCE_URI:
            endpoint = request.resource_uri.removeprefix(runspace_pool.RESOURCE_URI_PREFIX)
            if not host.has_endpoint(endpoint) or EndpointMissing in host.faults:
                raise WsmanFault(RESOURCE_NOT_FOUND)
        if sum(shell.user == user for shell in host.shells.values()) >= host.definition.quotas.shells_per_user:
            raise WsmanFault(SHELLS_PER_USER)

    async def _delete(self, request: SoapRequest, _caller: str) -> str:
        self._host.remove_shell(self._shell(request))
        self._host.counters.shells_deleted += 1
        return ""

    async def _command(self, request: SoapRequest, _caller: str) -> str:
        quota = self._host.faults.get(QuotaReached)
        if quota is not None and quota.quota == "commands_per_shell":
            raise WsmanFault(QUOTA_CODES[quota.quota])
        shell = self._shell(request)
        with shell:
            command_id = shell.command(request)
        return f"<rsp:CommandResponse><rsp:CommandId>{command_id}</rsp:CommandId></rsp:CommandResponse>"

    async def _send(self, request: SoapRequest, _caller: str) -> str:
        shell = self._shell(request)
        with shell:
            shell.send(request)
        return "<rsp:SendResponse/>"

    async def _receive(self, request: SoapRequest, _caller: str) -> str:
        shell = self._shell(request)
        with shell:
            return f"<rsp:ReceiveResponse>{await shell.receive(request)}</rsp:ReceiveResponse>"

    async def _signal(self, request: SoapRequest, _caller: str) -> str:
        shell = self._shell(request)
        element = request.find("rsp:Signal")
        command_id = "" if element is None else element.get("CommandId", "")
        with shell:
            shell.signal(command_id, _text(request, "rsp:Signal/rsp:Code"))
        return "<rsp:SignalResponse/>"

    async def _get(self, request: SoapRequest, _caller: str) -> str:
        if request.resource_uri == CONFIG:
            return (
                f'<cfg:Config xmlns:cfg="{CONFIG}"><cfg:MaxEnvelopeSizekb>500</cfg:MaxEnvelopeSizekb>'
                "<cfg:MaxTimeoutms>60000</cfg:MaxTimeoutms><cfg:MaxBatchItems>32000</cfg:MaxBatchItems></cfg:Config>"
            )
        return _described(self._shell(request), peer="127.0.0.1")

    def _shell(self, request: SoapRequest) -> Shell:
        shell = self._host.shells.get(request.shell_id.upper())
        if shell is None:
            raise WsmanFault(INVALID_SELECTORS)
        return shell


def _text(request: SoapRequest, path: str) -> str:
    element = request.find(path)
    return "" if element is None else (element.text or "").strip()


def _created(request: SoapRequest, shell: Shell, peer: str) -> str:
    return (
        f"<x:ResourceCreated><a:Address>{escape(request.to)}</a:Address><a:ReferenceParameters>"
        f'<w:ResourceURI>{escape(shell.resource_uri)}</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">'
        f"{escape(shell.id)}</w:Selector></w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"
        f"{_described(shell, peer)}"
    )


def _described(shell: Shell, peer: str) -> str:
    """The rsp:Shell element; a PowerShell shell says more about itself than a winrs one, as recorded."""
    powershell = isinstance(shell, runspace_pool.RunspacePool)
    process = "<rsp:ProcessId>3208</rsp:ProcessId>" if powershell else ""
    more = (
        "<rsp:MaxIdleTimeOut>PT2147483.647S</rsp:MaxIdleTimeOut><rsp:Locale>en-US</rsp:Locale>"
        "<rsp:DataLocale>en-US</rsp:DataLocale><rsp:CompressionMode>NoCompression</rsp:CompressionMode>"
        "<rsp:ProfileLoaded>Yes</rsp:ProfileLoaded><rsp:Encoding>UTF8</rsp:Encoding>"
        "<rsp:BufferMode>Block</rsp:BufferMode><rsp:State>Connected</rsp:State>"
    )
    return (
        f'<rsp:Shell xmlns:rsp="{RSP}"><rsp:ShellId>{escape(shell.id)}</rsp:ShellId>'
        f"<rsp:ResourceUri>{escape(shell.resource_uri)}</rsp:ResourceUri><rsp:Owner>{escape(shell.user)}</rsp:Owner>"
        f"<rsp:ClientIP>{peer}</rsp:ClientIP>{process}"
        f"<rsp:IdleTimeOut>PT{shell.idle_timeout_seconds:.3f}S</rsp:IdleTimeOut>"
        f"<rsp:InputStreams>{shell.input_streams}</rsp:InputStreams>"
        f"<rsp:OutputStreams>{shell.output_streams}</rsp:OutputStreams>{more if powershell else ''}"
        "<rsp:ShellRunTime>P0DT0H0M0S</rsp:ShellRunTime><rsp:ShellInactivity>P0DT0H0M0S</rsp:ShellInactivity>"
        "</rsp:Shell>"
    )
