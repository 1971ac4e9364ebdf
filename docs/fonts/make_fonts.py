"""Makes the fonts of printed reports (printstd/report/fonts/) from whole ones.

    pip install fonttools==4.68.0
    python docs/fonts/make_fonts.py --noto DIR --dejavu FILE --droid FILE --korean FILE

DIR holds NotoSans-Regular.ttf and NotoSans-Bold.ttf (Debian fonts-noto-core 20201225), --dejavu is
DejaVuSans.ttf (Debian fonts-dejavu-core 2.37), --droid is DroidSansFallbackFull.ttf (Debian
fonts-droid-fallback 6.0.1r16), --korean is noto-sans-kr-korean-400-normal.woff (npm
@fontsource/noto-sans-kr). Why these characters, and what it costs:
docs/decisions/0006-printed-reports.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).parents[2] / "printstd" / "report" / "fonts"

LATIN = (
    (0x20, 0x7E),
    (0xA0, 0x24F),
    (0x2B0, 0x2FF),
    (0x370, 0x52F),  # Greek, Cyrillic with its supplement: all letters of Kazakh
    (0x1E00, 0x1EFF),
    (0x2010, 0x205E),
    (0x2070, 0x20BF),
    (0x2100, 0x214F),
    (0x2190, 0x22FF),
    (0x25A0, 0x25CF),
    (0xFFFD, 0xFFFD),
)
SYMBOLS = ((0x2000, 0x2BFF),)
HAN = ("gb2312", "shift_jis", "big5")
"""Character sets whose Han, kana, fullwidth forms and punctuation are kept."""
KOREAN = "euc_kr"


def characters(codec: str) -> set[int]:
    """Everything beyond ASCII that a character set of two bytes at most can write."""
    found = set()
    for code in range(0x80, 0x10000):
        if 0xD800 <= code < 0xE000:
            continue
        try:
            written = chr(code).encode(codec)
        except UnicodeEncodeError:
            continue
        if len(written) <= 2:
            found.add(code)
    return found


def cut(source: Path, target: str, wanted: Iterable[int]) -> set[int]:
    """Write the glyphs of `wanted` that the font has; what it has of them."""
    font = TTFont(source, recalcTimestamp=False)
    kept = set(wanted) & set(font.getBestCmap())
    options = subset.Options()
    options.hinting = False
    options.glyph_names = False
    options.layout_features = []
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "vhea", "vmtx"]
    options.recalc_timestamp = False
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(kept))
    cutter.subset(font)
    font.flavor = None
    font.save(TARGET / target)
    print(f"{target}: {len(kept)} characters, {(TARGET / target).stat().st_size} bytes")
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--noto", type=Path, required=True)
    parser.add_argument("--dejavu", type=Path, required=True)
    parser.add_argument("--droid", type=Path, required=True)
    parser.add_argument("--korean", type=Path, required=True)
    given = parser.parse_args()
    TARGET.mkdir(exist_ok=True)
    latin, symbols = (
        {code for low, high in ranges for code in range(low, high + 1)}
        for ranges in (LATIN, SYMBOLS)
    )
    have = cut(given.noto / "NotoSans-Regular.ttf", "latin.ttf", latin)
    cut(given.noto / "NotoSans-Bold.ttf", "latin-bold.ttf", latin)
    have |= cut(given.dejavu, "symbols.ttf", symbols - have)
    han = set().union(*(characters(codec) for codec in HAN)) - have
    have |= cut(given.droid, "han.ttf", han)
    cut(given.korean, "hangul.ttf", characters(KOREAN) - have)


if __name__ == "__main__":
    main()
