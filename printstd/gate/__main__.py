"""``python -m printstd.gate``: where only the standard library and ``cryptography`` are installed."""

import sys

from printstd.gate.commands import main

sys.exit(main(sys.argv[1:]))
