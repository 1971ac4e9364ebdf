"""Drivers of the servers that stand before printers: one file per kind, opened by `opening`.

Each is a `printstd.farm.host.Host`. What they have in common is in `calling` (HTTP) and `names`.
"""
