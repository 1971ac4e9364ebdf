"""The real servers that farms run, each in an environment of its own, begun and ended by tests.

OctoPrint with its virtual printer, Moonraker with Kalico (no board: steps go nowhere), PrusaLink
on a virtual printer. They are other people's programs and run as processes only; printstd never
imports them. ``python -m tests.hosts`` installs them; tests skip where they are absent, or fail
where ``PRINTSTD_PEERS_REQUIRED`` is set.
"""
