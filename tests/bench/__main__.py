"""`python3 manage.py bench [NAME ...]`: measure, and print one line per number."""

import argparse
import os
import sys

import django


def main() -> int:
    parser = argparse.ArgumentParser(prog="manage.py bench", description=__doc__)
    known = "start, judge, worker, fleet, pages, plan, report"
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{known}; default: all")
    parser.add_argument("--hosts", type=int, default=200, help="hosts of the end-to-end measurement (default 200)")
    parser.add_argument("--vms", type=int, default=50, help="VMs per host there (default 50)")
    options = parser.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["FLEET_AUDIT_ALLOW_LOOPBACK"] = "1"
    django.setup()
    # The benchmarks use the models, which exist only after django.setup().
    from tests.bench import judge, pages, plan, report, start, worker  # noqa: PLC0415
    from tests.bench.database import fresh_database  # noqa: PLC0415

    benchmarks = {
        "start": lambda: start.measure(),
        "judge": lambda: judge.measure(),
        "worker": lambda: worker.measure(options.vms),
        "fleet": lambda: worker.measure_end_to_end(options.hosts, options.vms),
        "pages": lambda: pages.measure(),
        "plan": lambda: plan.measure(),
        "report": lambda: report.measure(),
    }
    unknown = set(options.names) - set(benchmarks)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(benchmarks)}")
    missed = False
    with fresh_database():
        for name in options.names or benchmarks:
            print(f"{name} ...", file=sys.stderr, flush=True)
            for number in benchmarks[name]():
                print(number, flush=True)
                missed = missed or number.is_missed
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
