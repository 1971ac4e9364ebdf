"""The gate that stands alone on a printer's host: nothing starts that does not verify.

It needs the standard library and ``cryptography`` only, and of printstd what verifies.
"""
