"""The rules, one file each; `printstd.audit.registry` lists them."""
