"""`farm serve`, `farm user` and `farm key` by command: what they refuse, and what is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.command import printstd


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("service")
    assert printstd("keys", "new", "shop", cwd=folder).code == 0
    assert printstd("farm", "init", "farm", "--trust", "shop.pub", cwd=folder).code == 0
    (folder / "password").write_text("correct horse battery\nnot this\n")
    (folder / "short").write_text("short\n")
    return folder


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--host", "0.0.0.0"), 2, "in the clear"),
        (("--host", "::"), 2, "in the clear"),
        (("--tls-cert", "a.pem"), 2, "--tls-key"),
        (("--key", "nobody.key"), 4, "nobody.key"),
    ],
)
def test_what_is_not_served(farm: Path, options: tuple[str, ...], code: int, told: str) -> None:
    done = printstd("farm", "serve", "--farm", "farm", *options, cwd=farm)
    assert done.code == code
    assert told in done.err


def test_users_and_keys(farm: Path) -> None:
    at = ("--farm", "farm")
    add = ("farm", "user", "add", "anna", *at)
    assert printstd(*add, cwd=farm).code == 2  # nobody to ask
    assert printstd(*add, "--password-file", "short", cwd=farm).code == 2
    assert printstd(*add, "--password-file", "password", "--scope", "god", cwd=farm).code == 2
    assert printstd(*add, "--password-file", "password", "--scope", "submit", cwd=farm).code == 0
    listed = printstd("farm", "user", "list", *at, "--format", "json", cwd=farm)
    assert json.loads(listed.out)["users"] == [{"user": "anna", "scope": "submit"}]
    key = printstd("farm", "key", "new", "grafana", *at, cwd=farm).out.strip()
    assert len(key) > 40
    listed = printstd("farm", "key", "list", *at, "--format", "json", cwd=farm)
    assert json.loads(listed.out)["keys"] == [{"key": key[:8], "scope": "read", "note": "grafana"}]
    assert key not in (farm / "farm" / "access.json").read_text()
    assert printstd("farm", "key", "revoke", key[:8], *at, cwd=farm).code == 0
    assert printstd("farm", "key", "revoke", key[:8], *at, cwd=farm).code == 4
    assert printstd("farm", "user", "remove", "anna", *at, cwd=farm).code == 0
    assert printstd("farm", "user", "remove", "anna", *at, cwd=farm).code == 4
