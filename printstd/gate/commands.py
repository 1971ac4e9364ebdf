"""`printstd gate ...`: check, serve, watch, pin, approve macros, install, read the journal.

The parser is the standard library's, so that the same commands run where nothing but
``cryptography`` is installed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from printstd.errors import PrintstdError, UsageError, VerificationError
from printstd.words import said

_REFUSED: Final = 6
_SETTINGS: Final = Path("gate.toml")


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0 allowed or done, 6 refused, and those of docs for everything else."""
    parser = _parser()
    try:
        asked = parser.parse_args(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    try:
        code: int = asked.run(asked)
        return code
    except PrintstdError as error:
        sys.stderr.write(f"{error.in_full()}\n")
        return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="printstd gate",
        description="Print nothing that does not verify. docs/gate.md says how hosts are set up.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, help: str) -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=help, description=help)
        found.set_defaults(run=run)
        found.add_argument(
            "--settings", type=Path, default=_SETTINGS, metavar="gate.toml", help="the gate's file"
        )
        return found

    check = command("check", _check, "May this program be printed here: exit 0 yes, 6 no.")
    check.add_argument("program", type=Path, metavar="OUT.gcode")
    _printer_options(check)
    check.add_argument("--policy", type=Path, help="without a gate.toml: the policy file")
    check.add_argument(
        "--certificates", type=Path, action="append", default=[], help="without a gate.toml: folder"
    )

    serve = command("serve", _serve, "Answer over HTTP: POST /verify, GET /health.")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=7140)
    serve.add_argument(
        "--api-key-file", type=Path, required=True, help="a file with the key clients must send"
    )
    serve.add_argument("--programs", type=Path, help="folder of SHA256.gcode, to verify by digest")

    watch = command("watch", _watch, "Record prints that nobody's gate started.")
    watch.add_argument("--moonraker", metavar="URL")
    watch.add_argument("--octoprint", metavar="URL")
    watch.add_argument("--api-key-file", type=Path)
    watch.add_argument("--every", type=float, default=2.0, metavar="SECONDS")
    watch.add_argument("--for", type=float, dest="seconds", metavar="SECONDS", help="then stop")

    command("pin", _pin, "Print the digest of the policy, for policy_sha256.")

    approve = command("approve-macros", _approve, "Approve what Klipper runs with now.")
    approve.add_argument("--moonraker", metavar="URL", default="http://127.0.0.1:7125")
    approve.add_argument("--show", action="store_true", help="say what changed, and write nothing")

    journal = command("journal", _journal, "Check the journal's chain and print its records.")
    journal.add_argument("--newest", action="store_true", help="print the newest digest alone")

    moonraker = command("install-moonraker", _install_moonraker, "Put the component in place.")
    moonraker.add_argument("folder", type=Path, help="of Moonraker: the one that has components/")
    moonraker.add_argument("--config", type=Path, help="of Klipper: printstd_gate.cfg goes there")

    octoprint = command("install-octoprint", _install_octoprint, "Put the plugin in place.")
    octoprint.add_argument("folder", type=Path, help="OctoPrint's own, e.g. ~/.octoprint")
    return parser


def _printer_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--printer", metavar="PROFILE", help="instead of gate.toml's profile")
    parser.add_argument("--material", action="append", help="loaded; once per tool, from tool 0")
    parser.add_argument("--nozzle", type=float, metavar="MM", help="instead of gate.toml's nozzle")


def _overrides(asked: argparse.Namespace) -> dict[str, Any]:
    given = {
        "profile": asked.printer,
        "materials": asked.material,
        "nozzle_mm": asked.nozzle,
    }
    return {key: value for key, value in given.items() if value is not None}


def _check(asked: argparse.Namespace) -> int:
    from printstd.gate.gate import Gate

    if asked.policy is None:
        decision = Gate(asked.settings, **_overrides(asked)).decide_file(asked.program)
    else:
        decision = _checked_without_settings(asked)
    sys.stdout.write(json.dumps(decision.record(), ensure_ascii=False) + "\n")
    if not decision.is_allowed:
        sys.stderr.write(
            said(
                "{file} is not to be printed here: {reason}\n  what to do: {advice}",
                file=decision.file,
                reason=decision.reason,
                advice=decision.advice,
            )
            + "\n"
        )
    return 0 if decision.is_allowed else _REFUSED


def _checked_without_settings(asked: argparse.Namespace) -> Any:
    """Everything on the command line; no journal is kept."""
    from printstd.adapters.clock import SystemClock
    from printstd.adapters.files import read_file
    from printstd.adapters.names import shown
    from printstd.gate.at_hand import gathered, look
    from printstd.gate.decision import decide, refused_by
    from printstd.gate.gate import MAX_PROGRAM_BYTES, load_policy
    from printstd.gate.settings import ThisPrinter

    missing = [
        f"--{name}" for name in ("printer", "material", "nozzle") if getattr(asked, name) is None
    ]
    if missing:
        raise UsageError(
            said("say what the printer is"),
            got=said("--policy, and no {missing}", missing=", ".join(missing)),
            wanted=said("--printer PROFILE --material MATERIAL --nozzle MM"),
            hint=said("or write them in gate.toml, and name it with --settings"),
        )
    printer = ThisPrinter(
        asked.printer, asked.printer, round(asked.nozzle * 1000), tuple(asked.material)
    )
    name = shown(asked.program.name)
    data = read_file(asked.program, max_bytes=MAX_PROGRAM_BYTES)
    policy, sha256 = load_policy(asked.policy)
    try:
        found = look(data, asked.program, asked.certificates)
        return decide(
            found.held,
            found.bundles,
            file=name,
            data=data,
            beside=gathered(found, policy, asked.policy),
            policy=policy,
            policy_sha256=sha256,
            printer=printer,
            now=SystemClock().now_utc(),
        )
    except VerificationError as error:
        return refused_by(error, printer=printer.id, file=name, data=data, policy_sha256=sha256)


def _pin(asked: argparse.Namespace) -> int:
    from printstd.gate.gate import load_policy
    from printstd.gate.settings import read_settings

    _, sha256 = load_policy(read_settings(asked.settings).policy)
    sys.stdout.write(f'policy_sha256 = "{sha256}"\n')
    return 0


def _journal(asked: argparse.Namespace) -> int:
    from printstd.adapters.files import read_file
    from printstd.gate.journal import read_journal
    from printstd.gate.settings import read_settings

    file = read_settings(asked.settings).journal
    read = read_journal(read_file(file), file.name)
    if asked.newest:
        sys.stdout.write(read.newest + "\n")
        return 0
    for record in read.records:
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
    for line in read.torn:
        sys.stderr.write(said("line {line} was torn by a power cut", line=line) + "\n")
    return 0


def _approve(asked: argparse.Namespace) -> int:
    from printstd.gate.approving import approve

    return approve(asked.settings, asked.moonraker, is_dry=asked.show)


def _serve(asked: argparse.Namespace) -> int:
    from printstd.gate.service import serve

    return serve(asked.settings, asked.host, asked.port, asked.api_key_file, asked.programs)


def _watch(asked: argparse.Namespace) -> int:
    from printstd.gate.watching import watch

    if (asked.moonraker is None) == (asked.octoprint is None):
        raise UsageError(
            said("say which host is watched"),
            got=said("none, or two"),
            wanted=said("--moonraker URL or --octoprint URL"),
            hint=said("one process watches one printer"),
        )
    return watch(
        asked.settings,
        asked.moonraker or asked.octoprint,
        is_octoprint=asked.octoprint is not None,
        api_key_file=asked.api_key_file,
        every_s=asked.every,
        seconds=asked.seconds,
    )


def _install_moonraker(asked: argparse.Namespace) -> int:
    from printstd.gate.installing import install_moonraker

    return install_moonraker(asked.folder, asked.config)


def _install_octoprint(asked: argparse.Namespace) -> int:
    from printstd.gate.installing import install_octoprint

    return install_octoprint(asked.folder)
