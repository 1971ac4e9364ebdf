"""Putting the small files that hosts load where they look for them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from printstd.adapters.files import write_all
from printstd.errors import UsageError
from printstd.words import said

_HERE = Path(__file__).parent


def install_moonraker(folder: Path, config: Path | None) -> int:
    """The component into ``FOLDER/components``, the macros into Klipper's folder of settings."""
    components = folder / "components"
    if not (components / "klippy_apis.py").is_file():
        raise UsageError(
            said("this is not Moonraker's folder"),
            where=str(folder),
            got=said("no components/klippy_apis.py"),
            wanted=said("the folder moonraker/ of its package or checkout"),
            hint=said("e.g. ~/moonraker/moonraker"),
        )
    products = {components / "printstd_gate.py": _text("klipper", "printstd_gate.py")}
    if config is not None:
        products[config / "printstd_gate.cfg"] = _text("klipper", "printstd_gate.cfg")
    return _written(products)


def install_octoprint(folder: Path) -> int:
    """The plugin as one file into ``FOLDER/plugins``."""
    if not (folder / "config.yaml").is_file():
        raise UsageError(
            said("this is not OctoPrint's folder"),
            where=str(folder),
            got=said("no config.yaml"),
            wanted=said("its folder of settings"),
            hint=said("e.g. ~/.octoprint"),
        )
    plugins = folder / "plugins"
    plugins.mkdir(exist_ok=True)
    return _written({plugins / "printstd_gate.py": _text("octoprint", "printstd_gate.py")})


def _text(room: str, name: str) -> bytes:
    return (_HERE / room / name).read_bytes()


def _written(products: dict[Path, bytes]) -> int:
    write_all(products)
    for path in products:
        sys.stdout.write(f"{path}\n")
    if importlib.util.find_spec("cryptography") is None:
        sys.stderr.write(said("cryptography is not installed here") + "\n")
    sys.stderr.write(
        said("the host's own Python must be able to import printstd and cryptography") + "\n"
    )
    return 0
