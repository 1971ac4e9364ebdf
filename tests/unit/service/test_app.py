"""The service's routes: who may do what, from where, and what they answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from printstd.adapters.farm_folder import TRUST, FarmSettings, new_folder, open_folder
from printstd.adapters.farm_store.store import new_store, open_store
from printstd.adapters.keys import load_signer, new_key
from printstd.artifacts.farm import FarmPrinter, HostAddress, Loaded, Nozzle, Seen, Spool
from printstd.certify.keys import public_pem
from printstd.cli.farm_place import Farm, now_ms, policy_of
from printstd.service.access import Access, Scope
from printstd.service.app import Desk, make_app
from printstd.service.making import Workshop
from printstd.service.words import LANGUAGES, PAGE, chosen
from tests.small_part import pair

PASSWORD = "correct horse battery"
OWN = "http://testserver"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A farm with a user of every scope, made once."""
    folder = tmp_path_factory.mktemp("kept") / "farm"
    folder.mkdir()
    public = new_key(folder / "maker", algorithm="p256", passphrase=None)
    store = new_store(str(folder / "farm.sqlite"))
    new_folder(folder, FarmSettings(trust=TRUST), {"maker.pub": public_pem(public)})
    with store.writing("test") as rows:
        rows.add_spool(Spool("s1", "peer", 500_000), now_ms())
        for name in ("p1", "p2"):
            rows.add_printer(
                FarmPrinter(
                    name,
                    "peer",
                    HostAddress("octoprint+http://10.0.0.7", "hidden"),
                    Nozzle("n", 400),
                    loaded=(Loaded(0, "s1"),) if name == "p1" else (),
                ),
                now_ms(),
            )
        rows.set_seen([Seen("p1", now_ms(), "idle", nozzle_mc=21_500)])
    with store.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    access = Access(folder, lambda: 1_790_000_000.0)
    for scope in Scope:
        access.set_user(scope.value, PASSWORD, scope)
    return folder


@pytest.fixture
def desk(kept: Path, tmp_path: Path) -> Iterator[Desk]:
    folder = Path(shutil.copytree(kept, tmp_path / "farm"))
    made = open_folder(folder)
    store = open_store(made.place)
    access = Access(folder, lambda: 1_790_000_000.0)
    workshop = Workshop(folder, key=folder / "maker.key", at_once=1)
    yield Desk(Farm(made, store, policy_of(made)), access, workshop, is_secure=False)
    workshop.close()
    store.close()


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    with TestClient(make_app(desk), base_url=OWN, follow_redirects=False) as made:
        yield made


def log_in(client: TestClient, desk: Desk, scope: Scope) -> dict[str, str]:
    """Headers that the page itself would send."""
    sent = {"user": scope.value, "password": PASSWORD}
    answer = client.post("/login", data=sent, headers={"Origin": OWN})
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    page = client.get("/").text
    boot = page.split('id="boot">')[1].split("</script>")[0]
    return {"X-CSRF-Token": json.loads(boot)["token"], "Origin": OWN}


def submitted(client: TestClient, desk: Desk, headers: dict[str, str]) -> Any:
    made = pair(load_signer(desk.farm.folder.path / "maker.key"), None)
    files = [
        ("f", ("part.gcode", made.program)),
        ("f", ("part.gcode.cert.json", made.generation)),
        ("f", ("part.gcode.recheck.json", made.recheck)),
    ]
    return client.post("/api/v1/jobs?copies=2", files=files, headers=headers)


GETS = ("me", "printers", "prints", "spools", "history", "profiles", "jobs/1", "models/x")
POSTS = {
    "printers/p1/ready": Scope.OPERATE,
    "do/p1/pause": Scope.OPERATE,
    "jobs": Scope.SUBMIT,
    "models?name=a.stl": Scope.SUBMIT,
    "models/x/check": Scope.SUBMIT,
    "models/x/certify": Scope.SUBMIT,
    "models/x/queue": Scope.SUBMIT,
}


def test_nobody_sees_anything(client: TestClient) -> None:
    assert client.get("/").headers["location"] == "/login"
    for path in GETS:
        assert client.get(f"/api/v1/{path}").status_code == 401, path
    for path in POSTS:
        assert client.post(f"/api/v1/{path}", json={}).status_code == 401, path
    assert client.get("/metrics").status_code == 401
    for key in ("Bearer x", "Basic eDp5", "Bearer " + "y" * 43):
        assert client.get("/api/v1/me", headers={"Authorization": key}).status_code == 401


def test_every_route_that_changes_something_is_listed(client: TestClient) -> None:
    routes = client.get("/api/v1/openapi.json").json()["paths"]
    changing = {path for path, verbs in routes.items() if set(verbs) - {"get"}}
    assert len(changing) == len(POSTS)
    assert all({"post"} >= set(verbs) - {"get"} for verbs in routes.values())


def test_scopes_are_held_by_every_route(client: TestClient, desk: Desk) -> None:
    for own in Scope:
        key = {"Authorization": f"Bearer {desk.access.new_key(own, '')}"}
        for path, wanted in POSTS.items():
            body = {"printer": "peer"} if path.endswith("check") else {}
            status = client.post(f"/api/v1/{path}", json=body, headers=key).status_code
            assert (status == 403) == (not own.holds(wanted)), (own, path, status)


def test_a_page_elsewhere_can_do_nothing(client: TestClient, desk: Desk) -> None:
    own = log_in(client, desk, Scope.ADMIN)
    for path in POSTS:
        for wrong in (
            {},
            {"Origin": OWN},
            {**own, "Origin": "http://evil.example"},
            {**own, "Origin": "null"},
            {**own, "X-CSRF-Token": "0" * 64},
        ):
            answer = client.post(f"/api/v1/{path}", json={}, headers=wrong)
            assert answer.status_code == 403, (path, wrong)
    assert client.post("/api/v1/do/p1/pause", headers=own).status_code == 200
    assert client.get("/api/v1/printers").json()["printers"][0]["paused"] is True
    for path in ("/login", "/logout"):
        sent = {"user": "read", "password": PASSWORD}
        answer = client.post(path, data=sent, headers={"Origin": "http://evil.example"})
        assert answer.status_code == 403


def test_headers_keep_everything_at_home(client: TestClient, desk: Desk) -> None:
    log_in(client, desk, Scope.READ)
    for path in ("/", "/login", "/api/v1/printers", "/static/farm.js"):
        found = client.get(path).headers
        assert "default-src 'none'" in found["content-security-policy"], path
        assert "unsafe" not in found["content-security-policy"], path
        assert found["x-content-type-options"] == "nosniff"
    page = client.get("/").text
    assert "http://" not in page.replace(OWN, "")
    assert "https://" not in page


def test_hosts_and_their_secrets_are_not_shown(client: TestClient, desk: Desk) -> None:
    log_in(client, desk, Scope.ADMIN)
    text = client.get("/api/v1/printers").text
    assert '"host":"octoprint"' in text
    assert "10.0.0.7" not in text
    assert "hidden" not in text


def test_passwords_are_not_guessed_fast(client: TestClient) -> None:
    def guess() -> int:
        return client.post("/login", data={"user": "admin", "password": "wrong"}).status_code

    assert [guess() for _ in range(5)] == [401] * 5
    answer = client.post("/login", data={"user": "admin", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


def test_a_program_is_taken_with_its_certificates_alone(client: TestClient, desk: Desk) -> None:
    own = log_in(client, desk, Scope.OPERATE)
    made = pair(load_signer(desk.farm.folder.path / "maker.key"), None)
    bare = client.post("/api/v1/jobs", files={"f": ("a.gcode", made.program)}, headers=own)
    assert bare.status_code == 422
    assert bare.json()["what_to_do"]
    assert client.get("/api/v1/prints").json()["total"] == 0
    answer = submitted(client, desk, own)
    assert (answer.status_code, answer.json()["copies"]) == (201, 2)
    found = client.get("/api/v1/prints").json()
    assert found["total"] == 2
    assert {one["certificate"]["level"] for one in found["prints"]} == {"C2"}
    reasons = {r["printer"]: r for r in client.get("/api/v1/jobs/1").json()["reasons"]}
    assert reasons["p1"]["could"] is True
    assert "spool" in reasons["p2"]["reason"]
    assert client.post("/api/v1/do/1/cancel", headers=own).status_code == 200
    assert client.post("/api/v1/do/1/resume", headers=own).status_code == 409
    assert client.get("/api/v1/prints").json()["total"] == 1
    assert client.get("/api/v1/prints?ended=true").json()["prints"][0]["state"] == "cancelled"
    assert client.get("/api/v1/jobs/99").status_code == 404
    text = client.get("/metrics").text
    assert "printstd_farm_prints" in text


def test_a_huge_body_is_refused_before_anybody_is_asked(client: TestClient) -> None:
    for path in ("/login", "/language", "/api/v1/models/x/check", "/api/v1/printers/p1/ready"):
        assert client.post(path, content=b"x" * ((1 << 20) + 1)).status_code == 413, path
    # Where files are taken nothing is read of one that nobody may send.
    assert client.post("/api/v1/models?name=a.stl", content=b"x" * (2 << 20)).status_code == 401


def test_pages_are_parts_of_one_list(client: TestClient, desk: Desk) -> None:
    own = log_in(client, desk, Scope.SUBMIT)
    for _ in range(3):
        submitted(client, desk, own)
    numbers = []
    for offset in range(0, 6, 2):
        page = client.get(f"/api/v1/prints?offset={offset}&limit=2").json()
        assert page["total"] == 6
        numbers += [one["number"] for one in page["prints"]]
    assert sorted(numbers) == numbers
    assert len(set(numbers)) == 6


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("../../etc/passwd", b"x", 404),
        ("part.exe", b"x", 404),
        ("part.stl", b"", 404),
        ("../../../part.stl", b"solid x\nendsolid x\n", 201),
    ],
)
def test_names_of_models_lead_nowhere(
    client: TestClient, desk: Desk, name: str, data: bytes, status: int
) -> None:
    own = log_in(client, desk, Scope.SUBMIT)
    answer = client.post("/api/v1/models", params={"name": name}, content=data, headers=own)
    assert answer.status_code == status, answer.text
    held = [p for p in desk.farm.folder.path.rglob("*") if p.name.startswith("model.")]
    assert all(p.parent.parent == desk.farm.folder.path / "models" for p in held)
    assert len(held) == (1 if status == 201 else 0)
    for wrong in ("..%2F..%2Ffarm.toml", "x", "A" * 16):
        assert client.get(f"/api/v1/models/{wrong}/report").status_code == 404


def test_names_of_profiles_are_names(client: TestClient, desk: Desk) -> None:
    own = log_in(client, desk, Scope.SUBMIT)
    model = client.post("/api/v1/models?name=a.stl", content=b"solid", headers=own).json()["id"]
    for wrong in ("--key=x", "../peer", "a b", ""):
        answer = client.post(f"/api/v1/models/{model}/check", json={"printer": wrong}, headers=own)
        assert answer.status_code == 409
    assert client.post(f"/api/v1/models/{model}/certify", headers=own).status_code == 409
    assert client.post(f"/api/v1/models/{model}/queue", json={}, headers=own).status_code == 409


def test_the_live_connection_tells_what_changes_to_those_who_may_see_it(
    client: TestClient, desk: Desk
) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/v1/live") as socket:
        socket.receive_text()
    own = log_in(client, desk, Scope.OPERATE)
    foreign = {"Origin": "http://evil.example"}
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/api/v1/live", headers=foreign) as socket,
    ):
        socket.receive_text()
    with client.websocket_connect("/api/v1/live", headers={"Origin": OWN}) as socket:
        socket.send_text(json.dumps({"printers": ["p1"], "prints": []}))
        first = socket.receive_json()
        while "printers" not in first:
            first = socket.receive_json()
        assert [one["name"] for one in first["printers"]] == ["p1"]
        client.post("/api/v1/do/p1/pause", headers=own)
        news = socket.receive_json()
        assert news["printers"][0]["paused"] is True
        assert "p2" not in json.dumps(news)


def test_the_page_speaks_the_readers_language(client: TestClient, desk: Desk) -> None:
    assert '<html lang="kk">' in client.get("/login", headers={"Accept-Language": "kk"}).text
    client.post("/language", data={"language": "ru"})
    assert '<html lang="ru">' in client.get("/login").text
    client.post("/language", data={"language": "xx"})
    assert '<html lang="ru">' in client.get("/login").text


@pytest.mark.parametrize(
    ("cookie", "accepted", "wanted"),
    [
        (None, None, "en"),
        ("ru", "kk", "ru"),
        ("xx", "kk", "kk"),
        (None, "de,fr;q=0.9", "en"),
        (None, "en;q=0.2, kk-KZ;q=0.9", "kk"),
        (None, ";;q=,ru;q=x,kk", "kk"),
    ],
)
def test_the_first_language_that_the_page_has(
    cookie: str | None, accepted: str | None, wanted: str
) -> None:
    assert wanted in LANGUAGES
    assert chosen(cookie, accepted) == wanted


def test_every_word_that_the_page_uses_is_there() -> None:
    import re

    folder = Path(make_app.__code__.co_filename).parent
    script = (folder / "static" / "farm.js").read_text("utf-8")
    used = set(re.findall(r'word\("([A-Za-z_ ]+)"\)', script))
    used |= set(re.findall(r'button\("([a-z_]+)"', script))
    for file in (folder / "templates").iterdir():
        used |= set(re.findall(r"words\.([a-z_0-9]+)", file.read_text("utf-8")))
    assert used
    assert used <= set(PAGE)


def test_reasons_and_history_are_in_the_reader_s_language(client: TestClient, desk: Desk) -> None:
    own = log_in(client, desk, Scope.OPERATE)
    assert submitted(client, desk, own).status_code == 201
    assert client.post("/api/v1/do/1/pause", headers=own).status_code == 200
    english, russian = (
        client.get("/api/v1/prints", headers={"Accept-Language": name}).json()["prints"]
        for name in ("en", "ru")
    )
    reasons = [{one["reason"] for one in told if one["reason"]} for told in (english, russian)]
    assert reasons[0] == {"held by hand"}
    assert reasons[1]
    assert reasons[1].isdisjoint(reasons[0])
    (line,) = (
        one
        for one in client.get("/api/v1/history", headers={"Accept-Language": "ru"}).json()["events"]
        if one["kind"] == "hold"
    )
    assert reasons[1].pop() in line["told"]
    assert line["about"]["reason"] == "held by hand"
    assert set(line) == {"number", "at", "by", "kind", "about", "what", "told", "sha256"}
