"""The parts and rules that repositories of these tests hold."""

from __future__ import annotations

from pathlib import Path

from tests import meshes

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "docs" / "examples" / "repository"
GOOD = meshes.stl_binary(meshes.cube(10.0))
OTHER = meshes.stl_binary(meshes.box((12.0, 10.0, 8.0)))
THIN = meshes.stl_binary(meshes.box((20.0, 0.3, 10.0)))
POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
RULES = """
[repository]
cache = ".printstd-cache"

[defaults]
printer = "mk4s"

[[rules]]
files = ["parts/*.stl"]
"""
