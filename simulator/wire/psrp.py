"""PSRP messages: the ones a server sends, written directly, and the ones it reads (MS-PSRP 2.2.2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from xml.etree import ElementTree

from simulator.engine import (
    Command,
    Error,
    Information,
    Output,
    Pipeline,
    Progress,
    Record,
    Throw,
    Warn,
    host_now,
)
from simulator.wire import clixml

SESSION_CAPABILITY = 0x00010002
INIT_RUNSPACEPOOL = 0x00010004
PUBLIC_KEY = 0x00010005
ENCRYPTED_SESSION_KEY = 0x00010006
RUNSPACE_AVAILABILITY = 0x00021004
RUNSPACEPOOL_STATE = 0x00021005
CREATE_PIPELINE = 0x00021006
APPLICATION_PRIVATE_DATA = 0x00021009
PIPELINE_INPUT = 0x00041002
END_OF_PIPELINE_INPUT = 0x00041003
PIPELINE_OUTPUT = 0x00041004
ERROR_RECORD = 0x00041005
PIPELINE_STATE = 0x00041006
WARNING_RECORD = 0x00041009
PROGRESS_RECORD = 0x00041010
INFORMATION_RECORD = 0x00041011

# These ask for a number of runspaces (or a reset) and are answered with RUNSPACE_AVAILABILITY.
SET_MAX_RUNSPACES = 0x00021002
SET_MIN_RUNSPACES = 0x00021003
GET_AVAILABLE_RUNSPACES = 0x00021007
RESET_RUNSPACE_STATE = 0x0002100C

POOL_OPENED = 2
PIPELINE_STOPPED, PIPELINE_COMPLETED, PIPELINE_FAILED = 3, 4, 5

_TO_CLIENT = 1
_HEADER = struct.Struct("<II16s16s")
_BOM = b"\xef\xbb\xbf"
_NOBODY = bytes(16)

_PROGRESS_TYPES = ("System.Management.Automation.ProgressRecordType",)
_LIST_OF_TEXT = (
    "System.Collections.Generic.List`1[[System.String, mscorlib, Version=4.0.0.0, Culture=neutral, "
    "PublicKeyToken=b77a5c561934e089]]"
)


class MalformedMessage(ValueError):
    """The client sent something that is no PSRP message."""


@dataclass(frozen=True)
class Message:
    """A message from the client; the ids are raw bytes, for clients differ in how they order them."""

    kind: int
    pool_id: bytes
    pipeline_id: bytes
    data: bytes

    def document(self) -> ElementTree.Element:
        """Its CLIXML; raises MalformedMessage."""
        try:
            return clixml.read(self.data)
        except ElementTree.ParseError as error:
            raise MalformedMessage(f"message {self.kind:#x} is no XML: {error}") from error


def parse(message: bytes) -> Message:
    """Read one defragmented message; raises MalformedMessage."""
    if len(message) < _HEADER.size:
        raise MalformedMessage("the message is shorter than its header")
    _destination, kind, pool_id, pipeline_id = _HEADER.unpack_from(message)
    return Message(kind, pool_id, pipeline_id, message[_HEADER.size :].removeprefix(_BOM))


def pack(kind: int, document: str, pool_id: bytes = _NOBODY, pipeline_id: bytes = _NOBODY) -> bytes:
    """A message to the client; every one starts with a BOM."""
    return _HEADER.pack(_TO_CLIENT, kind, pool_id, pipeline_id) + _BOM + document.encode("utf-8", "surrogatepass")


def session_capability(protocol: str) -> bytes:
    """What the server speaks; Windows leaves the pool id zero here."""
    versions = (("protocolversion", protocol), ("PSVersion", "2.0"), ("SerializationVersion", "1.1.0.1"))
    body = "".join(f'<Version N="{name}">{version}</Version>' for name, version in versions)
    return pack(SESSION_CAPABILITY, f'<Obj RefId="0"><MS>{body}</MS></Obj>')


def application_private_data(pool_id: bytes, powershell_version: str, build: str, protocol: str) -> bytes:
    """$PSVersionTable, as a pool announces it when it opens."""
    compatible = ["1.0", "2.0", "3.0", "4.0", "5.0"]
    older = [version for version in compatible if version < powershell_version[:3]]
    versions = "".join(f"<Version>{version}</Version>" for version in (*older, powershell_version))
    table = [
        f'<Version N="Value">{powershell_version}</Version>',
        '<S N="Value">Desktop</S>',
        '<Obj N="Value" RefId="3"><TN RefId="1"><T>System.Version[]</T><T>System.Array</T><T>System.Object</T></TN>'
        f"<LST>{versions}</LST></Obj>",
        '<Version N="Value">4.0.30319.42000</Version>',
        f'<Version N="Value">{build}</Version>',
        '<Version N="Value">3.0</Version>',
        f'<Version N="Value">{protocol}</Version>',
        '<Version N="Value">1.1.0.1</Version>',
    ]
    keys = ["PSVersion", "PSEdition", "PSCompatibleVersions", "CLRVersion", "BuildVersion"]
    keys += ["WSManStackVersion", "PSRemotingProtocolVersion", "SerializationVersion"]
    entries = "".join(
        f'<En><S N="Key">{key}</S>{held}</En>'
        for key, held in zip(keys, table, strict=True)
        if key != "PSEdition" or powershell_version.startswith("5.1")  # came with 5.1
    )
    document = (
        '<Obj RefId="0"><MS><Obj N="ApplicationPrivateData" RefId="1"><TN RefId="0">'
        "<T>System.Management.Automation.PSPrimitiveDictionary</T><T>System.Collections.Hashtable</T>"
        '<T>System.Object</T></TN><DCT><En><S N="Key">PSVersionTable</S><Obj N="Value" RefId="2">'
        f'<TNRef RefId="0" /><DCT>{entries}</DCT></Obj></En></DCT></Obj></MS></Obj>'
    )
    return pack(APPLICATION_PRIVATE_DATA, document, pool_id)


def pool_state(pool_id: bytes, state: int) -> bytes:
    """The state of a runspace pool."""
    document = f'<Obj RefId="0"><MS><I32 N="RunspaceState">{state}</I32></MS></Obj>'
    return pack(RUNSPACEPOOL_STATE, document, pool_id)


def runspace_availability(pool_id: bytes, message: Message) -> bytes:
    """The answer to a request about runspaces: a number if it asked for one, else true."""
    call = clixml.members(message.document()).get("ci")
    answer = '<I32 N="SetMinMaxRunspacesResponse">1</I32>'
    if message.kind != GET_AVAILABLE_RUNSPACES:
        answer = '<B N="SetMinMaxRunspacesResponse">true</B>'
    number = "0" if call is None else call.text
    return pack(RUNSPACE_AVAILABILITY, f'<Obj RefId="0"><MS>{answer}<I64 N="ci">{number}</I64></MS></Obj>', pool_id)


def encrypted_session_key(sealed_key: str) -> bytes:
    """The session key, sealed for the client; Windows leaves the pool id zero here too."""
    return pack(ENCRYPTED_SESSION_KEY, f'<Obj RefId="0"><MS><S N="EncryptedSessionKey">{sealed_key}</S></MS></Obj>')


def pipeline_state(pool_id: bytes, pipeline_id: bytes, state: int, error: Throw | None = None) -> bytes:
    """The state a pipeline ended in; a terminating error travels inside it."""
    record = "" if error is None else _error_record(error, 'N="ExceptionAsErrorRecord" RefId="1"', first_ref=2)
    document = f'<Obj RefId="0"><MS><I32 N="PipelineState">{state}</I32>{record}</MS></Obj>'
    return pack(PIPELINE_STATE, document, pool_id, pipeline_id)


def record(item: Record, pool_id: bytes, pipeline_id: bytes) -> bytes:
    """The message that carries one record of a running pipeline."""
    if isinstance(item, Output):
        kind, document = PIPELINE_OUTPUT, clixml.value(item.value)
    elif isinstance(item, Error):
        kind, document = ERROR_RECORD, _error_record(item, 'RefId="0"', first_ref=1)
    elif isinstance(item, Progress):
        kind, document = PROGRESS_RECORD, _progress(item)
    elif isinstance(item, Information):
        kind, document = INFORMATION_RECORD, _information(item)
    elif isinstance(item, Warn):
        kind, document = WARNING_RECORD, _informational("WarningRecord", item.message)
    else:
        raise TypeError("a thrown error ends the pipeline; it is not a record of its own")
    return pack(kind, document, pool_id, pipeline_id)


def _error_record(error: Error | Throw, attributes: str, first_ref: int) -> str:
    short_type = error.exception_type.rpartition(".")[2]
    where = f"[{error.activity}], " if error.activity else "[], "
    category = {0: "NotSpecified", 13: "ObjectNotFound", 14: "OperationStopped"}.get(error.category, "NotSpecified")
    target = "(:) " if isinstance(error, Error) else f"({clixml.text(error.message[:40])}:String) "
    stream = '<B N="writeErrorStream">true</B>' if isinstance(error, Error) else ""
    types = ["System.Management.Automation.RuntimeException"] if "Automation" in error.exception_type else []
    types = [each for each in types if each != error.exception_type]
    names = "".join(
        f"<T>{each}</T>"
        for each in (
            error.exception_type,
            *types,
            "System.SystemException",
            "System.Exception",
            "System.Object",
        )
    )
    message = clixml.text(error.message)
    return (
        f'<Obj {attributes}><TN RefId="0"><T>System.Management.Automation.ErrorRecord</T><T>System.Object</T></TN>'
        f"<ToString>{message}</ToString><MS>{stream}"
        f'<Obj N="Exception" RefId="{first_ref}"><TN RefId="1">{names}</TN>'
        f"<ToString>{error.exception_type}: {message}</ToString><Props>{clixml.string(error.message, 'Message')}"
        f'<Obj N="Data" RefId="{first_ref + 1}"><TN RefId="2"><T>System.Collections.ListDictionaryInternal</T>'
        '<T>System.Object</T></TN><DCT /></Obj><Nil N="InnerException" /><Nil N="TargetSite" />'
        '<Nil N="StackTrace" /><Nil N="HelpLink" /><Nil N="Source" /><I32 N="HResult">-2146233087</I32></Props></Obj>'
        '<Nil N="TargetObject" />'
        f"{clixml.string(error.fully_qualified_id or error.message, 'FullyQualifiedErrorId')}"
        f'<I32 N="ErrorCategory_Category">{error.category}</I32>'
        f"{clixml.string(error.activity, 'ErrorCategory_Activity')}"
        f'<S N="ErrorCategory_Reason">{short_type}</S><S N="ErrorCategory_TargetName"></S>'
        '<S N="ErrorCategory_TargetType"></S>'
        f'<S N="ErrorCategory_Message">{category}: {target}{where}{short_type}</S>'
        '<B N="SerializeExtendedInfo">false</B>'
        '<S N="ErrorDetails_ScriptStackTrace">at &lt;ScriptBlock&gt;, &lt;No file&gt;: line 1</S></MS></Obj>'
    )


def _progress(item: Progress) -> str:
    kind = clixml.enum(_PROGRESS_TYPES, "Completed", 1, "Type", ref=1, type_ref=0)
    return (
        f'<Obj RefId="0"><MS>{clixml.string(item.activity, "Activity")}<I32 N="ActivityId">0</I32>'
        f'{clixml.string(item.status, "StatusDescription")}<Nil N="CurrentOperation" />'
        f'<I32 N="ParentActivityId">-1</I32>{clixml.int32(item.percent_complete, "PercentComplete")}{kind}'
        '<I32 N="SecondsRemaining">-1</I32></MS></Obj>'
    )


def _information(item: Information) -> str:
    generated = host_now().strftime("%Y-%m-%dT%H:%M:%S.%f0+00:00")
    return (
        f'<Obj RefId="0"><MS>{clixml.string(item.message, "MessageData")}{clixml.string(item.source, "Source")}'
        f'<DT N="TimeGenerated">{generated}</DT><Obj N="Tags" RefId="1"><TN RefId="0"><T>{_LIST_OF_TEXT}</T>'
        '<T>System.Object</T></TN><LST /></Obj><S N="User">NT AUTHORITY\\SYSTEM</S><S N="Computer"></S>'
        '<U32 N="ProcessId">2780</U32><U32 N="NativeThreadId">368</U32><U32 N="ManagedThreadId">10</U32></MS></Obj>'
    )


def _informational(kind: str, message: str) -> str:
    return (
        f'<Obj RefId="0"><TN RefId="0"><T>System.Management.Automation.{kind}</T>'
        "<T>System.Management.Automation.InformationalRecord</T><T>System.Object</T></TN>"
        f"<ToString>{clixml.text(message)}</ToString><MS>{clixml.string(message, 'InformationalRecord_Message')}"
        '<B N="InformationalRecord_SerializeInvocationInfo">false</B></MS></Obj>'
    )


def read_input(message: Message) -> object:
    """The object that a PIPELINE_INPUT message carries."""
    return clixml.to_python(message.document())


def read_create_pipeline(message: Message) -> tuple[Pipeline, bool]:
    """The pipeline that a CREATE_PIPELINE message describes, and whether input follows."""
    document = message.document()
    members = clixml.members(document)
    seen = {element.get("RefId", ""): element for element in document.iter("Obj")}
    powershell = members.get("PowerShell")
    if powershell is None:
        raise MalformedMessage("CREATE_PIPELINE carries no PowerShell object")
    parts = clixml.members(powershell)
    statements = _list_items(parts.get("ExtraCmds"))
    holders = [clixml.members(statement).get("Cmds") for statement in statements] or [parts.get("Cmds")]
    commands = tuple(_command(each, seen) for holder in holders for each in _list_items(holder))
    no_input = members.get("NoInput")
    return Pipeline(commands), no_input is not None and (no_input.text or "").lower() == "false"


def _list_items(holder: ElementTree.Element | None) -> list[ElementTree.Element]:
    listed = None if holder is None else holder.find("LST")
    return [] if listed is None else list(listed)


def _command(element: ElementTree.Element, seen: dict[str, ElementTree.Element]) -> Command:
    members = clixml.members(element)
    parameters: dict[str, object] = {}
    arguments: list[object] = []
    for bound in _list_items(members.get("Args")):
        parts = clixml.members(bound)
        name = clixml.to_python(parts["N"], seen) if "N" in parts else None
        held = clixml.to_python(parts["V"], seen) if "V" in parts else None
        if isinstance(name, str) and name:
            parameters[name.rstrip(":").lstrip("-")] = held
        else:
            arguments.append(held)
    script = members.get("IsScript")
    return Command(
        text=clixml.plain(members["Cmd"].text),
        is_script=script is not None and (script.text or "").lower() == "true",
        parameters=parameters,
        arguments=tuple(arguments),
    )
