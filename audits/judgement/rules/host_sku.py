"""HOST-SKU: the host runs Windows Server."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import EVERY_HOST, ONLY_VSS, rule
from audits.judgement.view import HostView
from audits.judgement.words import Scope, Section, Severity

CLIENT = 1


@rule(
    id="HOST-SKU",
    title="The host runs Windows Server",
    scope=Scope.HOST,
    severity=Severity.INFO,
    needs=(Section.IDENTITY,),
    applies_to=EVERY_HOST,
    paths=ONLY_VSS,
    sources=("MS-WRITERS",),
)
def is_windows_server(host: HostView) -> Iterator[Statement]:
    """The Hyper-V VSS writer ships with Windows Server only. On client Windows there is nobody to ask, so no verdict
    about live backups is possible, and the conditions of a live backup are not judged.
    """
    product_type = host.evidence.identity.product_type if host.evidence.identity else None
    if product_type is None:
        yield unknown(host, host.why(Section.IDENTITY, "product_type"))
    elif product_type == CLIENT:
        yield failed(host, measured="client Windows: no Hyper-V VSS writer")
    else:
        yield passed(host)
