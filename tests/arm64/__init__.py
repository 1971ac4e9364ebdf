"""The gate's own tests on arm64, by emulation: `make gate-arm64`."""
