"""The outside behind the ports: files, processes, keys, the clock, the terminal."""
