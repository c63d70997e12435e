"""HOST-PROVIDER: no third-party VSS provider makes the host's shadow copies."""

from collections.abc import Iterator

from audits.judgement.evidence.volumes import ShadowProvider
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import ONLY_VSS, rule
from audits.judgement.unconfirmed import FAILURES, Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import Confidence, HostClass, Scope, Section, Severity

# Win32_ShadowProvider.Type: 1 system, 2 software, 3 hardware, 4 file share.
SOFTWARE, HARDWARE = 2, 3
# Microsoft's own software providers: of the integration components, of Cluster Shared Volumes and its companion there.
MICROSOFTS_OWN = frozenset(
    {
        "74600e39-7dc5-4567-a03b-f091d6c7b092",
        "400a2ff4-5eb1-44b0-8a05-1fcac0bcf9ff",
        "26d02976-b909-43ad-af7e-62a4f625e372",
    }
)


@rule(
    id="HOST-PROVIDER",
    title="Only Microsoft's own VSS providers are installed",
    scope=Scope.HOST,
    severity=Severity.INFO,
    needs=(Section.VOLUMES,),
    paths=ONLY_VSS,
    sources=("KB2462424", "PSONE"),
    unconfirmed=(
        Unconfirmed(
            "The ids of Microsoft's own software providers are background knowledge.",
            weakens=FAILURES,
            at_most=Confidence.MEDIUM,
        ),
    ),
    fix="F20",
)
def only_microsofts_providers(host: HostView) -> Iterator[Statement]:
    """A storage vendor's provider makes the shadow copies in its own way, which is no fault and worth knowing when they
    fail. Up to 2012 a hardware provider without auto-recovery breaks live backups of VMs, so there it is a warning.
    """
    providers = host.evidence.volumes.shadow_providers if host.evidence.volumes else None
    if providers is None:
        yield unknown(host, host.why(Section.VOLUMES, "shadow_providers"))
        return
    others = [provider for provider in providers if _is_of_a_third_party(provider)]
    if others:
        told = ", ".join(f"{provider.name or provider.provider_id}{_kind(provider)}" for provider in others)
        warns = host.host_class is HostClass.A and any(provider.kind == HARDWARE for provider in others)
        yield failed(host, measured=told, severity=Severity.WARNING if warns else None, is_note=True)
    elif any(provider.kind is None for provider in providers):
        yield unknown(host, host.why(Section.VOLUMES, "shadow_providers.kind"))
    else:
        yield passed(host)


def _is_of_a_third_party(provider: ShadowProvider) -> bool:
    is_own = provider.provider_id.lower().strip("{}") in MICROSOFTS_OWN
    return provider.kind == HARDWARE or (provider.kind == SOFTWARE and not is_own)


def _kind(provider: ShadowProvider) -> str:
    return " (hardware)" if provider.kind == HARDWARE else ""
