"""Scenario files: customers and their hosts as TOML, where a host or VM says only what differs from a healthy one."""

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from simulator import windows
from simulator.estates.intention import IntendedHost, IntendedVerdict
from simulator.faults import Fault, from_data

Trust = Literal["pin", "ca", "none"]
T = TypeVar("T")


class ScenarioError(ValueError):
    """A scenario file says something that does not exist; the message names file, host and word."""


@dataclass(frozen=True, kw_only=True)
class Credential:
    """How the customer's hosts are signed in to. The password opens simulated hosts and nothing else."""

    name: str
    username: str
    password: str


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When the customer's backups run, by its local clock, as a person would enter it."""

    window: str
    time_zone: str
    days: str = ""


@dataclass(frozen=True, kw_only=True)
class Host:
    """One host of a customer: how it is reached, what is wrong with the way there, and what it is.

    `trust`: pinned certificate, the customer's CA, or neither. `served` False: nobody answers at this address.
    `rights_level`: what is declared in the product; the account's true rights are the Windows host's. `endpoint_name`:
    the JEA endpoint that is asked for; the host has it, with the module of `module_version` (empty: today's).
    """

    windows: windows.WindowsHost
    address: str
    intended: IntendedHost
    scheme: Literal["https", "http"] = "https"
    auth: Literal["ntlm", "kerberos", "certificate"] = "ntlm"
    trust: Trust = "pin"
    served: bool = True
    backup_path: str = ""
    rights_level: str = "administrator"
    endpoint_name: str = ""
    module_version: str = ""
    tags: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def name(self) -> str:
        return self.windows.name


@dataclass(frozen=True, kw_only=True)
class Customer:
    """`guest_access`: patterns over VM names whose guests are asked; they all take `guest_credential`."""

    name: str
    networks: tuple[str, ...]
    backup_path: str
    credential: Credential
    hosts: tuple[Host, ...]
    guest_credential: Credential | None = None
    guest_access: tuple[str, ...] = ()
    schedule: Schedule | None = None


# Words of a [[host]] table that describe the way to it; all others describe the Windows host itself.
WAY_WORDS = {field.name for field in dataclasses.fields(Host)} - {"windows", "intended"}


def read_customer(path: Path) -> Customer:
    """The customer of one scenario file. Raises ScenarioError."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return _customer(document)
    except (tomllib.TOMLDecodeError, ScenarioError, TypeError, ValueError, KeyError) as error:
        raise ScenarioError(f"{path.name}: {error}") from error


def _customer(document: dict[str, Any]) -> Customer:
    about = dict(document.pop("customer"))
    hosts = [_host(dict(table)) for table in document.pop("host")]
    for table in document.pop("cluster", []):
        hosts = _joined(hosts, dict(table))
    if document:
        raise ScenarioError(f"there is no table called {next(iter(document))!r} at the top of a scenario")
    guest_credential = Credential(**about["guest_credential"]) if "guest_credential" in about else None
    if guest_credential is not None:
        hosts = [_with_guest_account(host, guest_credential) for host in hosts]
    return Customer(
        name=about["name"],
        networks=tuple(about["networks"]),
        backup_path=about["backup_path"],
        credential=Credential(**about["credential"]),
        hosts=tuple(hosts),
        guest_credential=guest_credential,
        guest_access=tuple(about.get("guest_access", ())),
        schedule=Schedule(**about["schedule"]) if "schedule" in about else None,
    )


def _with_guest_account(host: Host, credential: Credential) -> Host:
    described = dataclasses.replace(host.windows, guest_accounts={credential.username: credential.password})
    return dataclasses.replace(host, windows=described)


def _host(table: dict[str, Any]) -> Host:
    name = table.pop("name")
    try:
        expect = dict(table.pop("expect"))
        machines, verdicts = _machines(table.pop("vm", []))
        way: dict[str, Any] = {word: _plain(table.pop(word)) for word in WAY_WORDS & set(table)}
        way["faults"] = tuple(from_data(fault) for fault in way.get("faults", ()))
        described = windows.host(name, vms=machines, **_windows_words(table))
        concluded = dict(zip((vm.vm_id for vm in described.vms), verdicts, strict=True))
        return Host(
            windows=described,
            intended=IntendedHost(
                outcome=expect.pop("outcome"),
                cause=expect.pop("cause", None),
                failing=_tuple(expect.pop("failing", None)),
                vms={vm_id: verdict for vm_id, verdict in concluded.items() if verdict is not None},
                **expect,
            ),
            **way,
        )
    except (ScenarioError, TypeError, ValueError, KeyError) as error:
        raise ScenarioError(f"host {name!r}: {error}") from error


def _machines(tables: Iterable[dict[str, Any]]) -> tuple[list[windows.VirtualMachine], list[IntendedVerdict | None]]:
    """VMs and what is intended for each. `names` instead of `name`: several VMs that differ in nothing else."""
    machines, verdicts = [], []
    for original in tables:
        table = dict(original)
        names = table.pop("names", None) or [table.pop("name")]
        expect = table.pop("expect", None)
        words = {word: _vm_word(word, value) for word, value in table.items()}
        for name in names:
            machines.append(windows.vm(name, **words))
            verdicts.append(_make(IntendedVerdict, expect) if expect else None)
    return machines, verdicts


def _vm_word(word: str, value: object) -> object:
    if word == "inside" and isinstance(value, dict):
        return _make(windows.Inside, value)
    kinds = {"disks": windows.Disk, "checkpoints": windows.Checkpoint, "saves": windows.Save}
    if word in kinds and isinstance(value, list):
        return tuple(_make(kinds[word], table) for table in value)
    return _plain(value)


def _windows_words(table: dict[str, Any]) -> dict[str, Any]:
    words: dict[str, Any] = {word: _plain(value) for word, value in table.items()}
    if "volume" in words:
        words["volumes"] = _volumes(words.pop("volume"))
    if "event" in words:
        words["events"] = tuple(_make(windows.LoggedEvent, each) for each in words.pop("event"))
    for word, several, kind in (
        ("backup_run", "backup_runs", windows.BackupRun),
        ("shutdown", "shutdowns", windows.Shutdown),
    ):
        if word in words:
            words[several] = tuple(_make(kind, each) for each in words.pop(word))
    if "sections" in words:
        words["sections"] = {name: _make(windows.SectionFailure, each) for name, each in words["sections"].items()}
    return words


def _volumes(tables: Iterable[dict[str, Any]]) -> tuple[windows.Volume, ...]:
    """A healthy host's volumes, with those of the same name replaced and the others added."""
    volumes = {volume.name: volume for volume in windows.WindowsHost(name="").volumes}
    for original in tables:
        table = dict(original)
        if "shadow_storage" in table:
            table["shadow_storage"] = _make(windows.ShadowStorage, table["shadow_storage"])
        before = volumes.get(table["name"], windows.Volume(name=table["name"]))
        told: dict[str, Any] = {word: _plain(value) for word, value in table.items()}
        volumes[before.name] = dataclasses.replace(before, **told)
    return tuple(volumes.values())


def _joined(hosts: list[Host], table: dict[str, Any]) -> list[Host]:
    """The hosts with those of one cluster put together."""
    members = set(table.pop("hosts"))
    shared = [_make(windows.SharedVolume, each) for each in table.pop("shared_volumes")]
    absent = [_make(windows.Node, each) for each in table.pop("absent_nodes", [])]
    nodes = [host.windows for host in hosts if host.name in members]
    if len(nodes) != len(members):
        raise ScenarioError(f"cluster {table['name']!r}: not every one of {sorted(members)} is a host of this file")
    joined = windows.join(table.pop("name"), nodes, shared, absent_nodes=absent, **table)
    by_name = {node.name: node for node in joined}
    return [dataclasses.replace(host, windows=by_name.get(host.name, host.windows)) for host in hosts]


def _make(kind: type[T], table: Mapping[str, Any]) -> T:
    return kind(**{word: _plain(value) for word, value in table.items()})


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _tuple(value: list[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)
