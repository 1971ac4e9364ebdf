"""``python -m tests.hosts [NAME ...]`` installs the servers (all of them without a name)."""

import sys

from tests.hosts.installed import VERSIONS, install

for host in sys.argv[1:] or VERSIONS:
    install(host)
