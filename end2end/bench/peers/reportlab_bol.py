"""The peer of Gatehouse's PDF: the same page (parties, carrier, ten lines, totals, terms, signatures, embedded subset fonts,
Code 128 and QR) drawn with ReportLab and its C accelerator.

    reportlab_bol.py FONTS COUNT      draws COUNT documents; prints JSON: CPU seconds a document, bytes
"""

import io
import json
import sys
import time
from pathlib import Path

import segno
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import letter
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = letter
LEFT, RIGHT = 12 * mm, WIDTH - 12 * mm

PARTIES = [
    ("SHIP FROM", ["Prairie Road Terminal", "4100 Prairie Road", "Gary, IN 46406", "SID 0001  FOB destination"]),
    ("SHIP TO", ["Lakeshore Melt Shop, Building 7", "One Mill Gate", "Burns Harbor, IN 46304", "CID 55812"]),
    ("THIRD PARTY FREIGHT CHARGES BILL TO", ["Great Lakes Metals Brokerage", "77 West Wacker Drive, Suite 900", "Chicago, IL 60601", ""]),
]
CARRIER = [
    ("Carrier name", "Calumet Bulk Haulage Inc."), ("SCAC", "CBHI"), ("PRO number", "4471-220918"),
    ("Trailer number", "CBH 5318"), ("Seal numbers", "AB449120, AB449121"), ("Truck", "T-204"), ("Driver", "J. Kowalczyk"),
]
TERMS = [
    "Received, subject to individually determined rates or contracts that have been agreed upon in writing between the carrier",
    "and shipper, if applicable, otherwise to the rates, classifications and rules that have been established by the carrier and",
    "are available to the shipper, on request, and to all applicable state and federal regulations.",
    "The carrier shall not make delivery of this shipment without payment of freight and all other lawful charges.",
]
LINES = [
    (f"{n + 1}", "1 BULK", f"Shredded ferrous scrap, ISRI 21{n % 10}, lot H{4410 + n}", f"T{88100 + n}", f"{41200 + 37 * n:,}", f"{15100 + 11 * n:,}",
     f"{26100 + 26 * n:,}")
    for n in range(10)
]


def draw(number: int) -> bytes:
    out = io.BytesIO()
    c = Canvas(out, pagesize=letter, pageCompression=1)
    name = f"PRT-2026-{number:04}"
    c.setTitle(f"Bill of lading {name}")
    y = HEIGHT - 14 * mm

    def text(x, y, value, size=8, font="Regular"):
        c.setFont(font, size)
        c.drawString(x, y, value)

    def right(x, y, value, size=8, font="Regular"):
        c.setFont(font, size)
        c.drawRightString(x, y, value)

    text(LEFT, y, "Straight bill of lading, original, not negotiable", 11, "Bold")
    right(RIGHT, y, "Page 1 of 1", 8)
    y -= 6 * mm

    # Parties on the left, the number and the carrier on the right.
    top = y
    for heading, rows in PARTIES:
        c.setFillGray(0)
        c.rect(LEFT, y - 4 * mm, 95 * mm, 4 * mm, fill=1, stroke=0)
        c.setFillGray(1)
        text(LEFT + 1 * mm, y - 3 * mm, heading, 7, "Bold")
        c.setFillGray(0)
        for row in rows:
            y -= 4.2 * mm
            text(LEFT + 1 * mm, y - 4 * mm, row, 8.5)
        c.rect(LEFT, y - 5.5 * mm, 95 * mm, 5.5 * mm + 4 * 4.2 * mm)
        y -= 6.5 * mm
    bottom = y
    y, x = top, LEFT + 99 * mm
    text(x, y - 4 * mm, "Bill of lading number", 7)
    text(x, y - 9 * mm, name, 12, "Bold")
    Code128(name, barHeight=11 * mm, barWidth=0.33 * mm, humanReadable=False).drawOn(c, x - 6 * mm, y - 22 * mm)
    # segno is three times quicker than ReportLab's own QR widget; the peer gets the best there is.
    matrix = segno.make(f"https://yard.example/v/{number:032x}", error="m", boost_error=False).matrix
    module = 24 * mm / len(matrix)
    squares = c.beginPath()
    for row, bits in enumerate(matrix):
        for column, bit in enumerate(bits):
            if bit:
                squares.rect(RIGHT - 25 * mm + column * module, y - 4 * mm - (row + 1) * module, module, module)
    c.drawPath(squares, stroke=0, fill=1)
    y -= 30 * mm
    for label, value in CARRIER:
        text(x, y, label, 6.5)
        text(x + 24 * mm, y, value, 8.5, "Bold" if label == "PRO number" else "Regular")
        c.line(x, y - 1.2 * mm, RIGHT, y - 1.2 * mm)
        y -= 5 * mm
    y = min(y, bottom) - 3 * mm

    # The goods.
    columns = [LEFT, LEFT + 8 * mm, LEFT + 26 * mm, LEFT + 112 * mm, LEFT + 132 * mm, LEFT + 152 * mm, LEFT + 171 * mm]
    for at, heading in zip(columns, ["#", "Units", "Commodity", "Ticket", "Gross lb", "Tare lb", "Net lb"]):
        text(at + 1 * mm, y, heading, 7, "Bold")
    y -= 2 * mm
    start = y
    for line in LINES:
        c.line(LEFT, y, RIGHT, y)
        y -= 6 * mm
        for at, value in zip(columns[:4], line[:4]):
            text(at + 1 * mm, y + 2 * mm, value, 8)
        for at, value in zip(columns[4:], line[4:]):
            right(at + 18 * mm, y + 2 * mm, value, 8)
    c.line(LEFT, y, RIGHT, y)
    for at in [*columns, RIGHT]:
        c.line(at, start, at, y)
    y -= 5 * mm
    text(LEFT + 1 * mm, y, "Totals: 10 lines", 8, "Bold")
    right(columns[6] + 18 * mm, y, "262,170", 8, "Bold")
    y -= 8 * mm

    # Money, terms and signatures.
    for n, label in enumerate(["Prepaid", "Collect", "Third party"]):
        c.rect(LEFT + n * 30 * mm, y, 3 * mm, 3 * mm, fill=int(label == "Prepaid"))
        text(LEFT + n * 30 * mm + 5 * mm, y + 0.5 * mm, label, 8)
    text(LEFT + 100 * mm, y, "COD amount: $ 0.00     Declared value: not more than $ 0.10 per pound", 7.5)
    y -= 6 * mm
    for row in TERMS:
        text(LEFT, y, row, 6.5)
        y -= 3.2 * mm
    y -= 4 * mm
    for n, label in enumerate(["Shipper signature and date", "Loaded and counted by shipper", "Carrier signature and pickup date"]):
        at = LEFT + n * 64 * mm
        c.rect(at, y - 16 * mm, 62 * mm, 16 * mm)
        text(at + 1 * mm, y - 3 * mm, label, 6.5)
    c.showPage()
    c.save()
    return out.getvalue()


def main() -> None:
    fonts, count = Path(sys.argv[1]), int(sys.argv[2])
    for name, file in (("Regular", "inter-regular-core.ttf"), ("Bold", "inter-bold-core.ttf")):
        pdfmetrics.registerFont(TTFont(name, str(fonts / file)))
    import _rl_accel  # noqa: F401  the comparison is against the accelerated one

    for n in range(20):
        draw(n)
    began = time.process_time()
    for n in range(count):
        document = draw(n)
    spent = time.process_time() - began
    if len(sys.argv) > 3:
        Path(sys.argv[3]).write_bytes(document)
    print(json.dumps({"cpu": spent / count, "bytes": len(document)}))


if __name__ == "__main__":
    main()
