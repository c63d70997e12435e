"""Commands for Linux guests by distribution, known by the name that the guest gives itself."""

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
