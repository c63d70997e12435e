"""`set_schedule`: a customer's backup window, and the audits before and after it."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from audits.collect.plain import plain
from audits.management.selection import customer_named, usage_error
from audits.schedules import save_schedule, time_zone_from, weekdays_from, window_from
from audits.timetable import WEEKDAYS
from fleet.services import InvalidInput

DESCRIPTION = """\
Enter when a customer's backups run. The customer's hosts are audited before the window, so that the prediction is that
night's, and after it, so that the event logs are read while they still hold the night. Repeat it to change what is
given. The window also tells which pauses of a VM are the backup's, even while --off lets nothing start by itself.

Times are the customer's local times. Where the clock is put forward or back inside the window, it covers both readings.
"""
EXIT_CODES = """\
exit codes: 0 done; 1 the product could not work; 2 usage or input, such as an unknown customer or time zone
"""


class Command(BaseCommand):
    help = DESCRIPTION

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, epilog=EXIT_CODES, formatter_class=RawDescriptionHelpFormatter, **options
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--customer", metavar="NAME", required=True, help="whose schedule")
        parser.add_argument("--window", metavar="22:00-04:00", help="when backups run; needed the first time")
        parser.add_argument("--time-zone", metavar="ZONE", help="as Europe/Berlin; needed the first time")
        parser.add_argument("--days", metavar="mon,tue", help=f"days on which a window begins: {','.join(WEEKDAYS)}")
        parser.add_argument("--audit-before", metavar="MINUTES", type=int, help="0: no audit before; 60 at first")
        parser.add_argument("--harvest-after", metavar="MINUTES", type=int, help="0: no audit after; 15 at first")
        switch = parser.add_mutually_exclusive_group()
        switch.add_argument("--off", action="store_true", help="start nothing by itself; the window stays known")
        switch.add_argument("--on", action="store_true", help="start audits by itself again")

    def handle(self, *args: Any, **options: Any) -> None:
        customer = customer_named(options["customer"])
        assert customer is not None
        try:
            schedule, created = save_schedule(
                None,
                customer,
                window=None if options["window"] is None else window_from(options["window"]),
                time_zone=None if options["time_zone"] is None else time_zone_from(options["time_zone"]),
                weekdays=None if options["days"] is None else weekdays_from(options["days"]),
                audit_before_minutes=options["audit_before"],
                harvest_after_minutes=options["harvest_after"],
                is_enabled=True if options["on"] else False if options["off"] else None,
            )
        except InvalidInput as error:
            raise usage_error(plain(str(error))) from error
        except DatabaseError as error:
            raise CommandError(
                f"schedule of {plain(customer.name)}: the database failed: {plain(str(error))}"
            ) from error
        self.stdout.write(f"{'created' if created else 'updated'} {plain(customer.name)}: backup window {schedule}")
        for moment in schedule.next_moments(2):
            self.stdout.write(f"{moment.occasion} the window: {schedule.timetable.in_words(moment.at)}")
        if not schedule.is_enabled:
            self.stderr.write("The schedule is off: no audit starts by itself. Switch it on with --on.")
        elif schedule.next_at is None:
            self.stderr.write("Both --audit-before and --harvest-after are 0: no audit starts by itself.")
