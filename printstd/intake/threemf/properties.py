"""Groups of properties, and what refers to them: base materials (3MF Core, chapter 5) and colours,
textures, composites and multi-properties (Materials and Properties, chapters 2 to 7).

None of it says where material goes; what is checked is that every reference has an end. A group
must come before what refers to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from printstd.intake.numbers import BadNumber, integers, reals
from printstd.intake.threemf.names import refuse
from printstd.words import said

CHILDREN: Final[dict[str, frozenset[str]]] = {
    "m:colorgroup": frozenset({"m:color"}),
    "m:texture2dgroup": frozenset({"m:tex2coord"}),
    "m:compositematerials": frozenset({"m:composite"}),
    "m:multiproperties": frozenset({"m:multi"}),
    "m:texture2d": frozenset(),
}
GROUPS: Final = frozenset(CHILDREN)
"""Elements of the Materials namespace in resources that are looked into, after ``m:``."""

MATERIALS: Final = ("basematerials", "m:compositematerials")
_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?\Z")
_STYLES: Final = ("wrap", "mirror", "clamp", "none")
_FILTERS: Final = ("auto", "linear", "nearest")
_PICTURES: Final = ("image/png", "image/jpeg")
_BLENDS: Final = ("mix", "multiply")

Corners = tuple[str | None, str | None, str | None, str | None]
"""pid, p1, p2, p3 of a triangle, as written."""


@dataclass(slots=True)
class Group:
    """parts : other groups of a multi-property, in order; of a composite the one of its materials.
    count : its members so far; None where they are not known. chosen : of a composite, how many
    materials it mixes."""

    kind: str
    id: int
    at: str
    parts: tuple[int, ...] = ()
    count: int | None = 0


@dataclass(frozen=True, slots=True)
class Texture:
    """path : absolute part name, as written."""

    path: str
    content_type: str
    at: str


@dataclass(slots=True)
class Properties:
    """Of one model part, in the order of the file."""

    groups: dict[int, Group] = field(default_factory=dict)
    textures: list[Texture] = field(default_factory=list)
    right: set[Corners] = field(default_factory=set)
    """Of triangles of the present object: what was looked at and is right."""

    def start(self, kind: str, number: int, values: dict[str, str], at: str) -> Group:
        group = Group(kind, number, at)
        match kind:
            case "m:texture2d":
                self._texture(values, at)
            case "m:texture2dgroup":
                self._referred(values.get("texid"), ("m:texture2d",), "texid", at)
            case "m:compositematerials":
                self._composite(group, values)
            case "m:multiproperties":
                self._multi_properties(group, values)
        self.groups[number] = group
        return group

    def unknown(self, number: int) -> None:
        """A resource of an extension that is not read."""
        self.groups.setdefault(number, Group("", number, "", count=None))

    def member(self, group: Group, values: dict[str, str], at: str) -> None:
        match group.kind:
            case "basematerials":
                if not values.get("name", "").strip():
                    refuse(24, said("a base material without a name"), at)
                self._colour(values, "displaycolor", at)
            case "m:colorgroup":
                self._colour(values, "color", at)
            case "m:texture2dgroup":
                for key in ("u", "v"):
                    self._numbers(values.get(key), key, at, 1)
            case "m:compositematerials":
                self._numbers(values.get("values"), "values", at)
            case "m:multiproperties":
                self._multi(group, values, at)
        if group.count is not None:
            group.count += 1

    def end(self, group: Group) -> None:
        if group.count == 0 and group.kind != "m:texture2d":
            refuse(24, said("a group of properties without any"), group.at, str(group.id))

    def check_object(self, pid: str | None, pindex: str | None, at: str) -> None:
        """Of a whole object: a group, and which of its members."""
        if pid is None:
            if pindex is not None:
                refuse(24, said("pindex without pid"), at, pindex)
            return
        group = self._group(pid, "pid", at)
        if pindex is not None:
            self._index(group, pindex, "pindex", at)

    def check_triangle(self, corners: Corners, own: str | None, at: str) -> None:
        """pid, p1, p2, p3 of a triangle of an object whose pid is `own` (Core 4.1.4). What is right
        is kept, and need not be asked again; `forget` starts over with the next object."""
        pid, p1, p2, p3 = corners
        if own is None:
            refuse(
                24,
                said("a triangle with properties in an object without any of its own"),
                at,
                pid,
                said("pid and pindex at the object, for what the triangle leaves open"),
            )
        if (p2 is None) is not (p3 is None) or (p1 is None and p2 is not None):
            refuse(
                24, said("properties of some corners of a triangle only"), at, wanted="p1, p2, p3"
            )
        group = self._group(pid or own, "pid", at)
        for key, text in (("p1", p1), ("p2", p2), ("p3", p3)):
            if text is not None:
                self._index(group, text, key, at)
        self.right.add(corners)

    def forget(self) -> None:
        self.right.clear()

    # --- groups that refer to others -----------------------------------------------------

    def _texture(self, values: dict[str, str], at: str) -> None:
        path, kind = values.get("path", ""), values.get("contenttype", "")
        if not path.startswith("/"):
            refuse(24, said("a texture without the name of a part"), at, path, "/3D/Textures/a.png")
        self._one_of(kind, _PICTURES, "contenttype", at)
        for key in ("tilestyleu", "tilestylev"):
            self._one_of(values.get(key, "wrap"), _STYLES, key, at)
        self._one_of(values.get("filter", "auto"), _FILTERS, "filter", at)
        self.textures.append(Texture(path, kind, at))

    def _composite(self, group: Group, values: dict[str, str]) -> None:
        base = self._referred(values.get("matid"), ("basematerials",), "matid", group.at)
        words = values.get("matindices", "").split()
        if not words:
            refuse(24, said("a composite without materials"), group.at, wanted="matindices")
        for word in words:
            self._index(base, word, "matindices", group.at)
        group.parts = (base.id,)

    def _multi_properties(self, group: Group, values: dict[str, str]) -> None:
        words = values.get("pids", "").split()
        if not words:
            refuse(24, said("multi-properties without groups"), group.at, wanted="pids")
        others = [self._group(word, "pids", group.at) for word in words]
        kinds = [other.kind for other in others]
        for kind, what in (
            ("m:multiproperties", said("multi-properties of multi-properties")),
            ("m:texture2d", said("a picture where a group of properties is wanted")),
        ):
            if kind in kinds:
                refuse(24, what, group.at, words[kinds.index(kind)])
        places = [i for i, kind in enumerate(kinds) if kind in MATERIALS]
        if len(places) > 1 or places[:1] not in ([], [0]):
            refuse(
                24,
                said("materials that are not the first layer of multi-properties"),
                group.at,
                " ".join(words),
                said("one group of materials at most, before all others"),
            )
        if kinds.count("m:colorgroup") > 1:
            refuse(
                24, said("multi-properties with two groups of colours"), group.at, " ".join(words)
            )
        blends = values.get("blendmethods", "").split()
        for blend in blends:
            self._one_of(blend, _BLENDS, "blendmethods", group.at)
        if len(blends) > len(others) - 1:
            refuse(
                24,
                said("more ways to blend than layers to blend with"),
                group.at,
                " ".join(blends),
                said("at most {count}", count=len(others) - 1),
            )
        group.parts = tuple(other.id for other in others)

    def _multi(self, group: Group, values: dict[str, str], at: str) -> None:
        words = values.get("pindices", "").split()
        if not words or len(words) > len(group.parts):
            refuse(
                24,
                said("another number of indices than of groups"),
                at,
                " ".join(words),
                said("1 to {count}", count=len(group.parts)),
            )
        for number, word in zip(group.parts, words, strict=False):
            self._index(self.groups[number], word, "pindices", at)

    # --- references and values -----------------------------------------------------------

    def _group(self, text: str | None, key: str, at: str) -> Group:
        number = _whole(text)
        group = self.groups.get(number) if number is not None else None
        if group is None or (group.kind == "m:texture2d" and key == "pid"):
            refuse(
                24,
                said("{key} names no group of properties that came before", key=key),
                at,
                text,
                ", ".join(map(str, list(self.groups)[:8])) or said("a group of properties"),
            )
        return group

    def _referred(self, text: str | None, kinds: tuple[str, ...], key: str, at: str) -> Group:
        group = self._group(text, key, at)
        if group.kind not in kinds:
            refuse(
                24,
                said("{key} names a resource of another kind", key=key),
                at,
                text,
                ", ".join(kinds),
            )
        return group

    def _index(self, group: Group, text: str, key: str, at: str) -> None:
        number = _whole(text)
        if number is None or (group.count is not None and number >= group.count):
            refuse(
                24,
                said("{key} is no index into group {id}", key=key, id=group.id),
                at,
                text,
                said("0 to {count}", count=(group.count or 0) - 1),
            )

    def _colour(self, values: dict[str, str], key: str, at: str) -> None:
        text = values.get(key, "")
        if not _COLOUR.match(text):
            refuse(24, said("a colour that is none"), at, text, "#RRGGBB, #RRGGBBAA")

    def _numbers(self, text: str | None, key: str, at: str, count: int | None = None) -> None:
        words = (text or "").encode().split()
        try:
            numbers = reals(words)
        except BadNumber:
            numbers = None
        is_right = numbers is not None and len(numbers) > 0 and abs(float(numbers.sum())) < 1e300
        if is_right and numbers is not None and count is None:
            is_right = bool(((numbers >= 0) & (numbers <= 1)).all())
        if not is_right or (count is not None and len(words) != count):
            refuse(24, said("{key} is no list of such numbers", key=key), at, text)

    def _one_of(self, text: str, known: tuple[str, ...], key: str, at: str) -> None:
        if text not in known:
            refuse(24, said("{key} is none of the known ones", key=key), at, text, ", ".join(known))


def _whole(text: str | None) -> int | None:
    try:
        number = int(integers([text.strip().encode()])[0]) if text is not None else -1
    except BadNumber:
        return None
    return number if 0 <= number < 2**31 else None
