"""The tables of the standards a second time: as wall charts have them, by row of sizes or of
classes, typed without a look at profiles/. Whoever changes a cell there must change it here too."""

from __future__ import annotations

from collections.abc import Iterator

# ISO 2768-1:1989, table 1: upper ends of the size ranges, then a row a class. A dash: no value.
LINEAR = """
     3    6    30   120   400  1000  2000  4000
f  .05  .05   .10   .15   .20   .30   .50     -
m  .10  .10   .20   .30   .50   .80   1.2   2.0
c  .20  .30   .50   .80   1.2   2.0   3.0   4.0
v    -  .50   1.0   1.5   2.5   4.0   6.0   8.0
"""

# Table 2: external radii and chamfer heights. The last range has no end.
BROKEN_EDGES = """
     3    6   inf
f   .2   .5   1.0
m   .2   .5   1.0
c   .4  1.0   2.0
v   .4  1.0   2.0
"""

# Table 3: angles by the shorter side, degrees and minutes.
ANGLES = """
      10     50    120    400    inf
f   1d00   0d30   0d20   0d10   0d05
m   1d00   0d30   0d20   0d10   0d05
c   1d30   1d00   0d30   0d15   0d10
v   3d00   2d00   1d00   0d30   0d20
"""

# ISO 2768-2:1989.
STRAIGHTNESS_FLATNESS = """
     10    30   100   300  1000  3000
H  0.02  0.05   0.1   0.2   0.3   0.4
K  0.05   0.1   0.2   0.4   0.6   0.8
L   0.1   0.2   0.4   0.8   1.2   1.6
"""
PERPENDICULARITY = """
    100   300  1000  3000
H   0.2   0.3   0.4   0.5
K   0.4   0.6   0.8     1
L   0.6     1   1.5     2
"""
SYMMETRY = """
    100   300  1000  3000
H   0.5   0.5   0.5   0.5
K   0.6   0.6   0.8     1
L   0.6     1   1.5     2
"""
RUN_OUT = {"H": "0.1", "K": "0.2", "L": "0.5"}

# ISO 286-1:2010, table 1, um: upper end of the range, then IT01, IT0, IT1 to IT18.
GRADES = """
   3  0.3 0.5 0.8 1.2   2   3   4   6  10  14  25  40   60  100  140  250  400   600  1000  1400
   6  0.4 0.6   1 1.5 2.5   4   5   8  12  18  30  48   75  120  180  300  480   750  1200  1800
  10  0.4 0.6   1 1.5 2.5   4   6   9  15  22  36  58   90  150  220  360  580   900  1500  2200
  18  0.5 0.8 1.2   2   3   5   8  11  18  27  43  70  110  180  270  430  700  1100  1800  2700
  30  0.6   1 1.5 2.5   4   6   9  13  21  33  52  84  130  210  330  520  840  1300  2100  3300
  50  0.6   1 1.5 2.5   4   7  11  16  25  39  62 100  160  250  390  620 1000  1600  2500  3900
  80  0.8 1.2   2   3   5   8  13  19  30  46  74 120  190  300  460  740 1200  1900  3000  4600
 120    1 1.5 2.5   4   6  10  15  22  35  54  87 140  220  350  540  870 1400  2200  3500  5400
 180  1.2   2 3.5   5   8  12  18  25  40  63 100 160  250  400  630 1000 1600  2500  4000  6300
 250    2   3 4.5   7  10  14  20  29  46  72 115 185  290  460  720 1150 1850  2900  4600  7200
 315  2.5   4   6   8  12  16  23  32  52  81 130 210  320  520  810 1300 2100  3200  5200  8100
 400    3   5   7   9  13  18  25  36  57  89 140 230  360  570  890 1400 2300  3600  5700  8900
 500    4   6   8  10  15  20  27  40  63  97 155 250  400  630  970 1550 2500  4000  6300  9700
 630    -   -   9  11  16  22  32  44  70 110 175 280  440  700 1100 1750 2800  4400  7000 11000
 800    -   -  10  13  18  25  36  50  80 125 200 320  500  800 1250 2000 3200  5000  8000 12500
1000    -   -  11  15  21  28  40  56  90 140 230 360  560  900 1400 2300 3600  5600  9000 14000
1250    -   -  13  18  24  33  47  66 105 165 260 420  660 1050 1650 2600 4200  6600 10500 16500
1600    -   -  15  21  29  39  55  78 125 195 310 500  780 1250 1950 3100 5000  7800 12500 19500
2000    -   -  18  25  35  46  65  92 150 230 370 600  920 1500 2300 3700 6000  9200 15000 23000
2500    -   -  22  30  41  55  78 110 175 280 440 700 1100 1750 2800 4400 7000 11000 17500 28000
3150    -   -  26  36  50  68  96 135 210 330 540 860 1350 2100 3300 5400 8600 13500 21000 33000
"""
GRADE_NAMES = ["IT01", "IT0", *(f"IT{n}" for n in range(1, 19))]

# Upper deviations of shafts, um, by upper end of the range.
SHAFTS = """
     3   6  10  18  30  50  80 120  180  250  315  400  500
d  -20 -30 -40 -50 -65 -80 -100 -120 -145 -170 -190 -210 -230
e  -14 -20 -25 -32 -40 -50  -60  -72  -85 -100 -110 -125 -135
f   -6 -10 -13 -16 -20 -25  -30  -36  -43  -50  -56  -62  -68
g   -2  -4  -5  -6  -7  -9  -10  -12  -14  -15  -17  -18  -20
"""

# ISO 20457, group TG6, +-mm: upper end of the range, W, NW.
MOULDINGS = """
   3  0.07 0.12
   6  0.12 0.18
  10  0.18 0.22
  18  0.22 0.26
  30  0.26 0.31
  50  0.31 0.37
  80  0.37 0.57
 120  0.57 0.80
 180  0.80 0.93
 250  0.93 1.05
 315  1.05 1.15
 400  1.15 1.60
 500  1.60 2.20
 630  2.20 2.50
 800  2.50 2.80
1000  2.80 3.10
"""


def by_class(chart: str) -> Iterator[tuple[str, float | None, float]]:
    """(class, upper end of the range or None, value) of every cell; angles in minutes."""
    head, *rows = chart.strip().splitlines()
    ends = [None if word == "inf" else float(word) for word in head.split()]
    for letter, *cells in map(str.split, rows):
        for end, cell in zip(ends, cells, strict=True):
            if cell != "-":
                yield letter, end, _value(cell)


def by_size(chart: str, names: list[str]) -> Iterator[tuple[str, float | None, float]]:
    """The same of charts with a row a range."""
    for row in chart.strip().splitlines():
        end, *cells = row.split()
        for name, cell in zip(names, cells, strict=True):
            if cell != "-":
                yield name, float(end), _value(cell)


def _value(cell: str) -> float:
    degrees, sign, minutes = cell.partition("d")
    return float(degrees) * 60 + float(minutes) if sign else float(cell)
