"""Bambu Lab's firmware: words of Marlin, and layers told to the display."""

from __future__ import annotations

from printstd.gcode.dialects.base import Phrases


class Bambu(Phrases):
    """Sources: programs of Bambu Studio, read. They come in a package (.gcode.3mf) that names
    their objects; the program itself has no M486."""

    def layer(self, layer_number: int) -> list[str]:
        """The display counts from 1, the notice from 0."""
        return [f"M73 L{layer_number}", f"M991 S0 P{layer_number - 1}"]
