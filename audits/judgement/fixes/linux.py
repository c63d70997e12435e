"""Linux guests: commands by distribution, known by the name that the guest gives itself, and hosts that are too old."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Phase, Recipe

DAEMON_BY_DISTRIBUTION = (
    (("debian",), "sudo apt-get install hyperv-daemons"),
    (("ubuntu",), "sudo apt-get install linux-tools-virtual linux-cloud-tools-virtual"),
    (
        ("red hat", "rhel", "centos", "rocky", "alma", "oracle", "fedora"),
        "sudo dnf install hyperv-daemons\nsudo systemctl enable --now hypervvssd",
    ),
    (("suse",), "sudo zypper install hyper-v\nsudo systemctl enable --now hv_vss_daemon"),
)
UNKNOWN_DISTRIBUTION = """\
# the package: hyperv-daemons (Debian, Red Hat), linux-cloud-tools-virtual (Ubuntu), hyper-v (SUSE)
systemctl list-unit-files | grep -i -E 'hv.?vss|hypervvssd'"""
RUNNING = "pgrep -a -f 'hv_vss_daemon|hypervvssd'"


def daemon_commands(system: str) -> str:
    """Installs and starts the daemon that answers for VSS. `system` is only looked at, never written."""
    name = system.lower()
    for words, commands in DAEMON_BY_DISTRIBUTION:
        if any(word in name for word in words):
            return f"{commands}\n{RUNNING}"
    return f"{UNKNOWN_DISTRIBUTION}\n{RUNNING}"


def leave_to_a_newer_host(case: Case) -> Recipe:
    """Up to 2012 no Linux guest is backed up live, whatever runs in it."""
    return Recipe(
        phase=Phase.ELSEWHERE,
        by_hand=(
            "Move the VM to a host of 2012 R2 or later, where Linux is backed up live; or",
            "exclude it from the host's job and back it up inside the guest.",
        ),
        no_commands="Live backup of Linux begins with 2012 R2: no command gives it to this host.",
        verify="",
        done_when="The VM runs on a newer host, or is in no job that backs it up from the host.",
        way_back="Put the VM back into the job.",
    )
