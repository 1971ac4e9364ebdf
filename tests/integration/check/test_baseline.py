"""What is known already fails nobody."""

from __future__ import annotations

from tests import meshes
from tests.integration.check.parts import GOOD, THIN


def test_only_new_findings_fail(repository, check):
    repository.commit({"parts/thin.stl": THIN})
    assert check()[0] == 1
    code, out, _ = check("--baseline", "known.json", "--update-baseline")
    assert code == 0
    assert "passes: known" in out
    first = (repository.folder / "known.json").read_bytes()
    assert check("--baseline", "known.json", "--update-baseline")[0] == 0
    assert (repository.folder / "known.json").read_bytes() == first
    assert check("--baseline", "known.json")[0] == 0
    # The same part exported again, its facets in another order: known.
    vertices, faces = meshes.box((20.0, 0.3, 10.0))
    repository.write({"parts/thin.stl": meshes.stl_binary((vertices, faces[::-1]))})
    assert check("--baseline", "known.json")[0] == 0
    thinner = meshes.stl_binary(meshes.box((20.0, 0.2, 10.0)))
    repository.write({"parts/thin.stl": thinner})
    assert check("--baseline", "known.json")[0] == 1  # worse than it was
    repository.write({"parts/thin.stl": THIN, "parts/second.stl": THIN})
    code, out, _ = check("--baseline", "known.json")
    assert code == 1
    assert "1 of 3 files pass" not in out
    assert "2 of 3 files pass" in out
    (repository.folder / "parts/second.stl").unlink()
    repository.write({"parts/thin.stl": GOOD})
    code, out, _ = check("--baseline", "known.json")
    assert code == 0
    assert "entries of the baseline are gone" in out


def test_a_baseline_that_is_named_must_be_there_and_be_one(repository, check):
    code, _, err = check("--baseline", "nothing.json")
    assert code == 4
    assert "no such file" in err
    repository.write({"known.json": "{}"})
    code, _, err = check("--baseline", "known.json")
    assert code == 4
    assert "this is no baseline" in err
    code, _, err = check("--baseline", "printstd.toml", "--update-baseline")
    assert code == 2
