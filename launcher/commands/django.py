"""Every Django command: what it needs and does not find running is started for its duration."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping

from launcher import environment, keeper, preparation, product
from launcher.console import say
from launcher.parts import die_with_parent
from launcher.state import State, open_state
from launcher.supervisor import Supervisor

# Commands that only look at the code.
WITHOUT_SERVERS = frozenset({"help", "version", "--version", "check", "collectstatic", "diffsettings", "findstatic"})
# Commands that are about migrations, and should find the tables as they are.
WITHOUT_MIGRATION = frozenset({"migrate", "makemigrations", "showmigrations", "sqlmigrate", "squashmigrations"})


def run(arguments: list[str]) -> int:
    """Run the command with the servers it needs. Returns its exit code, or is replaced by it and does not return."""
    name = arguments[0]
    only_explains = bool({"-h", "--help"} & set(arguments))
    state = open_state()
    variables = environment.for_processes(state)
    command = [sys.executable, "-m", "config", *arguments]
    servers = environment.embedded_servers(os.environ)
    if not servers or name in WITHOUT_SERVERS or only_explains:
        return _become(command, variables)
    membership = keeper.join(state, servers)
    if "postgres" in servers and name not in WITHOUT_MIGRATION:
        preparation.migrate(state, variables)
    if name == "audit" and "--wait" in arguments and not state.up_lock.is_held_by_another():
        return _run_with_worker(state, command, variables)
    membership.survive_exec()
    return _become(command, variables)


def _become(command: list[str], variables: Mapping[str, str]) -> int:
    """Replace this process, so that signals, the terminal and the exit code are the command's own."""
    os.execve(command[0], command, dict(variables))  # noqa: S606 - nothing here wants a shell


def _run_with_worker(state: State, command: list[str], variables: Mapping[str, str]) -> int:
    """Run the command with a worker and a scheduler of its own beside it."""
    supervisor = Supervisor(say)
    supervisor.catch_signals()
    # Ctrl-C in a terminal reaches the command as well, which then says what becomes of its run.
    suffix = str(os.getpid())
    supervisor.start(product.worker(state, variables, f"worker-{suffix}"))
    supervisor.start(product.scheduler(state, variables, f"scheduler-{suffix}"))
    process = subprocess.Popen(command, env=dict(variables), preexec_fn=die_with_parent(signal.SIGKILL))
    try:
        supervisor.run_until(lambda: process.poll() is not None)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        return _shell_code(process.wait())
    finally:
        supervisor.stop_all()
        product.forget(state, f"worker-{suffix}", f"scheduler-{suffix}")


def _shell_code(status: int) -> int:
    return status if status >= 0 else 128 - status
