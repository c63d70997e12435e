"""A planted password and the vault's key are in nothing that leaves the vault: files, broker, database, pages, CSV."""

import base64
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter, deque
from pathlib import Path

import pytest
import redis

from launcher.state import open_state
from tests.launcher import processes
from tests.launcher.instance import PATIENCE_SECONDS, eventually
from tests.survival import canary
from tests.survival.product import CUSTOMER, USER, Product

pytestmark = pytest.mark.xdist_group("survival")

# A host on which PowerShell Direct exists: Server 2016.
NEW_ENOUGH = 1

# Pages of one kind are alike: so many of each are read.
PAGES_OF_A_KIND = 3
REPORTS = ("/reports/vm_verdicts.csv", "/reports/findings.csv")


@pytest.fixture(scope="module")
def refused(survivor: Product) -> Product:
    """The survivor, one of whose hosts and one of whose guests have refused planted passwords: errors were written."""
    credential = ("--customer", CUSTOMER, "--name", "guests", "--username", "GUEST\\survivor")
    survivor.manage("add_credential", *credential, typed=canary.GUEST_PASSWORD)
    survivor.manage("add_guest_access", "--customer", CUSTOMER, "--vms", "*", "--credential", "guests")
    survivor.manage("audit", "--host", survivor.names[NEW_ENOUGH], "--wait")
    assert survivor.rows("SELECT count(*) > 0 FROM fleet_guestgrant WHERE refused_at IS NOT NULL") == [(True,)]
    host = survivor.names[0]
    survivor.hosts.set_password(host, USER, "another one")
    run = survivor.manage("audit", "--host", host).strip()
    state = "SELECT state FROM audits_hostaudit WHERE run_id = %s"
    assert eventually(lambda: survivor.rows(state, run) == [("denied",)]), survivor.rows(state, run)
    return survivor


@pytest.fixture(scope="module")
def secrets(survivor: Product) -> list[bytes]:
    planted = [canary.PASSWORD.encode(), canary.GUEST_PASSWORD.encode()]
    return [*planted, *canary.vault_keys(open_state(survivor.instance.state).vault_key)]


@pytest.mark.parametrize("place", range(3))
def test_a_secret_in_any_dress_would_be_found(secrets: list[bytes], place: int) -> None:
    for secret in secrets:
        message = b"x" * place + b"before " + secret + b" after"
        dressed = {
            "log": message,
            "message": base64.b64encode(message),
            "bytea": message.hex().encode(),
            "address": urllib.parse.quote(message, safe="").encode(),
            "script": message.decode("latin-1").encode("utf-16-le"),
        }
        assert canary.found_in(dressed, secrets) == sorted(dressed)


def test_no_file_outside_the_vault_holds_it(refused: Product, secrets: list[bytes]) -> None:
    """Every log, Valkey's append-only file, and the database's own files with its write-ahead log."""
    state = refused.instance.state
    files = {
        str(path.relative_to(state)): path
        for path in state.rglob("*")
        if path.is_file() and not path.is_relative_to(state / "secrets")
    }
    found = [name for name, path in files.items() if canary.found_in({name: _bytes_of(path)}, secrets)]

    assert found == []
    assert {"log/worker-1.log", "log/web.log", "log/postgres.log", "log/valkey.log"} <= set(files)
    broker = b"".join(_bytes_of(path) for name, path in files.items() if name.startswith("valkey/"))
    assert b"audits.tasks.audit_host" in broker  # the messages are there to be searched


def test_no_key_of_the_broker_holds_it(refused: Product, secrets: list[bytes]) -> None:
    broker = redis.Redis(unix_socket_path=str(open_state(refused.instance.state).sockets / "valkey.sock"))
    dumped = {repr(key): key + (broker.dump(key) or b"") for key in broker.scan_iter()}

    assert dumped
    assert canary.found_in(dumped, secrets) == []


def test_no_table_of_the_database_holds_it(refused: Product, secrets: list[bytes]) -> None:
    tables = refused.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    dumped: dict[str, bytes] = {}
    with refused.database() as connection, connection.cursor() as cursor:
        for (table,) in tables:
            with cursor.copy(f'COPY "{table}" TO STDOUT'.encode()) as rows:
                dumped[table] = b"".join(bytes(piece) for piece in rows)

    assert canary.found_in(dumped, secrets) == []
    assert USER.replace("\\", "\\\\").encode() in dumped["fleet_credential"]  # the row of the planted secret was read
    assert b"denied" in dumped["audits_hostaudit"]


def test_no_page_report_or_error_holds_it(refused: Product, secrets: list[bytes]) -> None:
    seen = _everything_behind_the_sign_in(refused)

    assert canary.found_in(seen, secrets) == []
    kinds = {_kind(path) for path in seen}
    assert {"/", "/hosts/*/", "/vms/*/", "/runs/*/", "/findings/*/", *REPORTS} <= kinds, kinds
    assert CUSTOMER.encode() in seen["/reports/vm_verdicts.csv"]


def test_no_command_says_it_and_no_process_shows_it(refused: Product, secrets: list[bytes]) -> None:
    host = refused.names[0]
    told = {
        " ".join(words): "".join(refused.instance.command(*words).stdout).encode()
        for words in (("report", "findings", "--host", host), ("report", "vm_verdicts", "--host", host))
    }
    audit = refused.instance.command("audit", "--host", host, "--wait", "--json")
    told["audit"] = (audit.stdout + audit.stderr).encode()
    for process in refused.instance.processes():
        shown = processes.command_line(process) + processes.environment_of(process)
        told[f"process {process}: {processes.command_line(process)}"] = shown.encode()

    assert canary.found_in(told, secrets) == []
    assert b"denied" in told["audit"]


def _bytes_of(path: Path) -> bytes:
    """A file of a running server may be gone by now."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _kind(path: str) -> str:
    """The path with ids left out and without its query: what it is a page of."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "*", path.partition("?")[0])


def _everything_behind_the_sign_in(product: Product) -> dict[str, bytes]:
    """Every kind of page that links lead to, the reports, and the pages of errors."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    link = product.manage("sign_in_link").strip()
    gate = opener.open(link, timeout=PATIENCE_SECONDS).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', gate)
    assert token
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1]}).encode()
    opener.open(urllib.request.Request(link, form, {"Referer": link}), timeout=PATIENCE_SECONDS)

    waiting = deque(["/", *REPORTS, "/no-such-page", "/hosts/no-such-host/"])
    known = set(waiting)
    seen: dict[str, bytes] = {}
    read: Counter[str] = Counter()
    while waiting:
        path = waiting.popleft()
        if read[_kind(path)] >= PAGES_OF_A_KIND:
            continue
        read[_kind(path)] += 1
        try:
            with opener.open(product.instance.url + path, timeout=PATIENCE_SECONDS) as answer:
                seen[path] = str(answer.headers).encode() + answer.read()
        except urllib.error.HTTPError as error:
            seen[path] = str(error.headers).encode() + error.read()
        for target in re.findall(rb'href="([^"#]+)', seen[path]):
            found = urllib.parse.urljoin(path, target.decode().replace("&amp;", "&"))
            if found.startswith("/") and not found.startswith(("//", "/static/")) and found not in known:
                known.add(found)
                waiting.append(found)
    return seen
