"""The texts of the viewer's page, which come with the package."""

from __future__ import annotations

from importlib import resources

from printstd.report.layer_page import Viewer


def viewer_texts() -> Viewer:
    folder = resources.files("printstd.report") / "viewer"
    names = ("page.html", "style.css", "codec.js", "viewer.js")
    # Digests in the page's policy are of these texts, so their newlines are settled here.
    page, style, codec, viewer = (
        (folder / name).read_bytes().decode("utf-8").replace("\r\n", "\n") for name in names
    )
    return Viewer(page, style, codec, viewer)
