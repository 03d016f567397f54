"""Draws the demo yard's film anew: dock.mp4 and gate.mp4, twenty seconds each that join at their ends, a key frame and a fragment each
second, laid out as capture writes files. Needs Debian's python3-cairo and ffmpeg with libx264; run it with /usr/bin/python3."""

import math
import subprocess
from pathlib import Path

import cairo
from layout import laid_out

HERE = Path(__file__).parent
WIDTH, HEIGHT, RATE, SECONDS = 480, 270, 10, 20


def colour(cr, code, alpha=1.0):
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))
    cr.set_source_rgba(red, green, blue, alpha)


def block(cr, code, x, y, width, height):
    colour(cr, code)
    cr.rectangle(x, y, width, height)
    cr.fill()


def disc(cr, code, x, y, radius):
    colour(cr, code)
    cr.arc(x, y, radius, 0, 2 * math.pi)
    cr.fill()


def coil(cr, x, y, size=15):
    """A steel coil, seen from its eye."""
    for radius, code in ((size, "5b6670"), (size - 2, "8a97a3"), (size - 5, "76838f"), (size - 8, "96a3ae")):
        disc(cr, code, x, y, radius)
    disc(cr, "2b3138", x, y, size / 3)


def yard(cr):
    block(cr, "c6d3dc", 0, 0, WIDTH, 120)
    block(cr, "8d9a96", 0, 112, WIDTH, 20)
    for x, tall in ((20, 44), (70, 30), (330, 38), (400, 52), (440, 28)):
        block(cr, "a9b7bf", x, 118 - tall, 44, tall)
    block(cr, "77766f", 0, 126, WIDTH, HEIGHT - 126)
    colour(cr, "8a897f")
    for x in range(-40, WIDTH, 80):
        cr.move_to(x + 40, 126)
        cr.line_to(x, HEIGHT)
        cr.set_line_width(1.5)
        cr.stroke()


def truck(cr, x, coils, turning=0.0):
    """A flatbed whose bed ends at `x`; its cab is at its left."""
    block(cr, "3c4046", x - 190, 214, 190, 8)
    for place in range(coils):
        coil(cr, x - 28 - place * 46, 200)
    block(cr, "b4472f", x - 250, 170, 56, 52)
    block(cr, "d9e6ee", x - 244, 176, 24, 22)
    block(cr, "8f3624", x - 250, 212, 60, 10)
    for wheel in (-236, -206, -150, -128, -46, -24):
        disc(cr, "22252a", x + wheel, 226, 11)
        disc(cr, "9aa0a6", x + wheel, 226, 4)
        colour(cr, "22252a")
        cr.set_line_width(2)
        cr.move_to(x + wheel, 226)
        cr.line_to(x + wheel + 4 * math.cos(turning), 226 + 4 * math.sin(turning))
        cr.stroke()


def ease(at, begin, end):
    part = min(max((at - begin) / (end - begin), 0.0), 1.0)
    return part * part * (3 - 2 * part)


def dock(cr, at):
    """A crane takes a coil from the stack and lays it upon the truck; then all is as it was."""
    yard(cr)
    block(cr, "6a6e70", 330, 196, 140, 60)
    for x, y in ((352, 181), (386, 181), (420, 181), (369, 155), (403, 155)):
        coil(cr, x, y)
    if at < 3:
        coil(cr, 386, 132)
    truck(cr, 300, 2)
    block(cr, "d8a21b", 36, 40, 10, 190)
    block(cr, "d8a21b", 452, 40, 10, 190)
    block(cr, "e0ad2a", 30, 32, 438, 14)
    there = ease(at, 4, 8) - ease(at, 13, 17)
    trolley = 386 - there * 206
    low = 52 + 60 * (ease(at, 0, 3) - ease(at, 3, 5)) + 118 * (ease(at, 8, 11) - ease(at, 11.5, 14))
    block(cr, "5a4a1c", trolley - 14, 46, 28, 8)
    colour(cr, "33373c")
    cr.set_line_width(1.5)
    cr.move_to(trolley, 54)
    cr.line_to(trolley, low)
    cr.stroke()
    block(cr, "33373c", trolley - 12, low, 24, 5)
    if 3 <= at < 11.2:
        coil(cr, trolley, low + 20)
    elif at >= 11.2:
        coil(cr, 180, 200)


def gate(cr, at):
    """A truck comes, waits before the barrier, and goes through."""
    yard(cr)
    block(cr, "5f5e58", 0, 196, WIDTH, 50)
    for x in range(-30, WIDTH, 60):
        block(cr, "d9d6c6", x, 219, 30, 3)
    block(cr, "dfe4e6", 60, 120, 66, 78)
    block(cr, "5d7f97", 70, 132, 46, 26)
    block(cr, "8d3a2b", 54, 112, 78, 10)
    x = 760 - 215 * ease(at, 0, 6) - 565 * ease(at, 10, 18)
    truck(cr, x, 3, -x / 11)
    raised = ease(at, 8, 9.5) - ease(at, 17.5, 19.5)
    cr.save()
    cr.translate(132, 190)
    cr.rotate(-raised * 1.35)
    for piece in range(8):
        block(cr, "c9402f" if piece % 2 else "f2f2ee", piece * 18, -3, 18, 6)
    cr.restore()
    block(cr, "44484c", 124, 178, 12, 50)


def film(name, scene):
    raw = HERE / f"{name}.raw.mp4"
    source = f"-f rawvideo -pix_fmt bgra -s {WIDTH}x{HEIGHT} -r {RATE} -i -"
    coding = "-c:v libx264 -profile:v main -preset veryslow -tune animation -crf 30 -bf 0 -g 10 -keyint_min 10 -sc_threshold 0 -pix_fmt yuv420p"
    boxing = "-video_track_timescale 90000 -movflags frag_keyframe+empty_moov+default_base_moof -f mp4"
    command = ["ffmpeg", "-v", "error", "-y", *source.split(), *coding.split(), *boxing.split(), raw]
    encoder = subprocess.Popen(command, stdin=subprocess.PIPE)
    for frame in range(RATE * SECONDS):
        surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, WIDTH, HEIGHT)
        scene(cairo.Context(surface), frame / RATE)
        encoder.stdin.write(bytes(surface.get_data()))
    encoder.stdin.close()
    assert encoder.wait() == 0
    (HERE / f"{name}.mp4").write_bytes(laid_out(raw.read_bytes()))
    raw.unlink()


film("dock", dock)
film("gate", gate)
