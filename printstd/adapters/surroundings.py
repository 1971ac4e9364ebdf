"""The interpreter and the wheels: what a statement says of with what."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Iterator

import printstd
from printstd import __version__
from printstd.certify.predicates import ToolFacts

GEOMETRY_WHEELS = ("embreex", "manifold3d", "numpy", "numpy-stl", "scipy", "shapely", "trimesh")


def tool_facts() -> ToolFacts:
    """The versions that ran, of everything that touches geometry."""
    found = []
    for name in GEOMETRY_WHEELS:
        try:
            found.append((name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            found.append((name, "absent"))
    return ToolFacts(
        version=__version__,
        sha256=sources_sha256(),
        python=platform.python_version(),
        platform=f"{platform.system()}-{platform.machine()}",
        dependencies=tuple(found),
    )


def sources_sha256() -> str:
    """One digest over the package's modules as they lie on this disk.

    SHA-256 of lines ``<sha256 of the file>  <path in the package>``, paths with slashes and
    sorted: what ``sha256sum`` prints in the package's folder. Profiles have digests of their own.
    """
    package = os.path.dirname(printstd.__file__)
    lines = []
    for path in _modules(package):
        with open(path, "rb", buffering=0) as stream:
            digest = hashlib.sha256(stream.readall()).hexdigest()
        lines.append(f"{digest}  {path[len(package) + 1 :].replace(os.sep, '/')}\n")
    lines.sort(key=lambda line: line[66:])
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def _modules(folder: str) -> Iterator[str]:
    """Some 400 files: `pathlib` would take longer to find them than they take to be read."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _modules(entry.path)
            elif entry.name.endswith(".py"):
                yield entry.path
