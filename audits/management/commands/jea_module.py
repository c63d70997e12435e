"""jea_module --out DIR: write the files of the JEA endpoint, with what to do on the host in INSTALL.txt."""

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audits.collect.jea import MODULE_VERSION, jea_files


class Command(BaseCommand):
    help = "Write the JEA module (.psm1, .psd1, .psrc), the session configuration (.pssc) and INSTALL.txt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="made where it is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        for place, content in jea_files().items():
            path = out / place
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            except OSError as error:
                raise CommandError(f"{path} cannot be written: {error.strerror}", returncode=2) from error
            self.stdout.write(f"{hashlib.sha256(content).hexdigest()}  {place}")
        self.stderr.write(f"Module {MODULE_VERSION} is in {out}; INSTALL.txt says what to do on the host.")
