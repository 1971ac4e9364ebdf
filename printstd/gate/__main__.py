"""``python -m printstd.gate``: where nothing but ``cryptography`` is installed beside Python."""

import sys

from printstd.gate.commands import main

sys.exit(main(sys.argv[1:]))
