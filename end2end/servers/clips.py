"""Encoded pictures for the cameras of cameras.py: made once by ffmpeg, kept in a folder, cut into frames."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

FPS = 25
SECOND = 1_000_000_000

# What begins a frame: the access unit delimiter, which every encoder here is told to write.
DELIMITER = {"h264": re.compile(rb"\x00?\x00\x00\x01\x09"), "h265": re.compile(rb"\x00?\x00\x00\x01\x46\x01")}


@dataclass(frozen=True)
class Clip:
    """Frames in the order in which they are decoded: bytes and the time at which each is shown, in ns."""

    codec: str
    frames: list[tuple[bytes, int]]
    length: int


def picture(size: str, seconds: int, busy: int) -> list[str]:
    """A moving picture with a counter, and noise, without which nothing costs bits."""
    source = f"testsrc2=size={size}:rate={FPS}:duration={seconds},noise=alls={busy}:allf=t,format=yuv420p"
    return ["-f", "lavfi", "-i", source]


def h264(more: str = "", preset: str = "veryfast") -> list[str]:
    return ["-c:v", "libx264", "-preset", preset, "-g", str(2 * FPS), "-x264-params", f"aud=1:scenecut=0{more}"]


# name: codec, ffmpeg's arguments
RECIPES: dict[str, tuple[str, list[str]]] = {
    "plain": ("h264", [*picture("640x360", 10, 4), *h264(":bframes=0"), "-b:v", "600k"]),
    "small": ("h264", [*picture("320x240", 4, 4), *h264(":bframes=0"), "-b:v", "200k"]),
    "reordered": ("h264", [*picture("640x360", 10, 4), *h264(":bframes=3:b-pyramid=normal:b-adapt=0"), "-b:v", "600k"]),
    "hevc": (
        "h265",
        [*picture("640x360", 10, 4), "-c:v", "libx265", "-preset", "veryfast", "-b:v", "500k"]
        + ["-x265-params", f"aud=1:repeat-headers=1:bframes=0:keyint={2 * FPS}:scenecut=0:log-level=error"],
    ),
    "full": (
        "h264",
        [*picture("1920x1080", 10, 12), *h264(":bframes=0", "superfast"), "-b:v", "4M", "-maxrate", "4M", "-bufsize", "4M"],
    ),
    "heavy": (
        "h264",
        [*picture("1920x1080", 4, 40), *h264(":bframes=0", "superfast"), "-b:v", "24M", "-maxrate", "24M", "-bufsize", "24M"],
    ),
    "sound": ("aac", ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=10", "-c:a", "aac", "-b:a", "64k"]),
}


def run(*command: str | Path) -> bytes:
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE).stdout


def clip(folder: Path, name: str) -> Clip:
    """The clip `name`, encoded now if it is not in `folder` yet."""
    codec, recipe = RECIPES[name]
    folder.mkdir(parents=True, exist_ok=True)
    boxed = folder / f"{name}.mp4"
    if not boxed.exists():
        # Tests that start together may both make it: each its own, and either one will do.
        fresh = folder / f"{name}.{os.getpid()}.mp4"
        run("ffmpeg", "-v", "error", "-y", *recipe, fresh)
        fresh.rename(boxed)
    return sound(boxed) if codec == "aac" else video(boxed, codec)


def packets(boxed: Path) -> list[dict]:
    entries = "packet=pts_time,size"
    return json.loads(run("ffprobe", "-v", "error", "-of", "json", "-show_entries", entries, boxed))["packets"]


def video(boxed: Path, codec: str) -> Clip:
    raw = {"h264": "h264", "h265": "hevc"}[codec]
    stream = run("ffmpeg", "-v", "error", "-i", boxed, "-c", "copy", "-f", raw, "-")
    begins = [found.start() for found in DELIMITER[codec].finditer(stream)]
    # Parameter sets that a muxer moved before the first delimiter belong to the first frame.
    begins[0] = 0
    times = [round(float(packet["pts_time"]) * SECOND) for packet in packets(boxed)]
    if len(times) != len(begins):
        raise SystemExit(f"{boxed}: {len(times)} packets, {len(begins)} delimiters")
    frames = [(stream[a:b], at) for a, b, at in zip(begins, [*begins[1:], len(stream)], times)]
    return Clip(codec, frames, len(frames) * SECOND // FPS)


def sound(boxed: Path) -> Clip:
    """AAC in ADTS, whose headers say how long each frame is."""
    stream = run("ffmpeg", "-v", "error", "-i", boxed, "-c", "copy", "-f", "adts", "-")
    frames, at = [], 0
    while at < len(stream):
        length = (stream[at + 3] & 3) << 11 | stream[at + 4] << 3 | stream[at + 5] >> 5
        frames.append((stream[at : at + length], len(frames) * 1024 * SECOND // 48_000))
        at += length
    return Clip("aac", frames, len(frames) * 1024 * SECOND // 48_000)
