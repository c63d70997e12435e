"""SOAP envelopes of WS-Management: reading a request, writing an answer or a fault (MS-WSMV)."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

S = "http://www.w3.org/2003/05/soap-envelope"
A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
X = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
W = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
P = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
RSP = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
PWSH = "http://schemas.microsoft.com/powershell"
IDENTIFY = "http://schemas.dmtf.org/wbem/wsman/identify/1/wsmanidentity.xsd"
CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"
FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
ANONYMOUS = f"{A}/role/anonymous"

# WS-Man names durations as xs:duration; clients send whole seconds, Windows itself sends PT60.000S.
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")

RELATES_TO = re.compile(rb"<a:RelatesTo>[^<]*</a:RelatesTo>")

_ENVELOPE = (
    f'<s:Envelope xml:lang="en-US" xmlns:s="{S}" xmlns:a="{A}" xmlns:x="{X}" xmlns:w="{W}" xmlns:rsp="{RSP}" '
    f'xmlns:p="{P}">'
)
_FAULT_ENVELOPE = (
    f'<s:Envelope xml:lang="en-US" xmlns:s="{S}" xmlns:a="{A}" xmlns:x="{X}" '
    'xmlns:e="http://schemas.xmlsoap.org/ws/2004/08/eventing" '
    f'xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" xmlns:w="{W}" xmlns:p="{P}">'
)


class NotSoap(ValueError):
    """The body is no SOAP envelope."""


@dataclass(frozen=True)
class SoapRequest:
    """What a request says in its header, and its body."""

    action: str
    message_id: str
    to: str
    resource_uri: str
    shell_id: str
    operation_timeout_seconds: float
    max_envelope_bytes: int
    body: ElementTree.Element

    def find(self, path: str) -> ElementTree.Element | None:
        """An element below the body; ``path`` uses the prefixes rsp and pwsh."""
        return self.body.find(path, {"rsp": RSP, "pwsh": PWSH})

    def findall(self, path: str) -> list[ElementTree.Element]:
        """All elements below the body at ``path``."""
        return self.body.findall(path, {"rsp": RSP, "pwsh": PWSH})


def parse(message: bytes) -> SoapRequest:
    """Read a request; raises NotSoap."""
    try:
        envelope = ElementTree.fromstring(message)  # noqa: S314  the only clients are tests and our own product
    except ElementTree.ParseError as error:
        raise NotSoap(f"the body is no XML: {error}") from error
    header, body = envelope.find(f"{{{S}}}Header"), envelope.find(f"{{{S}}}Body")
    if body is None:
        raise NotSoap("the envelope has no body")
    fields: dict[str, str] = {}
    shell_id = ""
    for element in header if header is not None else ():
        fields[element.tag] = (element.text or "").strip()
        if element.tag == f"{{{W}}}SelectorSet":
            selectors = {selector.get("Name"): selector.text or "" for selector in element}
            shell_id = selectors.get("ShellId", "")
    max_envelope = fields.get(f"{{{W}}}MaxEnvelopeSize", "")
    return SoapRequest(
        action=fields.get(f"{{{A}}}Action", ""),
        message_id=fields.get(f"{{{A}}}MessageID", ""),
        to=fields.get(f"{{{A}}}To", ""),
        resource_uri=fields.get(f"{{{W}}}ResourceURI", ""),
        shell_id=shell_id,
        # 60 s is the service's own MaxTimeoutms, which holds when the client names none
        operation_timeout_seconds=seconds_of(fields.get(f"{{{W}}}OperationTimeout", ""), default=60.0),
        max_envelope_bytes=int(max_envelope) if max_envelope.isdigit() else 153600,
        body=body,
    )


def seconds_of(duration: str, *, default: float) -> float:
    """The seconds of an xs:duration; pywinrm sends bare numbers, which Windows takes too."""
    match = _DURATION.fullmatch(duration)
    if not duration or match is None:
        return float(duration) if duration.isdigit() else default
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def new_id() -> str:
    """A GUID as Windows writes them."""
    return str(uuid.uuid4()).upper()


def answer(request: SoapRequest, action: str, body: str) -> bytes:
    """The envelope of an answer to ``request``."""
    return (
        f"{_ENVELOPE}<s:Header><a:Action>{action}</a:Action><a:MessageID>uuid:{new_id()}</a:MessageID>"
        f"<p:ActivityId>{new_id()}</p:ActivityId><a:To>{ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(request.message_id)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(request: SoapRequest, code: int, subcode: str, reason: str, *, sender: bool, detail: str = "") -> bytes:
    """The envelope of a WSManFault; it travels with HTTP status 500."""
    who = "s:Sender" if sender else "s:Receiver"
    where = f"<w:FaultDetail>{W.rsplit('/', 1)[0]}/wsman/faultDetail/{detail}</w:FaultDetail>" if detail else ""
    return (
        f"{_FAULT_ENVELOPE}<s:Header><a:Action>http://schemas.dmtf.org/wbem/wsman/1/wsman/fault</a:Action>"
        f"<a:MessageID>uuid:{new_id()}</a:MessageID><p:ActivityId>{new_id()}</p:ActivityId><a:To>{ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(request.message_id)}</a:RelatesTo></s:Header><s:Body><s:Fault><s:Code>"
        f"<s:Value>{who}</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code><s:Reason>"
        f'<s:Text xml:lang="en-US">{escape(reason)}</s:Text></s:Reason><s:Detail>{where}'
        f'<f:WSManFault xmlns:f="{FAULT}" Code="{code}" Machine="127.0.0.1"><f:Message>{escape(reason)}</f:Message>'
        f"</f:WSManFault></s:Detail></s:Fault></s:Body></s:Envelope>"
    ).encode()


def identity(*, version: str) -> bytes:
    """The answer to Identify; ``version`` is all zero for someone who has not signed in."""
    return (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{S}"><s:Header/><s:Body>'
        f'<wsmid:IdentifyResponse xmlns:wsmid="{IDENTIFY}">'
        "<wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</wsmid:ProtocolVersion>"
        "<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>"
        f"<wsmid:ProductVersion>OS: {version} SP: 0.0 Stack: 3.0</wsmid:ProductVersion>"
        "</wsmid:IdentifyResponse></s:Body></s:Envelope>"
    ).encode()
