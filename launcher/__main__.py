"""The launcher inside an environment that has all packages already: `python -m launcher up`."""

import sys

from launcher.cli import main

sys.exit(main(sys.argv[1:]))
