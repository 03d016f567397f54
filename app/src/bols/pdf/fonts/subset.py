"""Cuts Inter down to the four faces that are embedded in bills of lading.

    python3 -m pip install fonttools
    python3 subset.py Inter_400Regular.ttf Inter_700Bold.ttf

Each weight becomes two files: `core` (what WinAnsiEncoding can say, one byte a character) and `extended`
(the rest of Latin, Greek, Cyrillic and some signs), which a document carries only when it needs it. Digits are replaced
by their tabular forms, so columns of weights line up, and the em is scaled to 1000 units, so widths are whole numbers.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

CORE = {ord(bytes([code]).decode("cp1252")) for code in [*range(0x20, 0x7F), *range(0xA0, 0x100)]} | {
    ord(c) for c in "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
}
EXTENDED = {
    *range(0x0100, 0x0180), *range(0x0218, 0x021C), *range(0x0300, 0x030D), 0x0323,
    *range(0x0370, 0x0400), *range(0x0400, 0x0460), *range(0x0490, 0x0494), *range(0x1E80, 0x1E86), 0x1E9E,
    *range(0x1EA0, 0x1EFA), *range(0x2010, 0x2016), 0x2032, 0x2033, 0x2070, *range(0x2074, 0x207A),
    *range(0x2080, 0x208A), 0x20A9, 0x20AA, 0x20AB, 0x20AC, 0x20B1, 0x20B4, 0x20B9, 0x20BA, 0x20BD, 0x2116, 0x2126,
    *range(0x2150, 0x215F), *range(0x2190, 0x2194), 0x2212, 0x221E, 0x2248, 0x2260, 0x2264, 0x2265, 0x25A1, 0x2713,
} - CORE


def tabular(font):
    """Points the digits of the character map at their tabular forms."""
    features = font["GSUB"].table
    lookups = [i for r in features.FeatureList.FeatureRecord if r.FeatureTag == "tnum" for i in r.Feature.LookupListIndex]
    swap = {}
    for index in set(lookups):
        for table in features.LookupList.Lookup[index].SubTable:
            swap.update(getattr(table, "mapping", None) or table.ExtSubTable.mapping)
    for table in font["cmap"].tables:
        for code in range(ord("0"), ord("9") + 1):
            if code in table.cmap:
                table.cmap[code] = swap.get(table.cmap[code], table.cmap[code])


def cut(source, target, characters):
    font = TTFont(source)
    tabular(font)
    options = subset.Options(
        layout_features=[], hinting=False, notdef_outline=True, glyph_names=False, legacy_cmap=False, name_IDs=[0, 6, 13],
        drop_tables=["GDEF", "GPOS", "GSUB", "STAT", "gasp", "prep"],
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    scale_upem(font, 1000)
    font["post"].formatType = 3.0
    font["head"].created = font["head"].modified = 0
    font.recalcTimestamp = False
    font.save(target)
    print(target.name, target.stat().st_size, "bytes", len(font.getGlyphOrder()), "glyphs")


here = Path(__file__).parent
for source, weight in zip(sys.argv[1:], ["regular", "bold"], strict=True):
    cut(source, here / f"inter-{weight}-core.ttf", CORE)
    cut(source, here / f"inter-{weight}-extended.ttf", EXTENDED)
