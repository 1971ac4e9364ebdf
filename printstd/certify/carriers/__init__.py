"""What a certificate travels in: beside the program, or in one file with it.

The sidecars ``OUT.gcode.cert.json`` and ``OUT.gcode.recheck.json`` are normative. The others carry
the same statements: a block at the program's tail (`tail`), Bambu's ``.gcode.3mf`` (`bambu`) and
Prusa's ``.bgcode`` (`bgcode`). What is audited and signed is always the program inside; `carried`
reads any of them. Source: facts of certification 4.1.
"""
