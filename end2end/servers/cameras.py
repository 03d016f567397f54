#!/usr/bin/python3
"""Cameras for tests: gst-rtsp-server with pictures encoded beforehand, so that many of them cost little.

    cameras.py [--port 8554] [--folder CLIPS] [--bench N] [--with-parent]

Prints `ready` and an address a line when all can be asked; port 0 is whichever is free. With `--with-parent` it ends when its standard input does.
What it needs is installed by `prerequisites.sh cameras`. Run with Debian's own Python.

    /h264       H.264 and AAC            /stalls    sends nothing after 8 s, though it answers
    /h265       H.265                    /resizes   other parameters every 4 s
    /reordered  H.264 with B-frames      /kicks     closes the line after 8 s
    /digest     asks who comes: `yard`, `for-tests`  /jpeg      a codec that is not recorded
    /g711       H.264, and sound that is not recorded
    /full/N     1080p, 4 Mb/s (--bench)  /heavy     1080p, 24 Mb/s (--bench)

At the last address somebody else answers, who does not speak RTSP.
"""

import argparse
import itertools
import os
import socketserver
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

from clips import FPS, SECOND, Clip, clip  # noqa: E402

CAPS = {
    "h264": "video/x-h264,stream-format=byte-stream,alignment=au",
    "h265": "video/x-h265,stream-format=byte-stream,alignment=au",
    "aac": "audio/mpeg,mpegversion=4,stream-format=adts",
    "mulaw": "audio/x-mulaw,rate=8000,channels=1",
}
PAY = {
    "h264": "h264parse ! rtph264pay config-interval=-1 pt=96",
    "h265": "h265parse ! rtph265pay config-interval=-1 pt=96",
    "aac": "aacparse ! rtpmp4gpay pt=97",
    "mulaw": "rtppcmupay pt=0",
}
FAULT_AFTER = 8


def endless(*clips: Clip) -> Iterator[tuple[bytes, int]]:
    """One clip after the other, for ever."""
    begun = 0
    for each in itertools.cycle(clips):
        for data, at in each.frames:
            yield data, begun + at
        begun += each.length


def until(seconds: int, frames: Iterator[tuple[bytes, int]]) -> Iterator[tuple[bytes, int]]:
    """The same, and then nothing more, without an end."""
    return itertools.takewhile(lambda frame: frame[1] < seconds * SECOND, frames)


class Camera(GstRtspServer.RTSPMediaFactory):
    """A mount whose streams come out of Python: `streams` are pairs of a codec and how to begin its frames."""

    def __init__(self, *streams):
        super().__init__()
        self.streams = streams
        self.set_shared(True)
        # A stream that nobody set up ends quietly, and does not take the others along.
        parts = (
            f"appsrc name=from{i} format=time max-bytes=300000 caps={CAPS[codec]} ! errorignore ignore-notlinked=true ignore-error=false "
            f"ignore-notnegotiated=false convert-to=eos ! {PAY[codec]} name=pay{i}"
            for i, (codec, _) in enumerate(streams)
        )
        self.set_launch(f"( {' '.join(parts)} )")

    def do_configure(self, media):
        media.set_reusable(False)
        for i, (_, begin) in enumerate(self.streams):
            source = media.get_element().get_by_name_recurse_up(f"from{i}")
            source.connect("need-data", self.feed, begin())

    @staticmethod
    def feed(source, _length, frames):
        frame = next(frames, None)
        if frame is None:
            return
        data, at = frame
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts = at
        source.emit("push-buffer", buffer)


def quiet() -> Iterator[tuple[bytes, int]]:
    """Silence in G.711, 20 ms at a time."""
    return ((b"\xff" * 160, n * SECOND // 50) for n in itertools.count())


def of(*clips: Clip):
    return clips[0].codec, lambda: endless(*clips)


class Stranger(socketserver.BaseRequestHandler):
    """Greets as something else, as SSH does."""

    def handle(self):
        self.request.sendall(b"SSH-2.0-nothing_here\r\n")
        self.request.recv(1024)


def guard(server: GstRtspServer.RTSPServer, closed: GstRtspServer.RTSPMediaFactory, open_: list) -> None:
    """Whoever comes may have the open ones; `closed` is for `yard` alone, by digest."""

    def token(role: str) -> GstRtspServer.RTSPToken:
        made = GstRtspServer.RTSPToken()
        made.set_string("media.factory.role", role)
        return made

    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest("yard", "for-tests", token("yard"))
    auth.set_default_token(token("anybody"))
    server.set_auth(auth)
    # Who may know of it and not have it is asked for a password; who may not know of it is told that it is not there.
    for factory in (closed, *open_):
        permissions = GstRtspServer.RTSPPermissions()
        for role in ("yard", "anybody"):
            permissions.add_permission_for_role(role, "media.factory.access", True)
            permissions.add_permission_for_role(role, "media.factory.construct", role == "yard" or factory is not closed)
        factory.set_permissions(permissions)


def kick(_server, client) -> None:
    """Closes the line of whoever plays /kicks."""

    def playing(who, context):
        if context.uri.abspath.startswith("/kicks"):
            GLib.timeout_add_seconds(FAULT_AFTER, lambda: who.close() and False)

    client.connect("play-request", playing)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--port", type=int, default=8554)
    arguments.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "gatehouse-clips")
    arguments.add_argument("--with-parent", action="store_true")
    arguments.add_argument("--bench", type=int, default=0, metavar="N", help="so many cameras of 1080p")
    asked = arguments.parse_args()
    Gst.init(None)

    plain, small, reordered, hevc, sound = (
        clip(asked.folder, name) for name in ("plain", "small", "reordered", "hevc", "sound")
    )
    second = Clip(plain.codec, plain.frames[: 4 * FPS], 4 * SECOND)
    jpeg = GstRtspServer.RTSPMediaFactory()
    jpeg.set_launch("( videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=240,framerate=5/1 ! jpegenc ! rtpjpegpay name=pay0 )")
    cameras = {
        "/h264": Camera(of(plain), of(sound)),
        "/h265": Camera(of(hevc)),
        "/reordered": Camera(of(reordered), of(sound)),
        "/digest": Camera(of(plain)),
        "/stalls": Camera(("h264", lambda: until(FAULT_AFTER, endless(plain)))),
        "/resizes": Camera(of(second, small)),
        "/kicks": Camera(of(plain)),
        "/jpeg": jpeg,
        "/g711": Camera(of(plain), ("mulaw", quiet)),
    }
    if asked.bench:
        full, heavy = clip(asked.folder, "full"), clip(asked.folder, "heavy")
        cameras |= {f"/full/{n}": Camera(of(full)) for n in range(asked.bench)} | {"/heavy": Camera(of(heavy))}

    server = GstRtspServer.RTSPServer(service=str(asked.port), address="127.0.0.1")
    for path, factory in cameras.items():
        server.get_mount_points().add_factory(path, factory)
    guard(server, cameras["/digest"], [factory for path, factory in cameras.items() if path != "/digest"])
    server.connect("client-connected", kick)
    if not server.attach(None):
        raise SystemExit(f"port {asked.port} is taken")

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    port = server.get_bound_port()
    stranger = socketserver.ThreadingTCPServer(("127.0.0.1", asked.port and asked.port + 1), Stranger)
    threading.Thread(target=stranger.serve_forever, daemon=True).start()
    if asked.with_parent:
        threading.Thread(target=lambda: sys.stdin.read() or os._exit(0), daemon=True).start()

    addresses = [f"rtsp://127.0.0.1:{port}{path}" for path in cameras]
    print("ready", *addresses, f"rtsp://127.0.0.1:{stranger.server_address[1]}/", sep="\n", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
