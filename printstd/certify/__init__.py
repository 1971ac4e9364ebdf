"""Certificates: what was found, signed so that anyone can check it.

statement -> dsse -> bundle on the way out; bundle -> dsse -> statement -> verify on the way
in. Formats: Sigstore bundle v0.3 holding a DSSE envelope holding an in-toto Statement v1.
"""
