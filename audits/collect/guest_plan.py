"""Which guests of a host are asked, how, with what, and which are not and why: plain values, decided elsewhere."""

from dataclasses import dataclass, field, replace

from audits.collect.winrm import GuestCredential, ProbeRequest, Secret, Target
from audits.judgement.evidence.guests import GuestReading
from audits.judgement.words import Section

# Kept from the host's time for the last answers and for deleting the shell.
SECONDS_KEPT = 5


@dataclass(frozen=True, slots=True)
class DirectGuest:
    """A guest to ask through its host, by PowerShell Direct. `seconds`: how long it may take."""

    vm_id: str
    credential: GuestCredential
    seconds: int


@dataclass(frozen=True, slots=True)
class NetworkGuest:
    """A guest to sign in to by itself. Its target carries its own deadlines."""

    vm_id: str
    target: Target
    secret: Secret = field(repr=False)


@dataclass(frozen=True, slots=True)
class GuestPlan:
    """`left_out`: VMs that somebody gave access to and that are not asked, each with its reason."""

    direct: tuple[DirectGuest, ...] = ()
    network: tuple[NetworkGuest, ...] = ()
    left_out: tuple[GuestReading, ...] = ()
    why_none: str = "no VM of this host has guest access"

    @property
    def is_empty(self) -> bool:
        return not (self.direct or self.network or self.left_out)

    def request(self, first: ProbeRequest, seconds_left: float) -> ProbeRequest | None:
        """What to ask the host for its guests; None where it is asked for none. Equal credentials travel once."""
        if not self.direct:
            return None
        credentials = tuple(dict.fromkeys(guest.credential for guest in self.direct))
        entries = (f"{guest.vm_id},{credentials.index(guest.credential)},{guest.seconds}" for guest in self.direct)
        return replace(
            first,
            sections=(Section.GUESTS,),
            guest_list=";".join(entries),
            guest_seconds=max(1, int(seconds_left) - SECONDS_KEPT),
            credentials=credentials,
        )
