"""The demo's fleet is entered as a person would enter it, once, and taken out in one step."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audits.models import AuditRun, Schedule
from fleet.models import Credential, Customer, Host, Network, TrailEntry
from simulator import estates
from simulator.wire.tls import CertificateStore

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "estate.json"
    entries = estates.entries("demo", CertificateStore(tmp_path / "certificates"), block=5)
    path.write_text(json.dumps(entries), encoding="utf-8")
    return path


def rewrite(path: Path, **customer: Any) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    document["customers"][0] |= customer
    path.write_text(json.dumps(document), encoding="utf-8")


def test_every_customer_and_host_of_the_estate_is_there(written: Path) -> None:
    run("seed_demo", "--from", str(written))
    estate = estates.read_estate("demo", block=5)
    assert set(Customer.objects.values_list("name", flat=True)) == {customer.name for customer in estate.customers}
    assert dict(Host.objects.values_list("name", "address")) == {host.name: host.address for host in estate.hosts}


def test_everything_of_it_is_marked_as_demo(written: Path) -> None:
    run("seed_demo", "--from", str(written))
    assert not Customer.objects.filter(is_demo=False).exists()
    assert not Host.objects.exclude(tags__contains=["demo"]).exists()


def test_hosts_are_pinned_to_the_good_certificate_whatever_they_show_now(written: Path, tmp_path: Path) -> None:
    run("seed_demo", "--from", str(written))
    host = Host.objects.get(name="hv-ntw-01.notariat-weiss.example")
    store = CertificateStore(tmp_path / "certificates")
    good, changed = (
        store.certificate((host.name,), host.address, "self_signed", variant).fingerprint
        for variant in ("good", "changed")
    )
    assert host.certificate_sha256 == good != changed


def test_customers_come_with_their_backup_windows(written: Path) -> None:
    run("seed_demo", "--from", str(written))
    schedule = Schedule.objects.get(customer__name__startswith="Wasser")
    assert str(schedule) == "22:00-04:00 Europe/Berlin"
    assert schedule.next_at is not None
    assert not Schedule.objects.filter(customer__name__startswith="Dachdeckerei").exists()


def test_a_window_that_somebody_changed_is_left_alone(written: Path) -> None:
    run("seed_demo", "--from", str(written))
    Schedule.objects.filter(customer__name__startswith="Wasser").update(time_zone="UTC")
    assert "0 changes" in run("seed_demo", "--from", str(written))
    assert Schedule.objects.get(customer__name__startswith="Wasser").time_zone == "UTC"


def test_a_second_time_changes_nothing_and_leaves_no_trail(written: Path) -> None:
    run("seed_demo", "--from", str(written))
    before = TrailEntry.objects.count()
    assert "0 changes" in run("seed_demo", "--from", str(written))
    assert TrailEntry.objects.count() == before


def test_what_differs_is_brought_up_to_date(written: Path) -> None:
    run("seed_demo", "--from", str(written))
    rewrite(written, backup_path="unknown", networks=["127.41.0.0/17"])
    assert "1 changes" in run("seed_demo", "--from", str(written))
    customer = Customer.objects.get(name__startswith="Wasser")
    assert (customer.backup_path, [network.cidr for network in customer.networks.all()]) == (
        "unknown",
        ["127.41.0.0/17"],
    )


def test_a_customer_that_is_not_of_the_demo_is_never_taken_over(written: Path) -> None:
    Customer.objects.create(name="Klinikum Nordheide gGmbH")
    with pytest.raises(CommandError, match="not of the demo") as refused:
        run("seed_demo", "--from", str(written))
    assert refused.value.returncode == 2
    assert Customer.objects.count() == 1


def test_the_first_audit_begins_once_and_not_again_on_a_later_start(written: Path) -> None:
    assert "the first audit has begun" in run("seed_demo", "--from", str(written), "--start")
    assert "has begun" not in run("seed_demo", "--from", str(written), "--start")
    audited = AuditRun.objects.get().host_audits.values_list("host__name", flat=True)
    assert set(audited) == {host.name for host in estates.read_estate("demo").hosts}


def test_without_being_asked_no_audit_begins(written: Path) -> None:
    run("seed_demo", "--from", str(written))
    assert not AuditRun.objects.exists()


def test_without_the_simulators_file_it_says_which_one_it_wanted(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="serve --entries") as refused:
        run("seed_demo", "--from", str(tmp_path / "estate.json"))
    assert refused.value.returncode == 2


def test_the_demo_goes_in_one_step_and_takes_nothing_else_with_it(written: Path) -> None:
    Customer.objects.create(name="Contoso")
    run("seed_demo", "--from", str(written))
    assert "8 demo customers" in run("remove_demo")
    assert [customer.name for customer in Customer.objects.all()] == ["Contoso"]
    assert not (Host.objects.exists() or Credential.objects.exists() or Network.objects.exists())
