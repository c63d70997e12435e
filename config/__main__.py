"""Django's commands as they run inside the product's environment: `python -m config migrate`."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
execute_from_command_line(["manage.py", *sys.argv[1:]])
