"""Hosts that cannot be reached: make a script for one, and take what it printed, once, for that host only."""

import hashlib
import re
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from audits import access
from audits.collect.ending import EXPECTED_SECTIONS, ending_of
from audits.collect.offline import Output, OutputUnreadable, offline_script, read_output
from audits.collect.plain import plain
from audits.collect.probes import PROBE_VERSION
from audits.collect.sections import assemble
from audits.models import AuditRun, HostState, OfflineBundle
from audits.pipeline.reading import Arrival, Reading
from audits.pipeline.uploaded import HostBusy, store_uploaded
from audits.queries.evidence import bodies
from fleet import access as fleet_access
from fleet import trail
from fleet.access import Viewer
from fleet.accounts.models import User
from fleet.models import Host

# Long enough for a visit to a site that is visited every week, short enough that the evidence is still of use.
GOOD_FOR = timedelta(days=14)
# Domain members are within five minutes of each other, or Kerberos refuses them; twice that for a host outside.
CLOCK_TOLERANCE = timedelta(minutes=10)
# NetBIOS names; the name becomes text of the script and of file names.
COMPUTER_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}")


class Refused(Exception):
    """Nothing was made or stored; a sentence for the person says why, and what to do."""


def computer_name_of(host: Host) -> str:
    """What the host calls itself: as it said when it was read, else the first part of its name; empty if unfit."""
    state = HostState.objects.filter(host=host).first()
    said = bodies(state, "identity").get("identity", {}).get("computer_name")
    name = str(said or host.name.partition(".")[0])
    return name.upper() if COMPUTER_NAME.fullmatch(name) else ""


@transaction.atomic
def make_bundle(viewer: Viewer | None, host: Host, computer_name: str) -> OfflineBundle:
    """A new script for this host, to be run on the computer of that name. Raises Refused, PermissionDenied."""
    _require_operator(viewer, host)
    computer_name = computer_name.strip().upper()
    if not COMPUTER_NAME.fullmatch(computer_name):
        raise Refused(
            "The computer's name has 1 to 63 letters, digits, dashes and underscores, as `hostname` prints it."
        )
    now = timezone.now()
    made = OfflineBundle(
        host=host,
        computer_name=computer_name,
        probe_version=PROBE_VERSION,
        created_by=viewer if isinstance(viewer, User) else None,
        created_by_name=_name_of(viewer),
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    made.nonce_sha256 = _sha256(_nonce_of(made))
    made.script_sha256 = _sha256(_text_of(made))
    made.save(force_insert=True)
    trail.record(viewer, "offline bundle made", _subject(host), computer=computer_name, sha256=made.script_sha256)
    return made


def bundle_text(viewer: Viewer | None, made: OfflineBundle) -> str:
    """The script's text; handing it out stands in the audit trail. Raises Refused, PermissionDenied."""
    _require_operator(viewer, made.host)
    if made.used_at is not None:
        raise Refused("The output of this script was uploaded already. Make a new script.")
    if made.expires_at <= timezone.now():
        raise Refused(f"This script expired on {made.expires_at:%Y-%m-%d}. Make a new one.")
    text = _text_of(made)
    if _sha256(text) != made.script_sha256:
        raise Refused(
            f"This script was made by version {made.probe_version}, {PROBE_VERSION} runs here. Make a new one."
        )
    trail.record(viewer, "offline bundle downloaded", _subject(made.host), sha256=made.script_sha256)
    return text


def is_good(made: OfflineBundle) -> bool:
    """Whether the script may still be downloaded and its output uploaded."""
    return made.used_at is None and made.expires_at > timezone.now() and made.probe_version == PROBE_VERSION


def file_name(made: OfflineBundle) -> str:
    """The name of the script's file, without its ending."""
    return f"FleetAudit-{made.computer_name}"


def take_output(viewer: Viewer | None, host: Host, content: bytes, *, reinstalled: bool = False) -> AuditRun:
    """Judge and store what the script printed on this host, as a live audit would; the run that holds it.

    `reinstalled`: the machine may be another one than at the last upload. Raises Refused with nothing stored and the
    script still good, PermissionDenied. One transaction.
    """
    _require_operator(viewer, host)
    try:
        output = read_output(content)
    except OutputUnreadable as error:
        raise Refused(str(error)) from error
    made = _bundle_of(viewer, host, output)
    _check_computer(made, output)
    with transaction.atomic():
        _use(viewer, made, output)
        _check_machine(made, output, reinstalled=reinstalled)
        read_at = _check_time(made, output)
        try:
            run = store_uploaded(
                host,
                _reading_of(host, output, read_at),
                by=viewer if isinstance(viewer, User) else None,
                by_name=_name_of(viewer),
            )
        except HostBusy as busy:
            raise Refused(
                "The host is being audited, or its backup path set, at this moment. Upload the file again in a minute."
            ) from busy
        OfflineBundle.objects.filter(pk=made.pk).update(run=run)
        trail.record(
            viewer,
            "evidence uploaded",
            _subject(host),
            run=str(run.pk),
            computer=output.computer_name,
            read_at=read_at.isoformat(),
            output_sha256=hashlib.sha256(content).hexdigest(),
        )
    return run


def _require_operator(viewer: Viewer | None, host: Host) -> None:
    if viewer is not None and not fleet_access.may_audit(viewer, host.customer):
        raise PermissionDenied("You may not audit this customer's hosts.")


def _bundle_of(viewer: Viewer | None, host: Host, output: Output) -> OfflineBundle:
    """The script that printed this output, if it was made for this host and is still good."""
    visible = OfflineBundle.objects.all() if viewer is None else access.offline_bundles(viewer)
    made = visible.select_related("host__customer").filter(nonce_sha256=_sha256(output.nonce)).first()
    if made is None:
        raise Refused(f"No script that was made for {plain(host.name)} printed this output.")
    if made.host_id != host.pk:
        other = f"{plain(made.host.name)} of {plain(made.host.customer.name)}"
        raise Refused(f"This output is of {other}: upload it there. Nothing was stored.")
    if made.used_at is not None:
        raise Refused(
            f"The output of this script was uploaded on {made.used_at:%Y-%m-%d %H:%M} UTC by {made.used_by_name}. Each "
            "script is good for one upload: make a new one."
        )
    if made.expires_at <= timezone.now():
        raise Refused(f"The script expired on {made.expires_at:%Y-%m-%d %H:%M} UTC. Make a new one and run that.")
    return made


def _use(viewer: Viewer | None, made: OfflineBundle, output: Output) -> None:
    """Of two uploads at once, one wins."""
    now = timezone.now()
    won = OfflineBundle.objects.filter(pk=made.pk, used_at=None, expires_at__gt=now).update(
        used_at=now,
        used_by=viewer if isinstance(viewer, User) else None,
        used_by_name=_name_of(viewer),
        machine_sha256=output.machine,
    )
    if not won:
        raise Refused("The output of this script has just been uploaded by somebody else.")


def _check_computer(made: OfflineBundle, output: Output) -> None:
    ran_on = {output.computer_name.upper()}
    identity = assemble(output.sections).identity
    if identity is not None and identity.computer_name:
        ran_on.add(identity.computer_name.upper())
    if ran_on != {made.computer_name}:
        names = plain(" / ".join(sorted(ran_on)))
        raise Refused(
            f"The script was made for the computer {made.computer_name} and ran on {names}. "
            "Run it on the right one, or make a script with the right computer name."
        )


def _check_machine(made: OfflineBundle, output: Output, *, reinstalled: bool) -> None:
    before = OfflineBundle.objects.filter(host=made.host_id, used_at__isnull=False).exclude(pk=made.pk)
    known = before.exclude(machine_sha256="").order_by("-used_at").values_list("machine_sha256", flat=True).first()
    if known and output.machine and known != output.machine and not reinstalled:
        raise Refused(
            f"Another machine named {made.computer_name} ran the script than at the last upload. "
            "If Windows was installed anew there, say so and upload it again."
        )


def _check_time(made: OfflineBundle, output: Output) -> datetime:
    """When the host was read. Its clock is believed as far as it can be right."""
    now = timezone.now()
    if output.finished_at < output.started_at:
        raise Refused("By the host's clock the script ended before it began: the clock was changed. Run it again.")
    if output.started_at < made.created_at - CLOCK_TOLERANCE:
        raise Refused(
            f"The host's clock said {output.started_at:%Y-%m-%d %H:%M} UTC, which is before the script was made. "
            "Set the clock, then run the script again."
        )
    if output.finished_at > now + CLOCK_TOLERANCE:
        raise Refused(
            f"The host's clock said {output.finished_at:%Y-%m-%d %H:%M} UTC, which is in the future. "
            "Set the clock, then run the script again."
        )
    read_at = min(output.finished_at, now)
    HostState.objects.get_or_create(host=made.host)
    state = HostState.objects.select_for_update().get(host=made.host)
    if state.evidence_at is not None and read_at <= state.evidence_at:
        raise Refused(
            f"The host was read on {state.evidence_at:%Y-%m-%d %H:%M} UTC, after this script ran on it. "
            "Nothing newer is in the file."
        )
    return read_at


def _reading_of(host: Host, output: Output, read_at: datetime) -> Reading:
    evidence = assemble(output.sections)
    return Reading(
        ending_of(evidence, None, EXPECTED_SECTIONS[host.rights_level]),
        evidence,
        tuple(Arrival(section, read_at) for section in output.sections),
        read_at=read_at,
    )


def _nonce_of(made: OfflineBundle) -> str:
    """64 hex digits that nobody can know without the script or the server's key. Bound to host and customer."""
    place = f"{made.pk}:{made.host_id}:{made.host.customer_id}"
    return salted_hmac("audits.offline.nonce", place, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()


def _text_of(made: OfflineBundle) -> str:
    return offline_script(
        name=file_name(made),
        computer_name=made.computer_name,
        nonce=_nonce_of(made),
        salt=str(made.host_id),
        expires_at=made.expires_at,
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _name_of(viewer: Viewer | None) -> str:
    return viewer.username if isinstance(viewer, User) else "command line"


def _subject(host: Host) -> str:
    return f"{host.customer.name} / {host.name}"
