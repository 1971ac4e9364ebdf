"""The farm's page in a real Chromium, its printer a real OctoPrint with its virtual printer."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import shapely
from PIL import Image

from printstd.adapters.farm_folder import TRUST, FarmSettings, new_folder
from printstd.adapters.farm_store.store import new_store
from printstd.adapters.keys import new_key
from printstd.artifacts.farm import FarmPrinter, HostAddress, Loaded, Nozzle, Spool
from printstd.certify.keys import public_pem
from printstd.cli.farm_place import now_ms
from tests.e2e.chromium import Page, browser, found
from tests.hosts.asking import ask
from tests.hosts.octoprint import octoprint
from tests.mutation.tiny_slicer import prism_stl

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"


@dataclass
class Service:
    url: str
    key: str
    folder: Path

    def ask(self, path: str, **options: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.key}"}
        return ask(f"{self.url}api/v1/{path}", headers=headers, **options)


def _printstd(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "farm", *arguments, "--farm", str(folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    base = tmp_path_factory.mktemp("page")
    folder = base / "farm"
    with octoprint(base / "octoprint") as host:
        folder.mkdir()
        public = new_key(folder / "maker", algorithm="p256", passphrase=None)
        store = new_store(str(folder / "farm.sqlite"))
        made = new_folder(folder, FarmSettings(trust=TRUST), {"maker.pub": public_pem(public)})
        made.keep_secrets("mk4-1", {"key": host.key})
        with store.writing("test") as rows:
            rows.add_spool(Spool("white-1", "pla", 1_000_000, "white"), now_ms())
            for name, address, spool in (
                ("mk4-1", f"octoprint+{host.url}", "white-1"),
                ("mk4-2", "octoprint+http://127.0.0.1:9", ""),
            ):
                loaded = (Loaded(0, spool),) if spool else ()
                address_of = HostAddress(address, "mk4-1" if spool else "")
                nozzle = Nozzle("n1", 400)
                rows.add_printer(
                    FarmPrinter(name, "mk4s", address_of, nozzle, loaded=loaded), now_ms()
                )
        store.close()
        (base / "password").write_text(PASSWORD + "\n")
        for name, scope in (("anna", "operate"), ("guest", "read")):
            file = str(base / "password")
            _printstd(folder, "user", "add", name, "--scope", scope, "--password-file", file)
        key = _printstd(folder, "key", "new", "the test", "--scope", "read")
        process = subprocess.Popen(
            [
                *(sys.executable, str(ROOT / "cli.py"), "farm", "serve", "--farm", str(folder)),
                *("--port", "0", "--key", str(folder / "maker.key")),
            ],
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "http://" in line, line + process.stderr.read()
        try:
            yield Service("http://" + line.strip().rpartition("http://")[2], key, folder)
        finally:
            process.send_signal(signal.SIGTERM)
            told = process.communicate(timeout=60)[1]
            assert process.returncode == 0, told
            assert "Traceback" not in told, told


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = found()
    if program is None:
        pytest.skip("no Chromium is installed (Debian: chromium)")
    with browser(program, tmp_path_factory.mktemp("browser")) as tab:
        yield tab


def _log_in(page: Page, service: Service, name: str) -> None:
    """Whoever was logged in before."""
    page.open(service.url + "login")
    page.until("document.readyState === 'complete' && !!document.getElementById('user')")
    page.run(
        f"document.getElementById('user').value = {name!r};"
        f"document.getElementById('password').value = {PASSWORD!r};"
        "document.querySelector('form.login button').click()"
    )
    page.until("!!document.querySelector('[role=tab]') && document.readyState === 'complete'")


def _click(page: Page, selector: str) -> None:
    page.run(f"document.querySelector({selector!r}).click()")


def _is_seen(selector: str) -> str:
    return f"(document.querySelector({selector!r})?.offsetParent ?? null) !== null"


def _shows_something(page: Page, picture: Path) -> None:
    """The frame is of an origin that no script here can read: its pixels tell."""
    left, top, wide, high = page.run(
        "(() => { const r = document.getElementById('report').getBoundingClientRect();"
        "return [r.x, r.y, r.width, r.height]; })()"
    )
    end = time.monotonic() + 30
    while True:
        picture.write_bytes(page.screenshot())
        with Image.open(picture) as shot:
            part = shot.convert("RGB").crop((left + 9, top + 9, left + wide - 9, top + high - 9))
        if len(part.getcolors(1 << 24) or ()) > 50:
            return
        assert time.monotonic() < end, "the frame stays empty"
        time.sleep(0.3)


def test_from_a_dropped_model_to_a_printed_part(
    page: Page, service: Service, tmp_path: Path
) -> None:
    # Moves take a tenth of their time at the virtual printer.
    (tmp_path / "block.stl").write_bytes(prism_stl(shapely.box(-6, -5, 6, 5), 2.4))
    _log_in(page, service, "anna")
    page.until("document.querySelectorAll('#printers > li').length === 2")
    page.until("document.getElementById('live').classList.contains('on')")
    page.until("document.querySelector('#printer-mk4-1').dataset.state === 'idle'")
    actions = 0
    for act in (
        lambda: _click(page, "#tab-new_part"),
        lambda: page.choose_file("#file", tmp_path / "block.stl"),
        lambda: _click(page, "#check"),
        lambda: _click(page, "#certify"),
        lambda: _click(page, "#enqueue"),
    ):
        page.until(
            {
                1: "document.getElementById('choice-printer').value === 'mk4s'",
                2: "!document.getElementById('check').disabled",
                3: _is_seen("#certify"),
                4: _is_seen("#enqueue"),
            }.get(actions, "true"),
            120,
        )
        if actions == 3:
            assert page.run("document.getElementById('made-stage').className") == "good"
            # The model stands in its frame, in an origin that can reach nothing of the page's.
            source = page.run("document.getElementById('report').src")
            assert "/report" in source
            page.until("document.getElementById('report').dataset.loaded === 'yes'")
            _shows_something(page, tmp_path / "checked.png")
        act()
        actions += 1
    assert actions <= 6
    job = page.until("document.getElementById('made').dataset.job", 60)
    assert job == "J1"

    _click(page, "#tab-queue")
    page.until("document.querySelector('#print-1')?.dataset.state === 'printing'", 60)
    # The bar moves without anybody asking.
    page.until("Number(document.querySelector('#print-1 progress')?.value) > 0.05", 90)
    (tmp_path / "printing.png").write_bytes(page.screenshot())
    page.until("document.querySelector('#print-1')?.dataset.state === 'awaiting_clear'", 180)
    _click(page, "#tab-printers")
    page.until(_is_seen("#printer-mk4-1 .deeds .main"))
    _click(page, "#printer-mk4-1 .deeds .main")
    page.until("document.querySelector('#printer-mk4-1')?.dataset.state === 'idle'", 30)
    status, told = service.ask("prints?ended=true")
    assert (status, [one["state"] for one in told["prints"]]) == (200, ["done"])
    assert page.complaints == []
    asked = [url for url in page.requests if not url.startswith("data:")]
    assert all(url.startswith((service.url, service.url.rstrip("/"))) for url in asked), asked


def test_on_a_phone_in_every_language(page: Page, service: Service, tmp_path: Path) -> None:
    _log_in(page, service, "anna")
    page.be_a_phone()
    for language in ("kk", "ru", "en"):
        page.open(service.url)
        page.run(
            f"document.getElementById('language').value = {language!r};"
            "document.querySelector('form.language button').click()"
        )
        page.until(
            f"document.documentElement?.lang === {language!r} && document.readyState === 'complete'"
        )
        for tab in ("printers", "queue", "new_part", "spools", "history"):
            _click(page, f"#tab-{tab}")
            page.until(_is_seen(f"#panel-{tab}"))
            wide = page.run("document.documentElement.scrollWidth")
            assert wide <= 360, (language, tab, wide)
        (tmp_path / f"phone-{language}.png").write_bytes(page.screenshot())
        # Whatever can be tapped is large enough for a finger, and has a name.
        small = page.run(
            "[...document.querySelectorAll('button, select')].filter((one) => one.offsetParent "
            "&& (one.offsetHeight < 40 || !(one.textContent.trim() || one.ariaLabel))).length"
        )
        assert small == 0
    assert page.complaints == []


def test_who_may_only_read_sees_no_deeds(page: Page, service: Service) -> None:
    _log_in(page, service, "guest")
    page.until("document.querySelectorAll('#printers > li').length === 2")
    assert page.run("document.querySelectorAll('#printers .deeds button').length") == 0
    told = page.run(
        "fetch('/api/v1/do/mk4-1/pause', {method: 'POST', headers: {'X-CSRF-Token': "
        "JSON.parse(document.getElementById('boot').textContent).token}}).then((a) => a.status)"
    )
    assert told == 403
