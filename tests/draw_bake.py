# SPDX-License-Identifier: Apache-2.0
"""Runs `ohcompose bake` and writes an SVG of it: when each image was made, and what was sent.

usage: draw_bake.py LIST.json PAYLOAD WHERE        (tests/picture starts it; WHERE is said in the picture)

Every number and every bar in the picture is of this run.
"""

import sys
import time
from html import escape

import ohcompose

WIDTH, LEFT, RIGHT, TOP = 860, 20, 20, 78
LANE, GAP = 14, 3
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #57606a }
.head { font-size: 16px; font-weight: 600; fill: #24292f }
.payload { fill: #bf8700 } .image { fill: #1a7f37 } .axis { stroke: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 } .head { fill: #f0f6fc } .image { fill: #3fb950 } .payload { fill: #d29922 }
}
"""


def size(n):
    for unit in ("B", "kB", "MB"):
        if n < 1000:
            return f"{n:.3g} {unit}"
        n /= 1000
    return f"{n:.3g} GB"


def run(list_file, payload):
    """(when each image began and ended, when the payload was sent, the sums)"""
    begun = time.monotonic()
    uploads, open_tasks = [], {}

    def note(event):
        now = time.monotonic() - begun
        if isinstance(event, ohcompose.Begin) and event.verb == "push":
            open_tasks[event.task] = now
        elif isinstance(event, ohcompose.End) and event.task in open_tasks:
            if event.outcome == "uploaded":
                uploads.append((open_tasks[event.task], now, event.bytes))

    made = []
    options = {"payload": payload, "check": "warn", "no_cache": True}
    with ohcompose.bake(list_file, progress=note, **options) as images:
        for image in images:
            now = time.monotonic() - begun
            if image.failed:
                sys.exit(f"{image.name}: {image.error}")
            made.append((max(now - image.seconds, 0), now, image.image))
    return made, uploads, images.summary


def lanes(bars):
    """Bars that overlap get lanes of their own."""
    ends, placed = [], []
    for bar in sorted(bars, key=lambda b: b[0]):
        lane = next((i for i, end in enumerate(ends) if end <= bar[0]), len(ends))
        if lane == len(ends):
            ends.append(0)
        ends[lane] = bar[1]
        placed.append((lane, bar))
    return placed, len(ends)


def draw(made, uploads, summary, where):
    total = max(bar[1] for bar in made)
    scale = (WIDTH - LEFT - RIGHT) / total
    placed, n = lanes(made)
    height = TOP + (n + 1) * (LANE + GAP) + 60
    payload = [layer for layer in made[0][2].layers if layer.role == "payload"]
    mounted = sum(layer.action == "mounted" for *_, i in made for layer in i.layers if layer.role == "payload")
    sent = summary.raw["bytes"]["uploaded"]

    def bar(kind, y, begin, end, title):
        return (
            f'<rect class="{kind}" x="{LEFT + begin * scale:.1f}" y="{y}" rx="2" '
            f'width="{max((end - begin) * scale - 1, 1):.1f}" height="{LANE}"><title>{escape(title)}</title></rect>'
        )

    def text(y, words, kind=""):
        return f'<text x="{LEFT}" y="{y}" class="{kind}">{escape(words)}</text>'

    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    yield f"<style>{STYLE}</style>"
    yield text(24, f"ohcompose bake: {len(made)} images in {total:.1f} s", "head")
    yield text(44, f"the payload ({size(sum(p.size for p in payload))} compressed) sent once, mounted {mounted} times; "
                   f"{size(sent)} sent in all, {summary.requests} requests")  # fmt: skip
    yield text(61, where)
    y = TOP
    for begin, end, n_bytes in uploads:
        yield bar("payload", y, begin, end, f"payload: {size(n_bytes)} read, compressed and sent")
    for lane, (begin, end, image) in placed:
        yield bar("image", y + (lane + 1) * (LANE + GAP), begin, end, f"{image.name.split('/', 1)[1]}: {end - begin:.2f} s")
    y = height - 40
    yield f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
    for i in range(5):
        anchor = ("start", "middle", "middle", "middle", "end")[i]
        yield (f'<text x="{LEFT + (WIDTH - LEFT - RIGHT) * i / 4:.0f}" y="{y + 18}" text-anchor="{anchor}">'
               f"{total * i / 4:.1f} s</text>")  # fmt: skip
    yield "</svg>"


def main():
    list_file, payload, where = sys.argv[1:]
    print("\n".join(draw(*run(list_file, payload), where)))


if __name__ == "__main__":
    main()
