"""Lays an MP4 of ffmpeg's out as capture writes files: `ftyp moov (prft moof mdat)*`, each sample with its length, size and flags."""

import struct


def boxes(data, start=0, end=None):
    while start < (len(data) if end is None else end):
        size, kind = struct.unpack_from(">I4s", data, start)
        yield kind, start, size
        start += size


def box(kind, body):
    return struct.pack(">I4s", 8 + len(body), kind) + body


def find(data, kind, start, end):
    return next((at, size) for name, at, size in boxes(data, start, end) if name == kind)


def fragment(number, decode, sizes, picture):
    prft = box(b"prft", struct.pack(">IIQQ", 0x01000000, 1, 0, decode))
    depends = [0x02000000] + [0x01010000] * (len(sizes) - 1)
    samples = b"".join(struct.pack(">III", 9000, size, flags) for size, flags in zip(sizes, depends))

    def moof(offset):
        trun = box(b"trun", struct.pack(">IIi", 0x000701, len(sizes), offset) + samples)
        tfhd, tfdt = box(b"tfhd", struct.pack(">II", 0x020000, 1)), box(b"tfdt", struct.pack(">IQ", 0x01000000, decode))
        return box(b"moof", box(b"mfhd", struct.pack(">II", 0, number)) + box(b"traf", tfhd + tfdt + trun))

    return prft + moof(len(moof(0)) + 8) + box(b"mdat", picture)


def laid_out(raw):
    out, number, sizes = b"", 0, []
    for kind, at, size in boxes(raw):
        if kind in (b"ftyp", b"moov"):
            out += raw[at : at + size]
        elif kind == b"moof":
            traf, length = find(raw, b"traf", at + 8, at + size)
            trun, _ = find(raw, b"trun", traf + 8, traf + length)
            flags, count = struct.unpack_from(">II", raw, trun + 8)
            assert flags & 0xFFFFFF == 0x205, hex(flags)
            sizes = list(struct.unpack_from(f">{count}I", raw, trun + 24))
        elif kind == b"mdat":
            number += 1
            out += fragment(number, (number - 1) * 90_000, sizes, raw[at + 8 : at + size])
    return out
