"""RulePage: the manual's page of one rule, handed to reports that print it beside its findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RulePage:
    """What `printstd explain` prints, and its title."""

    id: str
    title: str
    text: str

    @property
    def demand(self) -> str:
        """What the rule demands, as one paragraph: the page's first part; the title without one."""
        return self.parts.get("What it demands", self.title)

    @property
    def parts(self) -> dict[str, str]:
        """Heading -> its text, lines joined to paragraphs, in the page's order."""
        parts: dict[str, list[str]] = {}
        heading = ""
        for line in self.text.split("\n")[1:]:
            if line and not line[0].isspace():
                heading = line.strip()
                parts[heading] = []
            elif heading:
                parts[heading].append(line.strip())
        return {name: " ".join(" ".join(lines).split()) for name, lines in parts.items()}


Pages = Mapping[str, RulePage]
"""Rule id -> its page."""
