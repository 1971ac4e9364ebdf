"""What the columns of a table of characteristics are called, in the languages of the packs.

A header is compared in lower case, without dots, signs and what stands in brackets (units are
written there). Only these words are known: a column with another name is an error, never skipped.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

NUMBER, FEATURE, NOMINAL, LIMITS = "number", "feature", "nominal", "limits"
LOWER, UPPER, SMALLEST, LARGEST = "lower", "upper", "smallest", "largest"
DATUM, NOTE, DESIGNATOR, REFERENCE = "datum", "note", "designator", "reference"

_WORDS: Final = {
    NUMBER: (
        "number, no, nr, char no, characteristic, characteristic no, characteristic number, "
        "balloon, item, pos, # | №, номер, № п/п, поз, позиция, номер характеристики | "
        "нөмір, нөмірі, реттік нөмірі | nummer, lfd nr, prüfmerkmal, merkmal nr, merkmal | "
        "编号, 序号, 项目号, 特性编号 | numéro, n°, no caractéristique, repère"
    ),
    FEATURE: (
        "feature, selector, feature selector, element | элемент, признак, элемент детали | "
        "элементі | formelement, geometrieelement | 要素, 特征, 几何要素 | élément, entité"
    ),
    NOMINAL: (
        "nominal, nominal size, size, dimension | номинал, номинальный размер, размер | "
        "номинал өлшем, номиналды өлшем, өлшем, өлшемі | nennmaß, nennmass, maß, mass | "
        "公称尺寸, 名义尺寸, 尺寸, 基本尺寸 | nominale, cote, cote nominale"
    ),
    LIMITS: (
        "limits, tolerance, fit, limits or fit, tolerance class | "
        "допуск, посадка, предельные отклонения, отклонения, поле допуска | "
        "шақтама, шекті ауытқулар | toleranz, passung, abmaße, abmasse, grenzabmaße, "
        "grenzabmasse, toleranzklasse | 公差, 配合, 极限偏差, 公差带 | "
        "tolérance, ajustement, écarts, écarts limites"
    ),
    LOWER: (
        "lower, lower deviation, ei, lower tolerance | нижнее отклонение, нижнее, нижн откл, но | "
        "төменгі ауытқу | unteres abmaß, unteres abmass | 下偏差, 下极限偏差 | écart inférieur"
    ),
    UPPER: (
        "upper, upper deviation, es, upper tolerance | верхнее отклонение, верхнее, верхн откл, "
        "во | жоғарғы ауытқу | oberes abmaß, oberes abmass | 上偏差, 上极限偏差 | écart supérieur"
    ),
    SMALLEST: (
        "min, minimum, lower limit, lsl, smallest size | мин, минимум, наименьший размер | "
        "ең кіші өлшем | mindestmaß, mindestmass, untere grenze | 最小尺寸, 下限 | "
        "mini, cote minimale"
    ),
    LARGEST: (
        "max, maximum, upper limit, usl, largest size | макс, максимум, наибольший размер | "
        "ең үлкен өлшем | höchstmaß, höchstmass, obere grenze | 最大尺寸, 上限 | "
        "maxi, cote maximale"
    ),
    DATUM: "datum, datums | база, базы | база жүйесі | bezug, bezüge | 基准 | référence",
    NOTE: (
        "note, notes, remark, remarks, comment | примечание, примечания, комментарий | "
        "ескерту, ескертпе | bemerkung, anmerkung, hinweis | 备注, 注释 | remarque, commentaire"
    ),
    DESIGNATOR: (
        "designator, characteristic designator, critical, class, key | "
        "обозначение, критичность, критический, категория | маңыздылығы | "
        "kennzeichen, kritisch, klasse | 特性类别, 关键特性 | désignation, critique"
    ),
    REFERENCE: (
        "reference, reference location, location, zone, sheet, critical/zone | "
        "зона, место, лист, лист/зона, расположение | аймақ, парақ | "
        "zone, blatt, feld, fundstelle | 位置, 区域, 图纸位置 | zone, emplacement, feuille"
    ),
}


def _plain(text: str) -> str:
    """A header as it is compared."""
    text = re.sub(r"[(\[（].*?[)\]）]", " ", text.casefold())
    text = re.sub(r",\s*(мм|mm|毫米)\s*$", " ", text)
    return " ".join(re.sub(r"[.:_\-]", " ", text).split())


NAMES: Final = MappingProxyType(
    {
        _plain(word.strip()): column
        for column, words in _WORDS.items()
        for of_language in words.split("|")
        for word in of_language.split(",")
    }
)
"""Header as `_plain` has it -> column."""

REQUIRED: Final = (NUMBER, FEATURE, NOMINAL)


def column_of(header: str) -> str | None:
    """The column that a header means; None where no language knows it."""
    return NAMES.get(_plain(header))
