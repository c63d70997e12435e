"""Shells are finite: quotas, idle timeouts, and who may open one."""

from __future__ import annotations

from typing import Any

import pytest
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool

from simulator.fleet import SimulatedFleet
from simulator.hosts import Quotas
from simulator.windows_engine import WindowsEngine
from tests.simulator.clients import Sections, begin_probe, host, opened, run, wsman

GONE = 2150858843


def test_a_closed_pool_leaves_no_shell(fleet: SimulatedFleet) -> None:
    with opened(wsman(fleet)):
        assert fleet.report("HV01")["open_shells"] == 1
    report = fleet.report("HV01")
    assert (report["open_shells"], report["shells_created"], report["shells_deleted"]) == (0, 1, 1)


def test_an_abandoned_shell_dies_after_the_idle_timeout_that_was_asked_for(fleet: SimulatedFleet) -> None:
    connection = wsman(fleet)
    RunspacePool(connection, idle_timeout=60).open()
    connection.close()
    fleet.pass_time("HV01", 59)
    assert fleet.report("HV01")["open_shells"] == 1
    fleet.pass_time("HV01", 2)
    report = fleet.report("HV01")
    assert (report["open_shells"], report["shells_expired"]) == (0, 1)


def test_a_shell_without_a_wish_lives_for_two_hours(fleet: SimulatedFleet) -> None:
    connection = wsman(fleet)
    pool = RunspacePool(connection)
    pool.open()
    assert str(pool.shell.idle_time_out) == "PT7200.000S"
    connection.close()
    fleet.pass_time("HV01", 7199)
    assert fleet.report("HV01")["open_shells"] == 1
    fleet.pass_time("HV01", 2)
    assert fleet.report("HV01")["open_shells"] == 0


def test_no_shell_is_granted_less_than_a_minute(fleet: SimulatedFleet) -> None:
    with opened(wsman(fleet), idle_timeout=5) as pool:
        assert str(pool.shell.idle_time_out) == "PT60.000S"


def test_using_a_shell_keeps_it_alive(fleet: SimulatedFleet) -> None:
    with opened(wsman(fleet), idle_timeout=60) as pool:
        for _ in range(3):
            fleet.pass_time("HV01", 50)
            shell = PowerShell(pool)
            shell.add_script("'alive'")
            assert shell.invoke() == ["alive"]


def test_an_expired_shell_is_gone_for_its_client(fleet: SimulatedFleet) -> None:
    with opened(wsman(fleet), idle_timeout=60) as pool:
        fleet.pass_time("HV01", 61)
        with pytest.raises(WSManFaultError) as fault:
            PowerShell(pool).add_script("'x'").invoke()
    assert fault.value.code == GONE


def test_the_quota_of_shells_is_per_user() -> None:
    accounts = {"one": "secret-1", "two": "secret-2"}
    with SimulatedFleet([host(accounts=accounts, quotas=Quotas(shells_per_user=2))]) as fleet:
        one: dict[str, Any] = {"username": "one", "password": "secret-1"}
        with opened(wsman(fleet, **one)), opened(wsman(fleet, **one)):
            with pytest.raises(WSManFaultError) as fault:
                run(fleet, "'third'", **one)
            assert run(fleet, "'other'", username="two", password="secret-2").output == ["other"]
        assert fault.value.code == 2150859173
        assert run(fleet, "'again'", **one).output == ["again"]


def test_thirty_shells_per_user_is_the_default() -> None:
    assert Quotas().shells_per_user == 30


def test_finished_commands_count_until_they_are_closed() -> None:
    with SimulatedFleet([host(quotas=Quotas(commands_per_shell=2))]) as fleet, opened(wsman(fleet)) as pool:
        first = PowerShell(pool)
        first.add_script("'1'").invoke()
        PowerShell(pool).add_script("'2'").invoke()
        with pytest.raises(WSManFaultError) as fault:
            PowerShell(pool).add_script("'3'").invoke()
        assert fault.value.code == 2150859241
        first.close()
        again = PowerShell(pool)
        again.add_script("'4'")
        assert again.invoke() == ["4"]


def test_a_reboot_drops_connections_and_shells() -> None:
    with SimulatedFleet([host(engine=WindowsEngine(Sections(pacing_seconds=3600)))]) as fleet:
        with opened(wsman(fleet)) as pool:
            begin_probe(pool)
            fleet.reboot("HV01")
            with pytest.raises(WSManFaultError) as fault:
                pool._receive()
            assert fault.value.code == GONE
        assert fleet.report("HV01")["open_shells"] == 0


def test_a_jea_endpoint_must_be_registered() -> None:
    with SimulatedFleet([host(endpoints=("Microsoft.PowerShell", "FleetAudit"))]) as fleet:
        with opened(wsman(fleet), configuration_name="FleetAudit") as pool:
            assert PowerShell(pool).add_script("'in'").invoke() == ["in"]
        with pytest.raises(WSManFaultError) as fault, opened(wsman(fleet), configuration_name="Other"):
            pass
    assert fault.value.code == 2150858752
