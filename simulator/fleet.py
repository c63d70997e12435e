"""A fleet of simulated hosts on one event loop: started by the program, or in a thread of a test."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from simulator.faults import Fault
from simulator.hosts import HostDefinition, SimulatedHost
from simulator.server import HostServer
from simulator.wire.tls import CertificateStore

T = TypeVar("T")

# How often idle shells are looked for; Windows is no more exact.
EXPIRY_INTERVAL_SECONDS = 1.0


class NoSuchHost(LookupError):
    """A name that no host of this fleet has."""


class Fleet:
    """All hosts of one estate; every method is called on its event loop."""

    def __init__(self, definitions: Sequence[HostDefinition], state_directory: Path) -> None:
        names = [definition.name for definition in definitions]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two hosts of the estate are called {doubled[0]!r}; rename one")
        self.certificates = CertificateStore(state_directory / "certificates")
        accounts = state_directory / "accounts"
        accounts.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.hosts = {
            each.name: SimulatedHost(each, self.certificates, accounts / each.name.lower()) for each in definitions
        }
        self._servers = {name: HostServer(host) for name, host in self.hosts.items()}
        self._expiry: asyncio.Task[None] | None = None

    def host(self, name: str) -> SimulatedHost:
        """The host called ``name``; raises NoSuchHost."""
        if name not in self.hosts:
            raise NoSuchHost(f"no simulated host is called {name!r}; there are: {', '.join(sorted(self.hosts))}")
        return self.hosts[name]

    async def start(self) -> None:
        """Let every host listen; raises OSError with the address that is taken."""
        try:
            for server in self._servers.values():
                server.follow_faults()
        except OSError:
            await self.stop()
            raise
        self._expiry = asyncio.get_running_loop().create_task(self._expire())

    async def stop(self) -> None:
        """Close every port and connection."""
        if self._expiry is not None:
            self._expiry.cancel()
        for host in self.hosts.values():
            for shell in list(host.shells.values()):
                host.remove_shell(shell)
        for server in self._servers.values():
            await server.close()

    def set_faults(self, name: str, faults: Sequence[Fault]) -> None:
        """Replace the faults of a host; they hold for the next connection, request or section."""
        host = self.host(name)
        host.faults.clear()
        host.faults.set(*faults)
        self._servers[name].follow_faults()

    def reboot(self, name: str) -> None:
        """Drop the connections and shells of a host; it answers again at once."""
        host = self.host(name)
        for shell in list(host.shells.values()):
            host.remove_shell(shell)
        self._servers[name].drop_connections()

    def reset(self, name: str) -> None:
        """Bring a host back to its definition, counters at zero."""
        self.host(name).reset()
        self._servers[name].follow_faults()

    async def _expire(self) -> None:
        while True:
            await asyncio.sleep(EXPIRY_INTERVAL_SECONDS)
            for host in self.hosts.values():
                if host.shells:
                    host.expire_idle_shells()


class SimulatedFleet:
    """A fleet in a background thread: ``with SimulatedFleet([definition, ...]) as fleet: ...``.

    Ports are open when the block begins and closed when it ends. Without ``state_directory`` certificates live in a
    temporary directory.
    """

    def __init__(self, definitions: Sequence[HostDefinition], state_directory: Path | None = None) -> None:
        self._definitions = definitions
        self._temporary = None if state_directory else tempfile.TemporaryDirectory(prefix="simulated-fleet-")
        self._state_directory = state_directory or Path(self._temporary.name if self._temporary else "")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="simulated-fleet", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._fleet = self._call(lambda: Fleet(self._definitions, self._state_directory))
            asyncio.run_coroutine_threadsafe(self._fleet.start(), self._loop).result()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._fleet.stop(), self._loop).result()
        self._end()

    @property
    def ca_path(self) -> Path:
        """PEM of the estate's CA, for hosts whose certificate is ``estate_ca``."""
        return self._call(lambda: self._fleet.certificates.ca_path)

    def port(self, name: str) -> int:
        """The port that a host listens on."""
        return self._call(lambda: self._fleet.host(name).port)

    def certificate_path(self, name: str) -> Path:
        """PEM of the certificate that a host serves now (its key is in there too)."""
        return self._call(lambda: self._fleet.host(name).certificate().path)

    def report(self, name: str) -> dict[str, Any]:
        """Counters, open shells, accounts and faults of a host."""
        return self._call(lambda: self._fleet.host(name).report())

    def set_faults(self, name: str, *faults: Fault) -> None:
        """Replace the faults of a host; none heals it."""
        self._call(lambda: self._fleet.set_faults(name, faults))

    def set_password(self, name: str, user: str, password: str) -> None:
        """Change a password on a host."""
        self._call(lambda: self._fleet.host(name).accounts.set_password(user, password))

    def pass_time(self, name: str, seconds: float) -> None:
        """Let a host's shells grow older without waiting."""
        self._call(lambda: self._fleet.host(name).pass_time(seconds))

    def reboot(self, name: str) -> None:
        """Drop a host's connections and shells."""
        self._call(lambda: self._fleet.reboot(name))

    def reset(self, name: str) -> None:
        """Bring a host back to its definition."""
        self._call(lambda: self._fleet.reset(name))

    def _call(self, function: Callable[[], T]) -> T:
        async def called() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._temporary is not None:
            self._temporary.cleanup()
