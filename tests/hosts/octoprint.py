"""OctoPrint with the virtual printer that it brings: a real server, a simulated Marlin board."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.hosts.asking import ask
from tests.hosts.installed import program
from tests.hosts.running import Running, free_port, wait_for

KEY = "00112233445566778899AABBCCDDEEFF"

_DISABLED = [
    "announcements",
    "softwareupdate",
    "tracking",
    "errortracking",
    "discovery",
    "achievements",
    "pluginmanager",
    "health_check",
    "corewizard",
]


class OctoPrint:
    """One server. url, key : how to reach it. folder : its own, with logs/ and uploads/."""

    def __init__(
        self,
        folder: Path,
        *,
        virtual: Mapping[str, Any],
        analysis: bool,
        settings: Mapping[str, Any],
        plugins: Mapping[str, bytes],
        env: Mapping[str, str],
    ) -> None:
        executable = program("octoprint")
        self.folder, self.port, self.key = folder, free_port(), KEY
        self.url = f"http://127.0.0.1:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        config: dict[str, Any] = {
            "server": {
                "firstRun": False,
                "onlineCheck": {"enabled": False},
                "pluginBlacklist": {"enabled": False},
            },
            "serial": {"port": "VIRTUAL", "baudrate": 115200, "autoconnect": True},
            **settings,
            "plugins": {
                "_disabled": _DISABLED,
                "virtual_printer": {"enabled": True, "simulated_errors": [], **virtual},
                **settings.get("plugins", {}),
            },
        }
        if not analysis:
            config["gcodeAnalysis"] = {"runAt": "never"}
        user = {
            "active": True,
            "apikey": KEY,
            "groups": ["admins", "users"],
            "password": "!",
            "permissions": [],
            "roles": ["user", "admin"],
            "settings": {},
        }
        for name, text in plugins.items():
            (folder / "plugins").mkdir(exist_ok=True)
            (folder / "plugins" / name).write_bytes(text)
        # JSON is YAML.
        (folder / "config.yaml").write_text(json.dumps(config))
        (folder / "users.yaml").write_text(json.dumps({"_version": 2, "farm": user}))
        self.process = Running(
            [
                executable,
                "serve",
                "--iknowwhatimdoing",
                "-b",
                folder,
                "--host",
                "127.0.0.1",
                "--port",
                str(self.port),
            ],
            folder / "said.log",
            env=dict(env),
        )

    def ask(self, path: str, **options: Any) -> tuple[int, Any]:
        headers = {"X-Api-Key": KEY, **options.pop("headers", {})}
        return ask(self.url + path, headers=headers, **options)

    def is_operational(self) -> bool:
        # While it begins, a small server on the same port answers 404.
        status, told = self.ask("/api/connection")
        return status == 200 and told["current"]["state"] == "Operational"

    def wait(self) -> None:
        wait_for("OctoPrint is operational", self.is_operational, self.process)

    def restart(self, how: signal.Signals = signal.SIGKILL) -> None:
        self.process.stop(how)
        self.process.start()
        self.wait()

    def serial_log(self) -> str:
        """All that went to the virtual board and came back."""
        return (self.folder / "logs" / "plugin_virtual_printer_serial.log").read_text()


@contextmanager
def octoprint(
    folder: Path,
    *,
    virtual: Mapping[str, Any] | None = None,
    analysis: bool = False,
    settings: Mapping[str, Any] | None = None,
    plugins: Mapping[str, bytes] | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[OctoPrint]:
    """virtual : settings of its virtual printer. analysis : it analyses programs that come in.
    plugins : files of its folder of plugins. env : e.g. a PYTHONPATH for them."""
    server = OctoPrint(
        folder,
        virtual=virtual or {},
        analysis=analysis,
        settings=settings or {},
        plugins=plugins or {},
        env=env or {},
    )
    try:
        server.wait()
        yield server
    finally:
        server.process.stop()
