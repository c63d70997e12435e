"""What was recorded from Windows Server 2016 and a naive server gets wrong, one fact per test."""

from __future__ import annotations

import asyncio
import base64
import re
import struct
import threading
from xml.etree import ElementTree

import pytest
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import PowerShell
from pypsrp.shell import SignalCode, WinRS
from pypsrp.wsman import NAMESPACES

from simulator.fleet import SimulatedFleet
from simulator.windows_engine import WindowsEngine
from simulator.wire import psrp
from tests.simulator.clients import Exchange, Sections, begin_probe, decode, host, opened, probe, run, wsman

GONE, TIMED_OUT = 2150858843, 2150858793


def _streams(body: ElementTree.Element) -> list[bytes]:
    return [base64.b64decode(stream.text or "") for stream in body.iter(f"{{{NAMESPACES['rsp']}}}Stream")]


def _fragments(exchange: Exchange) -> list[tuple[int, int, int, bytes]]:
    """(object id, fragment id, flags, piece) of every stream that a client received."""
    found = []
    for body in exchange.bodies("Receive"):
        for stream in _streams(body):
            object_id, number, flags, length = struct.unpack_from(">QQBI", stream)
            assert len(stream) == 21 + length, "one fragment per stream"
            found.append((object_id, number, flags, stream[21:]))
    return found


def _kind(piece: bytes) -> int:
    return int(struct.unpack_from("<I", piece, 4)[0])


def test_a_pool_opens_with_two_receives(fleet: SimulatedFleet) -> None:
    exchange = Exchange()
    with opened(wsman(fleet, exchange=exchange)):
        assert exchange.actions() == ["Create", "Receive", "Receive"]
    first, second = exchange.bodies("Receive")
    assert [_kind(stream[21:]) for stream in _streams(first)] == [
        psrp.SESSION_CAPABILITY,
        psrp.APPLICATION_PRIVATE_DATA,
    ]
    assert [_kind(stream[21:]) for stream in _streams(second)] == [psrp.RUNSPACEPOOL_STATE]


def test_a_pool_may_open_with_three_receives() -> None:
    exchange = Exchange()
    thrice = host(opens_pool_in_three_answers=True)
    with SimulatedFleet([thrice]) as fleet, opened(wsman(fleet, exchange=exchange)) as pool:
        assert PowerShell(pool).add_script("'x'").invoke() == ["x"]
    assert exchange.actions()[:5] == ["Create", "Receive", "Receive", "Receive", "Command"]


def test_the_pool_id_is_zero_in_the_capability_and_echoed_byte_for_byte_elsewhere(fleet: SimulatedFleet) -> None:
    exchange = Exchange()
    with opened(wsman(fleet, exchange=exchange)):
        pass
    sent = re.search(rb"creationXml[^>]*>([^<]+)<", exchange.requests[0])
    assert sent is not None
    pool_id = base64.b64decode(sent.group(1))[21 + 8 : 21 + 24]
    capability, table, state = [piece for _object, _number, _flags, piece in _fragments(exchange)]
    assert capability[8:24] == bytes(16)
    assert table[8:24] == state[8:24] == pool_id


def test_every_message_starts_with_a_byte_order_mark_and_object_ids_run_on(fleet: SimulatedFleet) -> None:
    exchange = Exchange()
    with opened(wsman(fleet, exchange=exchange)) as pool:
        for _ in range(2):
            PowerShell(pool).add_script("'x'; 'y'").invoke()
    fragments = _fragments(exchange)
    assert all(piece[40:43] == b"\xef\xbb\xbf" for *_, piece in fragments)
    assert [object_id for object_id, *_ in fragments] == list(range(1, len(fragments) + 1))


def test_only_the_first_pipeline_of_a_pool_prepares_modules(fleet: SimulatedFleet) -> None:
    with opened(wsman(fleet)) as pool:
        activities = []
        for _ in range(2):
            shell = PowerShell(pool)
            shell.add_script("'x'").invoke()
            activities.append([record.activity for record in shell.streams.progress])
    assert activities == [["Preparing modules for first use."], []]


def test_a_megabyte_takes_eight_receives_of_four_fragments() -> None:
    class Large(Sections):
        async def read_section(self, name: str) -> str:
            return "x" * 1024 * 1024

    exchange = Exchange()
    with (
        SimulatedFleet([host(engine=WindowsEngine(Large()))]) as fleet,
        opened(wsman(fleet, exchange=exchange)) as pool,
    ):
        shell = begin_probe(pool, "vms")
        shell.end_invoke()
        assert [len(text) for text in shell.output] == [1024 * 1024]
    answers = exchange.bodies("Receive")[2:]
    output = [piece for *_, piece in _fragments(exchange) if len(piece) > 30000]
    assert {len(piece) for piece in output} == {32 * 1024 - 21}
    assert 8 <= len(answers) <= 9  # the progress record may come by itself
    assert max(len(_streams(answer)) for answer in answers) <= 5


def test_max_envelope_size_caps_an_answer() -> None:
    class Large(Sections):
        async def read_section(self, name: str) -> str:
            return "x" * 300_000

    exchange = Exchange()
    with SimulatedFleet([host(engine=WindowsEngine(Large()))]) as fleet:
        capped = wsman(fleet, exchange=exchange, max_envelope_size=153599)
        with opened(capped) as pool:
            begin_probe(pool, "vms").end_invoke()
    assert max(len(response) for response in exchange.responses) <= 153599


def test_the_last_output_and_done_come_together_and_a_receive_afterwards_is_a_fault(fleet: SimulatedFleet) -> None:
    exchange = Exchange()
    with opened(wsman(fleet, exchange=exchange)) as pool:
        shell = PowerShell(pool)
        shell.add_script("'x'").invoke()
        last = exchange.bodies("Receive")[-1]
        assert _streams(last), "output comes with the end"
        assert last.find(".//rsp:CommandState", NAMESPACES) is not None
        with pytest.raises(WSManFaultError) as fault:
            pool._receive(shell.id)
    assert fault.value.code == GONE


def test_no_output_within_the_operation_timeout_is_a_fault_and_no_error() -> None:
    may_answer = threading.Event()

    class Waiting(Sections):
        async def read_section(self, name: str) -> str:
            await asyncio.to_thread(may_answer.wait)
            return await super().read_section(name)

    with SimulatedFleet([host(engine=WindowsEngine(Waiting()))]) as fleet, opened(wsman(fleet)) as pool:
        shell = begin_probe(pool, "vms")
        pool._receive(shell.id)  # the progress record
        with pytest.raises(WSManFaultError) as fault:
            pool._receive(shell.id, timeout=1)
        may_answer.set()
        shell.end_invoke()
    assert fault.value.code == TIMED_OUT
    assert decode(shell.output[0])["section"] == "vms"


def test_a_thrown_error_arrives_inside_the_state_of_the_pipeline(fleet: SimulatedFleet) -> None:
    exchange = Exchange()
    shell = run(fleet, "throw 'bad'", exchange=exchange)
    assert shell.had_errors
    assert [(error.fq_error, str(error)) for error in shell.streams.error] == [("bad", "bad")]
    kinds = [_kind(piece) for *_, piece in _fragments(exchange)]
    assert psrp.ERROR_RECORD not in kinds
    assert kinds[-1] == psrp.PIPELINE_STATE


def test_a_written_error_is_a_record_and_the_pipeline_completes(fleet: SimulatedFleet) -> None:
    shell = run(fleet, "Write-Error 'beside'; 'output'")
    assert (shell.output, shell.had_errors, [str(error) for error in shell.streams.error]) == (
        ["output"],
        False,
        ["beside"],
    )


def test_an_unknown_command_is_not_recognized(fleet: SimulatedFleet) -> None:
    shell = run(fleet, "Get-Nonsense -Name x")
    assert shell.streams.error[0].fq_error == "CommandNotFoundException"


def test_warnings_and_information_have_their_own_streams(fleet: SimulatedFleet) -> None:
    shell = run(fleet, "Write-Warning 'careful'; Write-Host 'hello'")
    assert [str(record) for record in shell.streams.warning] == ["careful"]
    assert [record.message_data for record in shell.streams.information] == ["hello"]


@pytest.mark.parametrize("text", ["a_x000A_b", "tab\tend", "umlaut äöü", "<&>", "𝄞 clef", "_X005F_"])
def test_any_text_survives_the_way_there_and_back(fleet: SimulatedFleet, text: str) -> None:
    assert run(fleet, f"'{text}'").output == [text]


def test_the_probe_gets_its_sections_in_order_and_an_unknown_one_is_an_error_record(fleet: SimulatedFleet) -> None:
    shell = probe(fleet, "vms,unheard_of,identity")
    assert [decode(section)["section"] for section in shell.output] == ["vms", "identity"]
    assert len(shell.streams.error) == 1


def test_a_script_without_the_probes_first_line_is_no_probe(fleet: SimulatedFleet) -> None:
    assert run(fleet, "'# Fleet Audit probe'").output == ["# Fleet Audit probe"]


def test_a_stopped_pipeline_ends_and_the_pool_goes_on() -> None:
    with SimulatedFleet([host(engine=WindowsEngine(Sections(pacing_seconds=3600)))]) as fleet:
        with opened(wsman(fleet)) as pool:
            shell = begin_probe(pool)
            shell.stop()
            again = PowerShell(pool)
            again.add_script("'still here'")
            assert again.invoke() == ["still here"]
        assert fleet.report("HV01")["open_shells"] == 0


def test_a_script_larger_than_one_fragment_arrives_whole(fleet: SimulatedFleet) -> None:
    filler = "# " + "x" * 600_000
    assert run(fleet, f"'start'\n{filler}\n'end'").output == ["start", "end"]


def test_input_is_awaited_before_a_pipeline_runs(fleet: SimulatedFleet) -> None:
    with opened(wsman(fleet)) as pool:
        shell = PowerShell(pool)
        shell.add_script("'done'")
        assert shell.invoke(input=(line for line in ["a line"])) == ["done"]


def test_the_number_of_runspaces_can_be_asked_and_set(fleet: SimulatedFleet) -> None:
    with opened(wsman(fleet)) as pool:
        pool.max_runspaces = 3
        assert pool.get_available_runspaces() == 1
        pool.reset_runspace_state()


def test_the_servers_envelope_size_can_be_read(fleet: SimulatedFleet) -> None:
    connection = wsman(fleet)
    connection.update_max_payload_size()
    connection.close()
    assert connection.max_envelope_size == 500 * 1024


def test_a_pool_says_whether_it_is_alive(fleet: SimulatedFleet) -> None:
    with opened(wsman(fleet)) as pool:
        assert pool.is_alive()
        fleet.pass_time("HV01", 7201)
        assert not pool.is_alive()


def test_older_powershell_announces_its_own_versions() -> None:
    old = host(powershell_version="3.0", protocol_version="2.2", build="6.2.9200.16384")
    with SimulatedFleet([old]) as fleet, opened(wsman(fleet)) as pool:
        assert pool.application_private_data is not None
        table = pool.application_private_data.data["PSVersionTable"]
        assert (pool.protocol_version, table["PSVersion"], table["BuildVersion"]) == ("2.2", "3.0", "6.2.9200.16384")
        assert "PSEdition" not in table
        assert table["PSCompatibleVersions"] == ["1.0", "2.0", "3.0"]


def test_winrs_output_ends_both_streams_and_carries_the_exit_code(fleet: SimulatedFleet) -> None:
    connection = wsman(fleet)
    with WinRS(connection) as shell:
        answer = shell.command("cmd.exe", ["/c", "echo", "hi"])
        command_id = answer.findtext("rsp:CommandResponse/rsp:CommandId", "", NAMESPACES)
        state, code, streams = shell.receive(command_id=command_id)
        assert (state.rsplit("/", 1)[1], code, streams) == ("Done", 0, {"stdout": b"hi\r\n", "stderr": b""})
        shell.signal(SignalCode.TERMINATE, command_id)
        with pytest.raises(WSManFaultError) as fault:
            shell.signal(SignalCode.TERMINATE, command_id)
    connection.close()
    assert fault.value.code == GONE
    assert fleet.report("HV01")["open_shells"] == 0
