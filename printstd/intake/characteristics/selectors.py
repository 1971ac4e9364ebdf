"""The words by which a row of a drawing names a feature of the model.

F12                     by its id, as `validate` lists it
extent X                the whole part along an axis of the model
hole @ 8,20             a kind, at a place: X,Y or X,Y,Z of the model, in mm
hole @ 8,20 axis Z      ... whose axis lies along Z
thickness @ 8; 20,5; 3  decimal commas need semicolons between the coordinates
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from printstd.artifacts.characteristics import Selector
from printstd.artifacts.features import FeatureKind
from printstd.intake.tables.numbers import NotANumberError, e6_of, plain
from printstd.words import said

_KINDS: Final = {
    FeatureKind.EXTENT: "extent, length, overall | габарит, длина | габарит өлшемі, ұзындық | "
    "gesamtmaß, länge | 外形尺寸, 总长 | encombrement, longueur",
    FeatureKind.HOLE: "hole, bore | отверстие | тесік | bohrung, loch | 孔 | trou, alésage",
    FeatureKind.BOSS: "boss, pin, shaft | бобышка, вал, штифт | білік | zapfen, welle, stift | "
    "凸台, 轴, 销 | bossage, arbre, axe",
    FeatureKind.FILLET: "fillet | галтель | галтель | kehle | 内圆角 | congé",
    FeatureKind.ROUNDING: "rounding, round | скругление | дөңгелектеу | rundung, abrundung | "
    "外圆角 | arrondi",
    FeatureKind.THICKNESS: "thickness, wall, rib | толщина, стенка, ребро | қалыңдық, қабырға | "
    "dicke, wand, wandstärke, steg | 厚度, 壁厚 | épaisseur, paroi",
    FeatureKind.GAP: "gap, slot, groove | зазор, паз | саңылау, ойық | spalt, nut | 间隙, 槽 | "
    "jeu, rainure, fente",
    FeatureKind.STEP: "step | уступ, ступень | саты | absatz, stufe | 台阶 | épaulement",
    FeatureKind.CONE: "cone | конус | конус | kegel | 圆锥 | cône",
    FeatureKind.SPHERE: "sphere | сфера | сфера | kugel | 球 | sphère",
    FeatureKind.ANGLE: "angle | угол | бұрыш | winkel | 角度 | angle",
    FeatureKind.CHAMFER: "chamfer | фаска | фаска | fase | 倒角 | chanfrein",
}
KIND_OF: Final = MappingProxyType(
    {
        word.strip().casefold(): kind
        for kind, words in _KINDS.items()
        for of_language in words.split("|")
        for word in of_language.split(",")
    }
)
_AXIS_WORD: Final = r"(?:axis|ось|осі|achse|轴线|axe|along|вдоль)"
_ID: Final = re.compile(r"[Ff](\d{1,6})")
_WORDS: Final = re.compile(
    rf"(?P<kind>[^@]+?)\s*(?:@\s*(?P<place>[^a-zA-Zа-яА-Я]+?))?\s*"
    rf"(?:(?:{_AXIS_WORD}\s*)?(?P<axis>[XYZxyzХУхуЗз]))?"
)
_CYRILLIC_AXES: Final = str.maketrans("ХУЗхуз", "XYZXYZ")


def selector_of(text: str) -> Selector:
    """Raises NotANumberError saying what cannot be understood."""
    written = plain(text)
    if found := _ID.fullmatch(written):
        return Selector(written, feature_id=f"F{int(found[1])}")
    parts = _WORDS.fullmatch(written)
    kind = KIND_OF.get(parts["kind"].casefold().strip()) if parts else None
    if parts is None or kind is None:
        raise NotANumberError(
            said(
                "{text!r} names no feature: wanted an id as `F12`, `extent X`, or a kind at a "
                "place as `hole @ 8,20` ({kinds})",
                text=text,
                kinds=", ".join(each.value for each in FeatureKind),
            )
        )
    axis = (parts["axis"] or "").translate(_CYRILLIC_AXES).upper()
    point = _point(parts["place"], text) if parts["place"] else ()
    if not point and not axis:
        raise NotANumberError(
            said(
                "{text!r} says which kind and not which one: wanted a place as `@ 8,20`, "
                "or an axis",
                text=text,
            )
        )
    return Selector(written, kinds=(kind,), point_nm=point, axis=axis)


def _point(text: str, whole: str) -> tuple[int, ...]:
    """Two or three coordinates; commas between them only where none of them has one."""
    if ";" in text:
        parts = text.split(";")
    elif " " in text.strip() and "," not in text:
        parts = text.split()
    else:
        parts = text.split(",")
    if len(parts) not in (2, 3):
        raise NotANumberError(
            said(
                "{text!r}: a place is X,Y or X,Y,Z; where numbers have decimal commas, write "
                "`8,5; 20,5`",
                text=whole,
            )
        )
    return tuple(e6_of(part) for part in parts)
