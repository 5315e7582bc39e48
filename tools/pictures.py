"""Take the README's pictures of the mail, from the examples, as a browser shows it.

    python -m tools.pictures [--to docs/images]

Needs playwright and a Chromium. Text on flat grounds has few colours, so the pictures are written with a palette, which
makes them a third as large.
"""

from __future__ import annotations

import argparse
import base64
import shutil
import struct
import zlib
from collections import Counter
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from newsletter.issues.document import parse_document
from newsletter.issues.model import Issue
from newsletter.personalization.variant import join
from newsletter.rendering.edition import Slot, compile_edition
from newsletter.resources import folder
from subscribers.publication import Publication
from subscribers.publication_files import read_list

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_PICTURES = {
    # name: (reader's language, light or dark, width, height, the section that stands in the middle or none: the top)
    "mail-phone-light": ("fr", "light", 375, 1000, "announcements"),
    "mail-phone-dark": ("fr", "dark", 375, 1000, "announcements"),
    "mail-desktop-light": ("fr", "light", 820, 1193, ""),
    "mail-desktop-dark": ("fr", "dark", 820, 1193, ""),
    "mail-arabic": ("ar", "light", 820, 1193, ""),
}
_NAMES = {"fr": "Claire", "ar": "ليلى"}
_COLOURS = 256

_PIXELS = """async source => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + source;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const bytes = context.getImageData(0, 0, image.width, image.height).data;
  let text = '';
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return [image.width, image.height, btoa(text)];
}"""


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=Path("docs/images"))
    to = parser.parse_args().to
    to.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for name, (language, scheme, width, height, section) in _PICTURES.items():
            path = to / f"{name}.png"
            path.write_bytes(_picture(browser, _mail(language), scheme, (width, height), section))
            print(f"{path}: {path.stat().st_size / 1000:.0f} KB")
        browser.close()


def _mail(language: str) -> str:
    """Return the whole mail of the example issue in French, for a reader of `language`."""
    source = folder("examples") / "2026-03-13.fr.txt"
    document = parse_document(source.read_bytes(), name=source.name).document
    draft = read_list(folder("examples") / "list.toml")
    publication = Publication(id=1, **{key: getattr(draft, key) for key in asdict(draft)})
    issue = Issue(date=document.period.end, documents={"fr": document})
    edition = compile_edition(issue, publication, content_language="fr", language=language)
    values = {"greeting": edition.greeting_named.format(name=_NAMES[language]), "email": "claire@example.net"}
    variant = join(edition, [item.position for item in edition.items])
    return "".join(
        escape(values.get(part.name, "https://example.org/")) if isinstance(part, Slot) else part
        for part in variant.html
    )


def _picture(browser: Browser, mail: str, scheme: str, size: tuple[int, int], section: str) -> bytes:
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        offline=True,
    )
    page.set_content(mail)
    if section:
        page.locator(f"a[name={section}]").evaluate("anchor => anchor.parentElement.scrollIntoView({block: 'center'})")
    shot = base64.b64encode(page.screenshot()).decode()
    page.set_content("")
    width, height, pixels = page.evaluate(_PIXELS, shot)
    page.close()
    return _png(width, height, base64.b64decode(pixels))


def _png(width: int, height: int, rgba: bytes) -> bytes:
    """Write a picture with a palette (PNG, RFC 2083); colours too many for it become their nearest neighbour."""
    pixels = list(zip(rgba[::4], rgba[1::4], rgba[2::4], strict=True))
    counted = Counter(pixels)
    palette = [colour for colour, _ in counted.most_common(_COLOURS)]
    index = {colour: _nearest(colour, palette) for colour in counted}
    indexed = bytes(index[pixel] for pixel in pixels)
    rows = b"".join(b"\0" + indexed[start : start + width] for start in range(0, width * height, width))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", bytes(value for colour in palette for value in colour)),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _nearest(colour: tuple[int, int, int], palette: list[tuple[int, int, int]]) -> int:
    def distance(other: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(colour, palette[other], strict=True))

    return min(range(len(palette)), key=distance)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    main()
