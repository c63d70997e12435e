"""What an administrator types to enter customers, credentials, hosts and pins."""

import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from fleet import trail
from fleet.models import Credential, Customer, Host, TrailEntry
from fleet.vault import vault_from

pytestmark = pytest.mark.django_db

PIN = "AB:" * 31 + "AB"


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refused(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert caught.value.returncode == 2
    return caught.value


@pytest.fixture
def contoso() -> Customer:
    run("add_customer", "Contoso", "--network", "10.20.0.0/16", "--backup-path", "vss")
    return Customer.objects.get()


def type_secret(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(secret))


def file_with(tmp_path: Path, content: str) -> str:
    path = tmp_path / "hosts.csv"
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_the_same_customer_again_changes_only_what_is_given(contoso: Customer) -> None:
    run("add_customer", "CONTOSO", "--backup-path", "wmi")
    contoso.refresh_from_db()
    assert contoso.backup_path == "wmi"
    assert [network.cidr for network in contoso.networks.all()] == ["10.20.0.0/16"]
    assert contoso.name == "Contoso"


def test_a_network_that_is_none_is_refused_and_creates_nothing() -> None:
    assert "10.0.0.1/8" in str(refused("add_customer", "Fabrikam", "--network", "10.0.0.1/8"))
    assert not Customer.objects.exists()


def test_a_ca_file_without_a_certificate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("no certificate")
    assert "PEM" in str(refused("add_customer", "Fabrikam", "--ca-file", str(path)))


def test_a_secret_loses_one_newline_and_is_stored_sealed(contoso: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    type_secret(monkeypatch, "s3cret \n\n")
    answer = run("add_credential", "--customer", "contoso", "--name", "admin", "--username", "CONTOSO\\audit")
    credential = Credential.objects.get()
    assert "s3cret" not in answer
    assert b"s3cret" not in bytes(credential.sealed_secret)
    vault = vault_from(settings.FLEET_AUDIT_VAULT_KEY_FILE)
    assert vault.open(bytes(credential.sealed_secret), place=credential.id) == "s3cret \n"


def test_an_empty_secret_is_refused(contoso: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    type_secret(monkeypatch, "\n")
    refused("add_credential", "--customer", "Contoso", "--name", "admin", "--username", "audit")
    assert not Credential.objects.exists()


def test_an_unknown_customer_is_refused_with_the_candidates(contoso: Customer) -> None:
    assert "Contoso" in str(refused("add_credential", "--customer", "conto", "--name", "a", "--username", "u"))


def test_a_new_host_takes_the_defaults(contoso: Customer, tmp_path: Path) -> None:
    run("import_hosts", file_with(tmp_path, "customer,name,tags\ncontoso,hv01.contoso.lab,prod; rack 3\n"))
    host = Host.objects.get()
    assert (host.address, host.port, host.scheme, host.auth) == ("hv01.contoso.lab", 5986, "https", "ntlm")
    assert host.backup_path == "" and host.effective_backup_path == "vss"
    assert host.tags == ["prod", "rack 3"]


def test_http_hosts_default_to_port_5985(contoso: Customer, tmp_path: Path) -> None:
    run("import_hosts", file_with(tmp_path, "customer,name,scheme\nContoso,hv01,http\n"))
    assert Host.objects.get().port == 5985


def test_an_empty_cell_keeps_what_is_there(contoso: Customer, tmp_path: Path) -> None:
    run("import_hosts", file_with(tmp_path, "customer,name,address,port\nContoso,hv01,10.20.0.1,15986\n"))
    run("import_hosts", file_with(tmp_path, "customer,name,address,port\nCONTOSO,HV01,,\n"))
    host = Host.objects.get()
    assert (host.address, host.port) == ("10.20.0.1", 15986)


def test_one_bad_row_imports_nothing_and_names_line_and_column(contoso: Customer, tmp_path: Path) -> None:
    error = refused("import_hosts", file_with(tmp_path, "customer,name,port\nContoso,hv01,5986\nContoso,hv02,70000\n"))
    assert "line 3, column port" in str(error)
    assert not Host.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("customer,name,colour\nContoso,hv01,red\n", "line 1, column colour: unknown column"),
        ("customer\nContoso\n", "line 1, column name: the column is missing"),
        ("customer,name\nNobody,hv01\n", "line 2, column customer: there is no customer 'Nobody'"),
        ("customer,name,credential\nContoso,hv01,none\n", "line 2, column credential"),
        ("customer,name\nContoso,hv01\nContoso,HV01\n", "line 3, column name: HV01 of Contoso stands in line 2"),
        ("customer,name,scheme\nContoso,hv01,ftp\n", "column scheme"),
        ("customer,name\nContoso,hv01,extra\n", "line 2: 3 cells, but the header has 2"),
        ('customer,name\nContoso,"hv01\n', "not a valid CSV line"),
        ("", "line 1: the file is empty"),
    ],
)
def test_a_file_that_does_not_parse_is_named_by_line(
    contoso: Customer, tmp_path: Path, content: str, said: str
) -> None:
    assert said in str(refused("import_hosts", file_with(tmp_path, content)))
    assert not Host.objects.exists()


def test_naming_a_detached_credential_again_confirms_it(
    contoso: Customer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_secret(monkeypatch, "s3cret\n")
    run("add_credential", "--customer", "Contoso", "--name", "admin", "--username", "audit")
    path = file_with(tmp_path, "customer,name,credential\nContoso,hv01,admin\n")
    run("import_hosts", path)
    Host.objects.update(credential_detached_at=timezone.now())
    assert "1 changed" in run("import_hosts", path)
    assert Host.objects.get().credential_detached_at is None


def test_a_dry_run_says_what_would_change_and_stores_nothing(contoso: Customer, tmp_path: Path) -> None:
    path = file_with(tmp_path, "customer,name\nContoso,hv01\n")
    document = json.loads(run("import_hosts", path, "--dry-run", "--json"))
    assert document["hosts"] == [{"line": 2, "customer": "Contoso", "host": "hv01", "change": "new"}]
    assert not Host.objects.exists()


def test_the_first_pin_needs_no_replace_and_another_one_does(contoso: Customer, tmp_path: Path) -> None:
    run("import_hosts", file_with(tmp_path, "customer,name\nContoso,hv01\n"))
    run("trust_host", "hv01", "--sha256", PIN)
    assert Host.objects.get().certificate_sha256 == "ab" * 32
    assert "--replace" in str(refused("trust_host", "hv01", "--sha256", "cd" * 32))
    run("trust_host", "HV01", "--sha256", "cd" * 32, "--replace")
    assert Host.objects.get().certificate_sha256 == "cd" * 32


def test_an_import_never_replaces_a_pin(contoso: Customer, tmp_path: Path) -> None:
    run("import_hosts", file_with(tmp_path, f"customer,name,certificate_sha256\nContoso,hv01,{PIN}\n"))
    changed = file_with(tmp_path, f"customer,name,certificate_sha256\nContoso,hv01,{'cd' * 32}\n")
    assert "use trust_host" in str(refused("import_hosts", changed))
    assert Host.objects.get().certificate_sha256 == "ab" * 32


def test_a_host_name_that_fits_two_customers_lists_both(contoso: Customer, tmp_path: Path) -> None:
    run("add_customer", "Fabrikam")
    run("import_hosts", file_with(tmp_path, "customer,name\nContoso,hv01\nFabrikam,hv01\n"))
    error = str(refused("trust_host", "hv01", "--sha256", PIN))
    assert "hv01 of Contoso" in error and "hv01 of Fabrikam" in error
    run("trust_host", "hv01", "--customer", "Fabrikam", "--sha256", PIN)
    assert Host.objects.get(customer__name="Fabrikam").certificate_sha256


def test_the_trail_shows_every_change_and_notices_a_changed_entry(contoso: Customer) -> None:
    run("add_customer", "Contoso", "--backup-path", "wmi")
    assert [entry.action for entry in TrailEntry.objects.order_by("id")] == ["customer created", "customer changed"]
    assert list(trail.broken_entries()) == []
    TrailEntry.objects.filter(action="customer created").update(actor_name="somebody else")
    assert [entry.action for entry in trail.broken_entries()] == ["customer created"]


def test_a_rights_level_and_an_endpoint_are_imported_and_kept(contoso: Customer, tmp_path: Path) -> None:
    run("import_hosts", file_with(tmp_path, "customer,name,rights_level,endpoint\nContoso,hv01,JEA,FleetAudit\n"))
    run("import_hosts", file_with(tmp_path, "customer,name,rights_level\nContoso,hv01,\n"))
    host = Host.objects.get()
    assert (host.rights_level, host.endpoint_name) == ("jea", "FleetAudit")
    back = "customer,name,rights_level,endpoint\nContoso,hv01,administrator,microsoft.powershell\n"
    assert "1 changed" in run("import_hosts", file_with(tmp_path, back))
    host.refresh_from_db()
    assert (host.rights_level, host.endpoint_name) == ("administrator", "")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("root,", "column rights_level: 'root': choose one of administrator, hyper_v, jea"),
        ("jea,", "column endpoint: rights level jea needs the name of the JEA endpoint"),
        ("jea,Microsoft.PowerShell", "column endpoint: rights level jea needs"),
        ("jea,../Fleet Audit", "column endpoint: '../Fleet Audit' is no endpoint name"),
    ],
)
def test_a_rights_level_that_cannot_be_is_refused(contoso: Customer, tmp_path: Path, cells: str, said: str) -> None:
    content = f"customer,name,rights_level,endpoint\nContoso,hv01,{cells}\n"
    assert said in str(refused("import_hosts", file_with(tmp_path, content)))
    assert not Host.objects.exists()
