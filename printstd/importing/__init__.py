"""Other slicers' settings to printstd's profiles.

Bytes of files go in (bundles, configurations, JSON chains, projects, programs), texts of
profiles come out, with an account of every setting: carried, or not, and why not.
"""
