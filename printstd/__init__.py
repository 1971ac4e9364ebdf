"""printstd: check a model against a national profile, slice it, audit the G-code, sign it."""

__version__ = "0.1.0"

# Programs carry no clock: the date clause of their first line (which Moonraker's parser
# demands) is the day this version was released.
RELEASE_DATE = "2026-11-24"
