"""Hosts from a CSV file: all rows or none. What does not parse is named by line and column, and imports nothing."""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from django.db import transaction

from fleet.access import Viewer
from fleet.find import NotOne, credential_named, customer_named
from fleet.models import Auth, BackupPath, Customer, Host, RightsLevel, Scheme
from fleet.services import InvalidInput, endpoint_from, fingerprint_from, save_host

COLUMNS = (
    "customer",
    "name",
    "address",
    "port",
    "scheme",
    "auth",
    "credential",
    "certificate_sha256",
    "backup_path",
    "tags",
    "rights_level",
    "endpoint",
)
REQUIRED = ("customer", "name")
# A fleet of 3,000 customers with ten hosts each fits twice; more is a wrong file.
MOST_ROWS = 60_000

Change = Literal["new", "changed", "unchanged"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the file, at a line (the header is line 1) and, where it is known, a column."""

    line: int
    column: str | None
    message: str

    def __str__(self) -> str:
        return f"line {self.line}" + (f", column {self.column}" if self.column else "") + f": {self.message}"


class ImportRefused(Exception):
    """The file has problems; nothing was imported."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class ImportedHost:
    line: int
    customer: str
    host: str
    change: Change


@dataclass
class _Reading:
    problems: list[Problem] = field(default_factory=list)
    hosts: list[tuple[int, Host, Change]] = field(default_factory=list)


def import_hosts(actor: Viewer | None, content: bytes, *, dry_run: bool = False) -> list[ImportedHost]:
    """Create and update the hosts of a CSV file, in one transaction. The key is customer and name, case ignored.

    An empty or absent cell keeps what is there, or takes the default for a new host. Raises ImportRefused.
    """
    rows = _rows_of(content)
    with transaction.atomic():
        reading = _read(rows)
        if reading.problems:
            raise ImportRefused(reading.problems)
        if not dry_run:
            for _, host, change in reading.hosts:
                if change != "unchanged":
                    save_host(actor, host)
    return [ImportedHost(line, host.customer.name, host.name, change) for line, host, change in reading.hosts]


def _rows_of(content: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ImportRefused([Problem(line, None, "the file is not UTF-8; save it as 'CSV UTF-8'")]) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    problems: list[Problem] = []
    header: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip().lower() for cell in cells]
                problems += _problems_of_header(header)
                if problems:
                    break
                continue
            line = reader.line_num
            if len(cells) != len(header):
                problems.append(Problem(line, None, f"{len(cells)} cells, but the header has {len(header)}"))
                continue
            rows.append((line, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
            if len(rows) > MOST_ROWS:
                problems.append(Problem(line, None, f"more than {MOST_ROWS} rows; split the file"))
                break
    except csv.Error as error:
        problems.append(Problem(reader.line_num, None, f"not a valid CSV line: {error}"))
    if header is None:
        problems.append(Problem(1, None, f"the file is empty; its first line names the columns: {','.join(COLUMNS)}"))
    if problems:
        raise ImportRefused(problems)
    return rows


def _problems_of_header(header: list[str]) -> list[Problem]:
    found = [
        Problem(1, name or None, f"unknown column; known are {', '.join(COLUMNS)}")
        for name in header
        if name not in COLUMNS
    ]
    found += [Problem(1, name, "the column stands twice") for name, count in Counter(header).items() if count > 1]
    found += [Problem(1, name, "the column is missing") for name in REQUIRED if name not in header]
    return found


def _read(rows: list[tuple[int, dict[str, str]]]) -> _Reading:
    reading = _Reading()
    customers: dict[str, Customer] = {}
    seen: dict[tuple[str, str], int] = {}
    for line, cells in rows:
        problems: list[Problem] = []
        customer = _customer_of(line, cells, customers, problems)
        name = cells["name"]
        if not name or len(name) > 255:
            problems.append(Problem(line, "name", "a host needs a name of up to 255 characters"))
        if customer is not None and name:
            key = (str(customer.id), name.lower())
            if key in seen:
                problems.append(Problem(line, "name", f"{name} of {customer.name} stands in line {seen[key]} already"))
            seen.setdefault(key, line)
            host = customer.hosts.filter(name__iexact=name).first()
            change: Change = "unchanged" if host else "new"
            host = host or Host(customer=customer, name=name, address=name)
            host.customer = customer
            before = _values(host)
            _apply(line, cells, host, change == "new", problems)
            if change == "unchanged" and _values(host) != before:
                change = "changed"
            reading.hosts.append((line, host, change))
        reading.problems += problems
    return reading


def _customer_of(
    line: int, cells: dict[str, str], known: dict[str, Customer], problems: list[Problem]
) -> Customer | None:
    name = cells["customer"]
    try:
        if name.lower() not in known:
            known[name.lower()] = customer_named(name)
    except NotOne as error:
        problems.append(Problem(line, "customer", f"{error} Create it with add_customer."))
        return None
    return known[name.lower()]


def _values(host: Host) -> tuple[object, ...]:
    return (
        host.address,
        host.port,
        host.scheme,
        host.auth,
        host.credential_id,
        host.credential_detached_at,
        host.certificate_sha256,
        host.backup_path,
        tuple(host.tags),
        host.rights_level,
        host.endpoint_name,
    )


def _apply(line: int, cells: dict[str, str], host: Host, is_new: bool, problems: list[Problem]) -> None:
    def refuse(column: str, message: str) -> None:
        problems.append(Problem(line, column, message))

    if address := cells.get("address"):
        if len(address) > 255 or any(character in address for character in " /@\\"):
            refuse("address", f"{address[:80]!r} is neither a name nor an IP address")
        host.address = address
    for column, choices in (
        ("scheme", Scheme),
        ("auth", Auth),
        ("backup_path", BackupPath),
        ("rights_level", RightsLevel),
    ):
        if value := cells.get(column, "").lower():
            if value in choices.values:
                setattr(host, column, value)
            else:
                refuse(column, f"{value[:80]!r}: choose one of {', '.join(choices.values)}")
    if port := cells.get("port"):
        if port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535:
            host.port = int(port)
        else:
            refuse("port", f"{port[:80]!r} is no port; 1 to 65535")
    elif is_new:
        host.port = Scheme(host.scheme).default_port
    if credential := cells.get("credential"):
        try:
            host.credential = credential_named(credential, host.customer)
            host.credential_detached_at = None  # named on the server's own command line: confirmed
        except NotOne as error:
            refuse("credential", f"{error} Create it with add_credential.")
    if pin := cells.get("certificate_sha256"):
        try:
            digits = fingerprint_from(pin)
        except InvalidInput as error:
            refuse("certificate_sha256", str(error))
        else:
            if host.certificate_sha256 and host.certificate_sha256 != digits:
                refuse("certificate_sha256", f"{host.name} has another certificate pinned; use trust_host --replace")
            host.certificate_sha256 = digits
    if endpoint := cells.get("endpoint"):
        try:
            host.endpoint_name = endpoint_from(endpoint)
        except InvalidInput as error:
            refuse("endpoint", str(error))
    if host.rights_level == RightsLevel.JEA and not host.endpoint_name:
        refuse("endpoint", "rights level jea needs the name of the JEA endpoint, as FleetAudit")
    if tags := cells.get("tags"):
        wanted = [tag.strip() for tag in tags.split(";") if tag.strip()]
        if any(len(tag) > 64 for tag in wanted):
            refuse("tags", "a tag has up to 64 characters; tags are separated by ;")
        host.tags = list(dict.fromkeys(wanted))
