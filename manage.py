#!/usr/bin/env python3
"""The one command of Fleet Audit; `python3 manage.py` lists what it can do."""

import sys

if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - the sentence is for whoever runs an older one
        sys.exit(f"Fleet Audit needs Python 3.11 or later; {sys.executable} is {sys.version.split()[0]}.")
    from launcher.bootstrap import enter

    sys.exit(enter(sys.argv[1:]))
