"""import_hosts FILE.csv: create and update hosts, all rows or none."""

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fleet.host_import import COLUMNS, ImportRefused, import_hosts


class Command(BaseCommand):
    help = f"Create and update hosts from a CSV file, all rows or none. Columns: {', '.join(COLUMNS)}."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="UTF-8 CSV with a header; - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="check the file and say what would change")
        parser.add_argument("--json", action="store_true", help="one JSON document instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = sys.stdin.buffer.read() if options["file"] == "-" else Path(options["file"]).read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}", returncode=2) from error
        try:
            hosts = import_hosts(None, content, dry_run=options["dry_run"])
        except ImportRefused as refused:
            if options["json"]:
                self.stdout.write(_document(problems=[asdict(problem) for problem in refused.problems]))
            raise CommandError(f"{refused}\nNothing was imported.", returncode=2) from refused
        if options["json"]:
            self.stdout.write(_document(hosts=[asdict(host) for host in hosts], dry_run=options["dry_run"]))
            return
        counts = Counter(host.change for host in hosts)
        words = ", ".join(f"{counts[change]} {change}" for change in ("new", "changed", "unchanged"))
        self.stdout.write(
            f"{len(hosts)} hosts: {words}" + (" (dry run: nothing was stored)" if options["dry_run"] else "")
        )


def _document(**content: object) -> str:
    return json.dumps({"schema_version": 1, "hosts": [], "problems": []} | content, ensure_ascii=False)
