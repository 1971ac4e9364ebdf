"""The texts of pages and the fonts, which come with the package."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from printstd.report.as_html import PageTexts
from printstd.report.layer_page import Viewer

if TYPE_CHECKING:
    from printstd.certify.verify_page import PageParts


def viewer_texts() -> Viewer:
    return Viewer(*_texts("viewer", "page.html", "style.css", "codec.js", "viewer.js"))


def report_texts() -> PageTexts:
    return PageTexts(*_texts("page", "style.css", "table.js", "view3d.js"))


def report_font(name: str) -> bytes:
    """A font file of the package."""
    return (resources.files("printstd.report") / "fonts" / name).read_bytes()


def verify_texts() -> PageParts:
    """Of the page that verifies."""
    from printstd.certify.verify_page import PageParts

    scripts = ("strict_json.js", "containers.js", "statement.js", "verify.js", "page.js")
    page, style, texts, *own = _texts(
        "page", "page.html", "style.css", "texts.json", *scripts, package="printstd.certify"
    )
    return PageParts(page, style, tuple(own), texts)


def _texts(folder: str, *names: str, package: str = "printstd.report") -> list[str]:
    """Digests in a page's policy are of these texts, so their newlines are settled here."""
    place = resources.files(package) / folder
    return [(place / name).read_bytes().decode("utf-8").replace("\r\n", "\n") for name in names]
