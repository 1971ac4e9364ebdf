"""The expressions of conditions and of custom code: ``nozzle_diameter[0]==0.4 and ! (...)``.

A strict grammar, evaluated and never executed: numbers, texts, true, false, names of settings
with an optional index, ``not ! + - * / %``, comparisons, ``=~`` and ``!~`` with ``/patterns/``
(the whole text must match; a dot takes line breaks too), ``and or && ||``, ``a ? b : c`` and a
few functions. A setting is text until it meets a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

MAX_LENGTH: Final = 20_000
MAX_DEPTH: Final = 50

_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"(?:[^"\\]|\\.)*")
    |(?P<sign>=~|!~|==|!=|<>|<=|>=|&&|\|\||[-+*/%<>!?:()\[\],=])
    )""",
    re.VERBOSE,
)
_PATTERN: Final = re.compile(r"\s*/((?:[^/\\]|\\.)*)/")
_WORDS: Final = {"and": "&&", "or": "||", "not": "!"}
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?$")


class ExpressionError(Exception):
    """The expression cannot be read, or asks for what nobody knows; the reason is its text."""


class UnknownName(ExpressionError):
    """A name that has no value. `name` : it."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"nothing is called {name}")


class Setting(NamedTuple):
    """The text of a setting, which is a number or a truth where one is asked for."""

    text: str


Value = bool | float | str | Setting


def evaluate(text: str, settings: Mapping[str, str]) -> Value:
    """Raises ExpressionError (UnknownName where a name has no value)."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"{len(text)} characters, at most {MAX_LENGTH} are read")
    return _Reader(text, settings).whole()


def truth(text: str, settings: Mapping[str, str]) -> bool:
    """The expression as a condition."""
    return as_bool(evaluate(text, settings))


def as_bool(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, Setting) and value.text in ("0", "1", "true", "false"):
        return value.text in ("1", "true")
    raise ExpressionError(f"{shown(value)} is neither true nor false")


def as_number(value: Value) -> float:
    if isinstance(value, Setting) and _NUMBER.match(value.text):
        return float(value.text.rstrip("%"))
    if isinstance(value, float) and not isinstance(value, bool):
        return value
    raise ExpressionError(f"{shown(value)} is no number")


def as_text(value: Value) -> str:
    """As it would be written into a program."""
    if isinstance(value, Setting):
        return value.text
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return value


def shown(value: Value) -> str:
    return repr(as_text(value))


class _Reader:
    """Recursive descent; each level of binding is a method, the loosest first. A branch that a
    decision has made idle is read, and its names need no value."""

    def __init__(self, text: str, settings: Mapping[str, str]) -> None:
        self.text = text
        self.settings = settings
        self.at = 0
        self.depth = 0
        self.idle = 0

    def whole(self) -> Value:
        value = self.choice()
        if self.text[self.at :].strip():
            raise ExpressionError(f"nothing can follow at {self.text[self.at :].strip()[:20]!r}")
        return value

    # ------------------------------------------------------------------------------- tokens

    def peek(self) -> tuple[str, str]:
        match = _TOKEN.match(self.text, self.at)
        if match is None or match.lastgroup is None:
            return ("end", self.text[self.at :].strip()[:20])
        token = match.group(match.lastgroup)
        if match.lastgroup == "name" and token in _WORDS:
            return ("sign", _WORDS[token])
        return (match.lastgroup, token)

    def take(self) -> tuple[str, str]:
        found = self.peek()
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            raise ExpressionError(
                f"cannot be read at {found[1]!r}" if found[1] else "ends too soon"
            )
        self.at = match.end()
        return found

    def taken(self, *signs: str) -> str | None:
        kind, token = self.peek()
        if kind == "sign" and token in signs:
            self.take()
            return token
        return None

    def expect(self, sign: str) -> None:
        if self.taken(sign) is None:
            raise ExpressionError(f"{sign!r} is missing at {self.peek()[1]!r}")

    # ------------------------------------------------------------------------------- levels

    def choice(self) -> Value:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError("too deep")
        condition = self.either()
        if self.taken("?"):
            holds = self.is_true(condition, False)
            first = self.branch(holds)
            self.expect(":")
            second = self.branch(not holds)
            condition = first if holds else second
        self.depth -= 1
        return condition

    def branch(self, is_live: bool) -> Value:
        self.idle += not is_live
        value = self.choice()
        self.idle -= not is_live
        return value

    def either(self) -> Value:
        value = self.both()
        while self.taken("||"):
            holds = self.is_true(value, True)
            self.idle += holds
            right = self.both()
            self.idle -= holds
            value = holds or self.is_true(right, False)
        return value

    def both(self) -> Value:
        value = self.compared()
        while self.taken("&&"):
            holds = self.is_true(value, False)
            self.idle += not holds
            right = self.compared()
            self.idle -= not holds
            value = holds and self.is_true(right, False)
        return value

    def compared(self) -> Value:
        left = self.added()
        sign = self.taken("==", "!=", "<>", "<=", ">=", "<", ">", "=~", "!~")
        if sign is None:
            return left
        if sign in ("=~", "!~"):
            pattern = self.pattern()
            return not self.idle and _matches(left, pattern) is (sign == "=~")
        right = self.added()
        return not self.idle and _compare(sign, left, right)

    def added(self) -> Value:
        value = self.multiplied()
        while sign := self.taken("+", "-"):
            right = self.multiplied()
            value = 0.0 if self.idle else _sum(value, sign, right)
        return value

    def multiplied(self) -> Value:
        value = self.signed()
        while sign := self.taken("*", "/", "%"):
            right = self.signed()
            value = 0.0 if self.idle else _product(value, sign, right)
        return value

    def signed(self) -> Value:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError("too deep")
        if self.taken("!"):
            found: Value = not self.is_true(self.signed(), False)
        elif sign := self.taken("-", "+"):
            value = self.signed()
            number = 0.0 if self.idle else as_number(value)
            found = -number if sign == "-" else number
        else:
            found = self.atom()
        self.depth -= 1
        return found

    def atom(self) -> Value:
        kind, token = self.take()
        if kind == "number":
            return float(token)
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", token[1:-1])
        if (kind, token) == ("sign", "("):
            value = self.choice()
            self.expect(")")
            return value
        if kind != "name":
            raise ExpressionError(f"cannot be read at {token!r}" if token else "ends too soon")
        if token in ("true", "false"):
            return token == "true"
        if token in _FUNCTIONS and self.taken("("):
            return self.called(token)
        return self.setting(token)

    def called(self, name: str) -> Value:
        given = [self.choice()]
        while self.taken(","):
            given.append(self.choice())
        self.expect(")")
        function, count = _FUNCTIONS[name]
        if len(given) != count:
            raise ExpressionError(f"{name} takes {count} values, not {len(given)}")
        return 0.0 if self.idle else float(function(*map(as_number, given)))

    def setting(self, name: str) -> Value:
        index: Value | None = None
        if self.taken("["):
            index = self.choice()
            self.expect("]")
        if self.idle:
            return Setting(self.settings.get(name, ""))
        if name not in self.settings:
            raise UnknownName(name)
        text = self.settings[name]
        if index is None:
            return Setting(text)
        return Setting(_item(text, as_number(index)))

    def pattern(self) -> str:
        match = _PATTERN.match(self.text, self.at)
        if match is None:
            raise ExpressionError("after =~ and !~ stands /a pattern/")
        self.at = match.end()
        return match.group(1)

    def is_true(self, value: Value, otherwise: bool) -> bool:
        """Whether a condition holds; in an idle branch nobody asks."""
        return otherwise if self.idle else as_bool(value)


def _item(text: str, index: float) -> str:
    """One item of a list; past its end the first one counts, as in the slicers."""
    parts = text.split(";") if '"' in text or ";" in text else text.split(",")
    number = int(index)
    part = parts[number] if 0 <= number < len(parts) else parts[0]
    part = part.strip()
    return part[1:-1] if len(part) > 1 and part[0] == part[-1] == '"' else part


def _matches(value: Value, pattern: str) -> bool:
    if isinstance(value, (bool, float)):
        raise ExpressionError(f"{shown(value)} is no text, and a pattern needs one")
    try:
        return re.fullmatch(pattern.replace("\\/", "/"), as_text(value), re.DOTALL) is not None
    except (re.error, RecursionError) as error:
        raise ExpressionError(f"/{pattern}/ is no pattern: {error}") from error


_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def _compare(sign: str, left: Value, right: Value) -> bool:
    order = _ORDER[sign]
    if isinstance(left, bool) or isinstance(right, bool):
        return order(as_bool(left), as_bool(right))
    if isinstance(left, float) or isinstance(right, float):
        return order(as_number(left), as_number(right))
    texts = [value.text for value in (left, right) if isinstance(value, Setting)]
    if len(texts) == 2 and all(_NUMBER.match(text) for text in texts):
        return order(as_number(left), as_number(right))
    return order(as_text(left), as_text(right))


def _sum(left: Value, sign: str, right: Value) -> Value:
    if sign == "+" and (isinstance(left, str) or isinstance(right, str)):
        return as_text(left) + as_text(right)
    a, b = as_number(left), as_number(right)
    return a + b if sign == "+" else a - b


def _product(left: Value, sign: str, right: Value) -> float:
    a, b = as_number(left), as_number(right)
    if sign == "*":
        return a * b
    if b == 0:
        raise ExpressionError("a division by zero")
    return a / b if sign == "/" else math.fmod(a, b)


def _round_half_away(value: float) -> float:
    return math.copysign(math.floor(abs(value) + 0.5), value)


_FUNCTIONS: Final[dict[str, tuple[Callable[..., float], int]]] = {
    "min": (min, 2),
    "max": (max, 2),
    "int": (math.trunc, 1),
    "round": (_round_half_away, 1),
    "floor": (math.floor, 1),
    "ceil": (math.ceil, 1),
}
