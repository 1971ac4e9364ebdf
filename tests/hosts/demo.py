"""``make farm-demo``: a farm on this machine. OctoPrint with its virtual printer, a coordinator
with the page, a certified part in the queue.

    python -m tests.hosts.demo [--folder FOLDER] [--no-browser]

The farm stays in its folder (out/farm-demo) and goes on where it was when it is begun again.
"""

from __future__ import annotations

import argparse
import json
import secrets
import signal
import subprocess
import sys
import webbrowser
from pathlib import Path

from tests.hosts.octoprint import octoprint

ROOT = Path(__file__).parents[2]
PRINTER, MATERIAL = "mk4s", "pla"


def _printstd(*arguments: str | Path) -> str:
    command = [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def begin(folder: Path) -> str:
    """A farm with keys, a user, filament and a job; the user's password."""
    farm, password = folder / "farm", folder / "password.txt"
    if (farm / "farm.toml").exists():
        return password.read_text().strip()
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "shop.key"
    if not key.exists():
        _printstd("keys", "new", folder / "shop")
    program = folder / "bracket.gcode"
    _printstd(
        *("certify", "samples/bracket.stl", "--printer", PRINTER, "--material", MATERIAL),
        *("--key", key, "-o", program, "--quiet"),
    )
    _printstd("farm", "init", farm, "--trust", folder / "shop.pub")
    password.write_text(secrets.token_urlsafe(12) + "\n")
    password.chmod(0o600)
    _printstd(
        *("farm", "user", "add", "demo", "--scope", "admin"),
        *("--password-file", password, "--farm", farm),
    )
    _printstd(
        *("farm", "spools", "--add", "white-1", "--material", MATERIAL),
        *("--grams", "1000", "--farm", farm),
    )
    return password.read_text().strip()


def add_printer(folder: Path, address: str, key: str) -> None:
    """The virtual printer, at the port that its server has this time."""
    farm = folder / "farm"
    key_file = folder / "octoprint.key"
    key_file.write_text(key + "\n")
    known = json.loads(_printstd("farm", "list", "--format", "json", "--farm", farm))["printers"]
    if known:
        _printstd("farm", "set", "virtual-1", "--host", address, "--farm", farm)
        return
    _printstd(
        *("farm", "add", "virtual-1", "--host", address, "--printer", PRINTER),
        *("--key-file", key_file, "--farm", farm),
    )
    _printstd("farm", "spools", "--load", "white-1", "--on", "virtual-1", "--farm", farm)
    _printstd("farm", "submit", folder / "bracket.gcode", "--farm", farm)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "farm-demo")
    parser.add_argument("--port", default="8421")
    parser.add_argument("--no-browser", action="store_true")
    arguments = parser.parse_args()
    folder: Path = arguments.folder.resolve()
    password = begin(folder)
    with octoprint(folder / "octoprint") as server:
        add_printer(folder, f"octoprint+{server.url}", server.key)
        service = subprocess.Popen(
            [
                *(sys.executable, str(ROOT / "cli.py"), "farm", "serve", "--port", arguments.port),
                *("--farm", str(folder / "farm"), "--key", str(folder / "shop.key")),
            ],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: service.send_signal(signal.SIGTERM))
        assert service.stderr is not None
        for line in service.stderr:
            sys.stderr.write(line)
            if "http://" in line and "page" in line:
                url = "http://" + line.strip().rpartition("http://")[2]
                sys.stdout.write(
                    f"log in at {url} as demo with {password}\n"
                    f"OctoPrint itself: {server.url}; Ctrl-C ends both\n"
                )
                sys.stdout.flush()
                if not arguments.no_browser:
                    webbrowser.open(url)
        return service.wait()


if __name__ == "__main__":
    sys.exit(main())
