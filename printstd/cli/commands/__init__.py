"""One file per command. Heavy imports stand inside the functions: `--help` must not pay."""
