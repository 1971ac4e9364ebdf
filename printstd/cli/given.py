"""A command that looks at what a call gives it.

The library that reads options makes something that converts its value for each option of a
command, given or not: a fiftieth of a small part's time for a command of thirty.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand


class GivenOptions(TyperCommand):
    """Options that a call leaves out, and that are nothing where they are left out, stay what they
    are without being converted."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        if named.get("help"):
            return list(super().parse_args(ctx, args))
        whole = self.params
        left_out = [own for own in whole if own.name not in named and _is_nothing(own)]
        self.params = [own for own in whole if own not in left_out]
        try:
            rest: list[str] = super().parse_args(ctx, args)
        finally:
            self.params = whole
        ctx.params |= {own.name: () if own.multiple else None for own in left_out}
        return rest


def _is_nothing(option: Any) -> bool:
    """Nobody but the call could give it a value, and nobody waits for one."""
    return (
        option.param_type_name == "option"
        and option.default is None
        and not option.required
        and option.envvar is None
        and option.callback is None
        and not option.prompt
        and option.expose_value
    )
