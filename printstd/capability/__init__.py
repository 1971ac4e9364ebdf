"""How a machine earns a class: parts to print and measure (`artefact/`), and from measurements to a
record of what the machine holds (`qualify`)."""
