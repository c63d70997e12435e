"""The settings for the type checker and the image build: with stand-ins for what only a running installation has."""

import os

for _name, _stand_in in {
    "DATABASE_URL": "postgresql://nobody@/nothing?host=/nonexistent",
    "REDIS_URL": "redis+socket:///nonexistent?virtual_host=0",
    # Nothing is signed or sealed with these settings; any readable file will do.
    "FLEET_AUDIT_SECRET_KEY_FILE": __file__,
    "FLEET_AUDIT_VAULT_KEY_FILE": __file__,
}.items():
    os.environ.setdefault(_name, _stand_in)

from config.settings import *  # noqa: E402, F403
