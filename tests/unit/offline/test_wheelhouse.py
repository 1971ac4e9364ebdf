"""What is packed for machines without a network is told truly, and what was changed is seen."""

from __future__ import annotations

import email.parser
import hashlib
import zipfile
from pathlib import Path

import pytest

from offline.install import packed, wrong_files
from offline.make_wheelhouse import check_locked, licence_of, plain, read_wheel, write


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ("License-Expression: MIT OR Apache-2.0\nLicense: other\n", "MIT OR Apache-2.0"),
        (
            "Classifier: License :: OSI Approved :: BSD License\nLicense: long\n text\n",
            "BSD License",
        ),
        ("Classifier: License :: OSI Approved\nLicense: LGPL-3.0\n", "LGPL-3.0"),
        ("License: UNKNOWN\n", "not said in its metadata"),
        ("Name: x\n", "not said in its metadata"),
    ],
)
def test_licences_are_those_of_the_metadata(metadata: str, licence: str) -> None:
    assert licence_of(email.parser.Parser().parsestr(metadata)) == licence


def wheel(folder: Path, name: str, version: str) -> Path:
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        text = f"Name: {name}\nVersion: {version}\nSummary: what it is\nLicense-Expression: MIT\n"
        archive.writestr(f"{name}-{version}.dist-info/METADATA", text)
    return path


def test_a_changed_or_missing_wheel_is_seen(tmp_path: Path) -> None:
    places = [wheel(tmp_path, "printstd", "1.0"), wheel(tmp_path, "Some_Thing", "2")]
    wheels = [read_wheel(place) for place in places]
    write(tmp_path, wheels, "Python 3, here", "farm")
    digest = hashlib.sha256(places[1].read_bytes()).hexdigest()
    assert f"some-thing==2 --hash=sha256:{digest}\n" in (tmp_path / "requirements.txt").read_text()
    assert dict(packed(tmp_path))[places[1].name] == digest
    row = f"| some-thing | 2 | MIT | 0 | what it is | `{digest}` |"
    assert row in (tmp_path / "CONTENTS.md").read_text("utf-8")
    assert wrong_files(tmp_path) == []
    data = bytearray(places[1].read_bytes())
    data[-1] ^= 1
    places[1].write_bytes(data)
    assert wrong_files(tmp_path) == [places[1].name]
    places[0].unlink()
    assert sorted(wrong_files(tmp_path)) == sorted(place.name for place in places)


def test_only_what_is_locked_is_packed(tmp_path: Path) -> None:
    wheels = [read_wheel(wheel(tmp_path, n, "2")) for n in ("printstd", "some_thing")]
    check_locked(wheels, "# locked\nSome.Thing==2\n")
    for constraints in ("", "some-thing==2.1\n"):
        with pytest.raises(SystemExit, match="some-thing"):
            check_locked(wheels, constraints)
    assert plain("Some._Thing") == "some-thing"
