"""From a certified program to a printed part: jobs, matching, dispatch, and what a host tells.

Pure decisions over records; `printstd.coordinator` joins them with the store and with real hosts.
"""
