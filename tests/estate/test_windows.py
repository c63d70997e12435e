"""A described host says what a real one of its version would say, in the shapes of the evidence types."""

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import msgspec
import pytest

from audits.judgement.words import Section
from simulator import windows
from tests.estate.schemas import WIRE_TYPES, schema_of

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HEALTHY = windows.host("hv01", vms=[windows.vm("SQL01")])


def data_of(host: windows.WindowsHost, section: str) -> Any:
    return windows.envelope(host, section, now=NOW)["data"]


def gaps_of(host: windows.WindowsHost, section: str) -> dict[str, str]:
    return {gap["what"]: gap["why"] for gap in windows.envelope(host, section, now=NOW)["gaps"]}


def only_vm(host: windows.WindowsHost) -> Any:
    (vm,) = data_of(host, "vms")["vms"]
    return vm


@pytest.mark.parametrize("build", windows.VERSIONS)
@pytest.mark.parametrize("section", Section)
def test_every_version_speaks_in_the_shape_of_the_evidence_types(build: int, section: Section) -> None:
    machines = [
        windows.vm("SQL01", checkpoints=(windows.Checkpoint(kind="recovery"),)),
        windows.vm("FS01", disks=(windows.disk(number=3), windows.disk(missing="parent"))),
        windows.vm("OLD", state="off", generation=1, backup_service=None),
    ]
    for host in windows.join("HVC", [windows.host("a", build=build, vms=machines), windows.host("b", build=build)]):
        document = windows.envelope(host, section, now=NOW)
        jsonschema.validate(document, schema_of(section))
        if document["status"] == "ok":
            msgspec.convert(document["data"], WIRE_TYPES[section], strict=True)


def test_the_sections_are_the_ones_the_product_reads() -> None:
    assert tuple(Section) == windows.SECTIONS


def test_what_travels_is_base64_of_gzip_of_the_envelope() -> None:
    document = windows.envelope(HEALTHY, "vms", now=NOW)
    assert json.loads(gzip.decompress(base64.b64decode(windows.encode(document)))) == document


@pytest.mark.parametrize(("build", "knows"), [(9200, False), (9600, False), (14393, True), (26100, True)])
def test_checkpoint_types_exist_since_2016(build: int, knows: bool) -> None:
    host = windows.host("hv01", build=build, vms=[windows.vm("SQL01")])
    assert (only_vm(host)["checkpoint_type"] == 3) is knows
    assert ("vms.checkpoint_type" not in gaps_of(host, "vms")) is knows


@pytest.mark.parametrize(
    ("build", "online", "offline"),
    [
        (9200, "Backup Using Child Partition Snapshot", "Backup Using Saved State"),
        (9600, "Online", "Offline"),
        (20348, "Online", "Offline"),
    ],
)
def test_the_writer_captions_in_the_words_of_its_version(build: int, online: str, offline: str) -> None:
    host = windows.host("hv01", build=build, vms=[windows.vm("GOOD"), windows.vm("BAD", backup_service=False)])
    captions = [component["caption"] for component in data_of(host, "writers")["components"]]
    assert captions == [f"{online}\\GOOD", f"{offline}\\BAD"]


def test_a_german_host_answers_in_german_but_counts_in_numbers() -> None:
    host = windows.host("hv01", language="de-DE", vms=[windows.vm("Buchhaltung-Köln")], hyper_v_writer=8)
    writer = data_of(host, "writers")["writers"][-1]
    assert writer == {
        "writer_id": "66841cd4-6ded-4f4b-8f17-fd23f8ddc3de",
        "name": "Microsoft Hyper-V-VSS-Generator",
        "state": 8,
        "last_error": "Wiederholbarer Fehler",
    }
    assert data_of(host, "identity")["ui_culture"] == "de-DE"


def test_a_hyper_v_administrator_sees_no_writers_and_no_shadow_storage() -> None:
    host = windows.host("hv01", rights="hyper_v")
    assert windows.envelope(host, "writers", now=NOW)["status"] == "denied"
    assert gaps_of(host, "volumes") == {"shadow_storage": "denied", "shadow_providers": "denied"}
    assert data_of(host, "volumes")["volumes"]


def test_the_writers_are_left_alone_while_a_vm_is_backed_up() -> None:
    document = windows.envelope(windows.host("hv01", vms=[windows.vm("SQL01", busy="backup")]), "writers", now=NOW)
    assert (document["status"], document["data"]) == ("skipped", None)
    assert document["reason"]


def test_a_host_without_a_cluster_skips_that_section_with_a_reason() -> None:
    document = windows.envelope(HEALTHY, "cluster", now=NOW)
    assert document["status"] == "skipped"
    assert document["reason"]


def test_an_unchanged_host_says_the_same_an_hour_later_except_for_its_clock() -> None:
    host = windows.host("hv01", vms=[windows.vm("SQL01", checkpoints=(windows.Checkpoint(),))])
    source = windows.HostSections(host)
    for section in set(windows.SECTIONS) - {"identity", "vss_events", "vm_events"}:
        now, later = (
            windows.envelope(host, section, now=moment, anchor=source.anchor)
            for moment in (NOW, NOW + timedelta(hours=1))
        )
        assert now == later, section


def test_a_checkpoint_hangs_a_difference_before_the_disk() -> None:
    host = windows.host("hv01", vms=[windows.vm("SQL01", checkpoints=(windows.Checkpoint(),))])
    (attached,) = only_vm(host)["disks"]
    by_path = {image["path"]: image for image in data_of(host, "vms")["images"]}
    assert attached["path"].endswith(".avhdx")
    assert by_path[attached["path"]]["parent_path"] == "D:\\Hyper-V\\SQL01\\SQL01.vhdx"


def test_a_hostile_vm_name_stays_in_the_name_and_out_of_the_path() -> None:
    host = windows.host("hv01", vms=[windows.vm('<script>alert("x")</script>|?*')])
    assert only_vm(host)["name"] == '<script>alert("x")</script>|?*'
    assert not set(only_vm(host)["configuration_path"][3:]) & set('<>"|?*/:')


def test_a_fleet_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    first, again, other = (list(windows.fleet(hosts=3, vms=5, seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len({vm.vm_id for host in first for vm in host.vms}) == 15
