"""Makes film.mp4 anew: eight seconds of a test picture, a key frame and a fragment each second, laid out as capture writes files. Needs ffmpeg
with libx264."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "src/demo/film"))
from layout import laid_out  # noqa: E402

source = "testsrc=size=192x108:rate=10:duration=8"
coding = "-c:v libx264 -profile:v main -preset veryslow -crf 34 -bf 0 -g 10 -keyint_min 10 -sc_threshold 0 -pix_fmt yuv420p"
boxing = "-video_track_timescale 90000 -movflags frag_keyframe+empty_moov+default_base_moof -f mp4"
raw = HERE / "film.raw.mp4"
subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, *coding.split(), *boxing.split(), raw], check=True)
(HERE / "film.mp4").write_bytes(laid_out(raw.read_bytes()))
raw.unlink()
