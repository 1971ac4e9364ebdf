"""What the gates at hosts decide by themselves, without a host."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from printstd.errors import ProfileError, UsageError, VerificationError
from printstd.gate.commands import main
from printstd.gate.installing import install_moonraker, install_octoprint
from printstd.gate.moonraker import check_own_macros, name_on
from printstd.gate.octoprint.server import connector_of
from printstd.gate.settings import read_settings
from tests.unit.gate.certified import write_gate

OWN = {
    "gcode_macro sdcard_print_file": {
        "rename_existing": "_PRINTSTD_PRINT_VERIFIED",
        "gcode": '{action_call_remote_method("printstd_gate", filename=params.FILENAME)}',
    },
    "gcode_macro m23": {"rename_existing": "M9923", "gcode": '{action_raise_error("no")}'},
    "gcode_macro m24": {
        "rename_existing": "M9924",
        "gcode": '{action_call_remote_method("printstd_gate_resume")}',
    },
    "gcode_macro m26": {"rename_existing": "M9926", "gcode": '{action_raise_error("no")}'},
}


def test_the_gate_knows_whether_its_macros_are_loaded() -> None:
    check_own_macros(OWN, "p")
    for section in OWN:
        name = section.split()[1].upper()
        with pytest.raises(VerificationError, match=f"macro {name} is not loaded"):
            check_own_macros({key: value for key, value in OWN.items() if key != section}, "p")
        with pytest.raises(VerificationError, match=f"macro {name} is not loaded"):
            check_own_macros({**OWN, section: {**OWN[section], "gcode": "M118 hello"}}, "p")
        with pytest.raises(VerificationError, match=f"macro {name} is not loaded"):
            check_own_macros({**OWN, section: {"gcode": OWN[section]["gcode"]}}, "p")


def test_copies_keep_their_name_only_on_a_card_of_the_gate_s_own(tmp_path: Path) -> None:
    card = tmp_path / "card"
    assert name_on(card, card, "/a/part.gcode") == "a/part.gcode"
    assert name_on(card, card, "part.nc") is None
    assert name_on(card, card / ".printstd", "part.gcode") is None
    with pytest.raises(VerificationError, match="does not hold"):
        name_on(card, tmp_path / "elsewhere", "part.gcode")


def test_only_serial_lines_are_held_against_the_program() -> None:
    """OctoPrint 1 has no other; 2 tells what it is connected by. From its sources, not tried."""
    assert connector_of(SimpleNamespace(_comm=None)) == "serial"
    for connector in ("serial", "moonraker"):
        told = SimpleNamespace(_connection=SimpleNamespace(connector=connector))
        assert connector_of(told) == connector
    assert connector_of(SimpleNamespace(_connection=SimpleNamespace())) == ""
    assert connector_of(SimpleNamespace()) == ""


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ("nozzle_mm = 0.4", "nozzle_mm"),
        ('materials = ["peer"]', "materials"),
        ('profile = "peer"', "profile"),
        ('id = "p-1"', "id"),
    ],
)
def test_a_file_that_does_not_say_what_the_printer_is_is_refused(
    tmp_path: Path, wrong: str, key: str
) -> None:
    settings = write_gate(tmp_path)
    text = settings.read_text()
    read_settings(settings)
    for other in ("", f"{key} = false", f"{key} = 0x5"):
        settings.write_text(text.replace(wrong, other))
        if (key, other) == ("nozzle_mm", "nozzle_mm = 0x5"):
            continue
        with pytest.raises(ProfileError, match=f"printer.{key}"):
            read_settings(settings)


def test_a_file_with_anything_unknown_is_refused(tmp_path: Path) -> None:
    settings = write_gate(tmp_path)
    text = settings.read_text()
    for line in ('polcy = "x"\n', 'policy_sha256 = "00"\n', "certificates = 5\n"):
        settings.write_text(line + text.replace('certificates = ["certificates"]\n', ""))
        with pytest.raises(ProfileError):
            read_settings(settings)
    settings.write_text(text + 'materials_loaded = ["x"]\n')
    with pytest.raises(ProfileError, match="materials_loaded"):
        read_settings(settings)


def test_files_are_put_where_hosts_look_for_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for install in (lambda: install_moonraker(tmp_path, None), lambda: install_octoprint(tmp_path)):
        with pytest.raises(UsageError):
            install()
    (tmp_path / "components").mkdir()
    (tmp_path / "components" / "klippy_apis.py").touch()
    (tmp_path / "config.yaml").touch()
    (tmp_path / "config").mkdir()
    arguments = ["install-moonraker", str(tmp_path), "--config", str(tmp_path / "config")]
    assert main(arguments) == 0
    assert main(["install-octoprint", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    for name in (
        "components/printstd_gate.py",
        "config/printstd_gate.cfg",
        "plugins/printstd_gate.py",
    ):
        assert (tmp_path / name).read_bytes()
        assert str(tmp_path / name) in told
    assert main(["watch", "--settings", str(write_gate(tmp_path))]) == 2
    assert main(["nothing"]) == 2
    assert main(["--help"]) == 0
