"""Draws the icons of www/icons: the two rings of www/icon.svg as PNG files, for systems that take no SVG.

`python3 www/icons.py` writes them anew; it needs Python's own library only.
"""

import struct
import zlib
from pathlib import Path

PAPER, RING = (0xFB, 0xFA, 0xF7), (0x1F, 0x4F, 0x7A)
# In units of the drawing, which is 24 wide: centres, radius, half of the line's width.
CENTRES, RADIUS, HALF_LINE = ((9, 12), (15, 12)), 6.5, 1.0


def picture(size: int, scale: float) -> bytes:
    """Rows of red, green and blue; `scale` is how much of the square the drawing takes."""
    unit = 24 / (size * scale)
    rows = bytearray()
    for y in range(size):
        rows.append(0)  # Each row says how it is filtered: not at all.
        for x in range(size):
            px, py = ((at + 0.5 - size / 2) * unit + 12 for at in (x, y))
            rings = (abs(((px - cx) ** 2 + (py - cy) ** 2) ** 0.5 - RADIUS) for cx, cy in CENTRES)
            # Covered from none to all within a pixel, so that edges are smooth.
            ink = min(max((HALF_LINE - min(rings)) / unit + 0.5, 0), 1)
            rows.extend(round(paper + (ring - paper) * ink) for paper, ring in zip(PAPER, RING))
    return bytes(rows)


def png(size: int, rows: bytes) -> bytes:
    """As the PNG specification has it: a header, the compressed rows, an end."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def main() -> None:
    folder = Path(__file__).parent / "icons"
    folder.mkdir(exist_ok=True)
    # A maskable icon is cut to any shape: what matters lies in the middle circle of 80 percent.
    for name, size, scale in (("192", 192, 0.9), ("512", 512, 0.9), ("maskable-512", 512, 0.68), ("apple-180", 180, 0.8)):
        (folder / f"icon-{name}.png").write_bytes(png(size, picture(size, scale)))


if __name__ == "__main__":
    main()
