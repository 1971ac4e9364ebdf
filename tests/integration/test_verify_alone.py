"""`verify --policy` over what no program lies with: a part's statement, a passport, the record of a
machine. They are held to a policy as a certificate is, and what of it cannot be told is a no."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from printstd.adapters import clock
from printstd.adapters.keys import FileSigner
from printstd.certify.dsse import read_bundle, sign_bundle, with_stamp
from printstd.certify.keys import public_key_of, public_pem
from printstd.certify.log.checkpoint import cosign
from printstd.certify.log.entry import entry_of
from printstd.certify.log.notes import read_note, with_lines
from printstd.certify.log.store import add_cosignatures, append
from printstd.certify.log.store import prove as proved
from printstd.certify.revocation import list_statement, revocation_statement
from printstd.cli.commands.verify import load_policy, verified_subject
from printstd.cli.main import run
from printstd.errors import VerificationError
from tests.integration.command import ROOT
from tests.unit.certify.authority import (
    URI,
    Authority,
    co_signature,
    named,
    p256,
    rsa_key,
    stamp,
    stamp_certificate,
)
from tests.unit.certify.carriers import cases
from tests.unit.certify.log import logs
from tests.unit.certify.test_as_run import bundle as run_bundle
from tests.unit.certify.test_as_run import honest

DAY = ("--time", "1795392000")
"""2026-11-23: within the validity of the sample of a record."""
YEARS_LATER = ("--time", "1845392000")
CAPABILITY = (ROOT / "samples" / "capability" / "capability.json").read_bytes()
GENERATION = b'{"a generation statement": 1}'
PROCESS = json.loads(read_bundle(CAPABILITY, "c").payload)["predicate"]["record"]["machine"]
KINDS = ("part", "passport", "capability")


def bundles() -> dict[str, bytes]:
    """Each kind in the form that names all it rests on, as it is made today."""
    own = hashlib.sha256(GENERATION).hexdigest()

    def trace(statement: Any) -> None:
        statement["predicate"]["record"]["certified"]["rests_on"] = ["1" * 64, own]

    return {
        "part": cases.traced_part(generation=own),
        "passport": cases.resigned(cases.passport(), trace),
        "capability": cases.resigned(CAPABILITY, lambda _: None),
        "old part": cases.part_statement(),
        "old passport": cases.passport(),
    }


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The statements, the key that they stand under, and an empty folder of revocations."""
    monkeypatch.chdir(tmp_path)
    for name, data in bundles().items():
        (tmp_path / f"{name}.json").write_bytes(data)
    (tmp_path / "k.pub").write_bytes(public_pem(cases.key().public))
    (tmp_path / "revoked").mkdir()
    return tmp_path


KEYS = 'recheck = ["k.pub"]\ngenerator = ["k.pub"]'


def policy(text: str = "", keys: str = KEYS) -> str:
    """A policy that says this: values, or tables."""
    parts = [f"[keys]\n{keys}"]
    parts.insert(1 if text.startswith("[") else 0, text)
    Path("p.toml").write_text("\n".join(parts) + "\n")
    return "p.toml"


def verify(kind: str, capsys, *time: str) -> tuple[int, str]:
    capsys.readouterr()
    code = run(["verify", f"{kind}.json", "--policy", "p.toml", *(time or DAY)])
    found = capsys.readouterr()
    return code, found.out + found.err


UNDECIDED = {
    "level": 'minimum_level = "C3"\n',
    "co-signature": '[[co_signer]]\nstatement = "recheck"\nroots = ["root.pem"]',
    "as-run": "[as_run]\nrequired = true",
    "material profile": f'[profiles]\nmaterial = ["{"0" * 64}"]',
    "standard": 'standards = ["iso-2768-1:m"]',
}


@pytest.mark.parametrize("kind", KINDS)
def test_under_a_plain_policy_each_stands(table, capsys, kind):
    policy('packs = ["int"]\nmax_age_days = 36500')
    assert verify(kind, capsys)[0] == 0
    assert run(["verify", f"{kind}.json", "--trust", "k.pub", *DAY, "-q"]) == 0


TELLS = {
    ("material profile", "part"),
    ("standard", "part"),
    ("as-run", "capability"),
    ("co-signature", "capability"),
}
"""A part's statement names every profile; a machine's record is of no program's run, and a
re-checker's statement itself."""


@pytest.mark.parametrize(
    ("demand", "kind"),
    [(demand, kind) for demand in UNDECIDED for kind in KINDS if (demand, kind) not in TELLS],
)
def test_what_cannot_be_told_of_a_statement_is_a_no(table, capsys, demand, kind):
    (table / "root.pem").write_bytes(Authority("nca").certificate.public_bytes(Encoding.PEM))
    keys = KEYS
    if demand == "level":
        (table / "other.pub").write_bytes(public_pem(cases.stranger().public))
        (table / "log.policy").write_text(f"log {logs.key()[0].vkey}\nquorum none\n")
        keys = KEYS.replace('generator = ["k', 'generator = ["other')
        keys += '\n[log]\npolicy = "log.policy"'
    policy(UNDECIDED[demand], keys)
    code, said = verify(kind, capsys)
    assert code == 6
    assert "NOT_EVALUATED" in said
    assert demand in said


def test_what_can_be_told_is_decided(table, capsys):
    for text, kind, code in (
        (f'[profiles]\nprocess = ["{PROCESS["process_sha256"]}"]', "capability", 0),
        (f'[profiles]\nprocess = ["{"0" * 64}"]', "capability", 6),
        (f'[profiles]\nmaterial = ["{"0" * 64}"]', "part", 6),
        ('standards = ["iso-2768-1:v"]', "part", 6),
        ("[as_run]\nrequired = true", "capability", 0),
        ('packs = ["kz"]', "part", 6),
        ('packs = ["kz"]', "passport", 6),
        ('packs = ["kz"]', "capability", 6),
        ("max_age_days = 1", "part", 6),
        ("max_age_days = 1", "passport", 6),
    ):
        policy(text)
        found, said = verify(kind, capsys)
        assert found == code, (text, kind, said)
        assert "NOT_EVALUATED" not in said
    policy("max_age_days = 1")
    assert verify("capability", capsys, "--time", "1795652000")[0] == 6
    # Issued today, of a certificate that the policy finds too old.
    Path("passport.json").write_bytes(cases.traced_passport(cases.OLD))
    policy("max_age_days = 18000")
    assert verify("passport", capsys)[0] == 6


YESTERDAY = "2026-11-22T00:00:00Z"


def revoked(what: bytes | str) -> None:
    """A payload, or what has this digest, is revoked in the policy's folder."""
    payload = what if isinstance(what, bytes) else b""
    made = revocation_statement(
        [("x", payload)], reason="wrong material", superseded_by=None, issued_at=YESTERDAY
    )
    if isinstance(what, str):
        made = made.replace(hashlib.sha256(b"").hexdigest().encode(), what.encode())
    Path("revoked/r.json").write_bytes(sign_bundle(made, cases.key()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_revoked_statement_is_refused(table, capsys, kind):
    policy('[revocations]\nfolder = "revoked"')
    assert verify(kind, capsys)[0] == 0
    revoked(read_bundle(Path(f"{kind}.json").read_bytes(), "x").payload)
    code, said = verify(kind, capsys)
    assert (code, "wrong material" in said) == (6, True)
    # Beside it, too, and where the policy speaks of no folder.
    Path("revoked/r.json").rename(f"{kind}.revocation.json")
    policy()
    assert verify(kind, capsys)[0] == 6


@pytest.mark.parametrize(("kind", "plate"), [("part", "0" * 64), ("passport", "1" * 64)])
def test_what_rests_on_a_revoked_certificate_is_refused(table, capsys, kind, plate):
    policy('[revocations]\nfolder = "revoked"')
    for basis in (plate, GENERATION):
        revoked(basis)
        code, said = verify(kind, capsys)
        assert (code, "wrong material" in said) == (6, True)
    Path("revoked/r.json").unlink()
    # Of one that does not name the generation nobody can tell that.
    assert verify(kind, capsys)[0] == 0
    code, said = verify(f"old {kind}", capsys)
    assert (code, "NOT_EVALUATED" in said) == (6, True)
    policy()
    assert verify(f"old {kind}", capsys)[0] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_folder_of_revocations_must_be_there_and_fresh(table, capsys, kind):
    policy('[revocations]\nfolder = "nowhere"')
    assert verify(kind, capsys)[0] == 6
    policy('[revocations]\nfolder = "revoked"\nmax_age_days = 7')
    assert verify(kind, capsys)[0] == 6
    made = list_statement([], issued_at=YESTERDAY)
    Path("revoked/list.json").write_bytes(sign_bundle(made, cases.key()))
    code, said = verify(kind, capsys)
    assert (code, YESTERDAY in said) == (0, True)


@pytest.mark.parametrize("kind", KINDS)
def test_an_identity_signs_as_a_key_does_while_its_certificate_is_valid(table, capsys, kind):
    root, key, stamps = Authority("root"), p256(), p256()
    leaf = root.issue(key)
    own = FileSigner(key, public_key_of(key.public_key(), "x"), leaf.public_bytes(Encoding.DER))
    payload = read_bundle(Path(f"{kind}.json").read_bytes(), "x").payload
    bundle = sign_bundle(payload, own)
    (table / f"{kind}.json").write_bytes(bundle)
    (table / "root.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    identity = f'[[identity]]\nrole = "recheck"\nuri = "{URI}"\nroots = ["root.pem"]'
    stamped = f'{identity}\n[timestamps]\nroots = ["root.pem"]'
    policy(identity, 'generator = ["k.pub"]')
    code, said = verify(kind, capsys)
    assert (code, URI in said) == (0, True), said
    policy(identity.replace(URI, f"{URI}/other"), 'generator = ["k.pub"]')
    assert verify(kind, capsys)[0] == 6
    if kind == "capability":
        return  # It ends before the certificate does.
    policy(stamped, 'generator = ["k.pub"]')
    assert verify(kind, capsys, *YEARS_LATER)[0] == 6
    reply = stamp(read_bundle(bundle, "x").signature, stamp_certificate(root, stamps), stamps)
    (table / f"{kind}.json").write_bytes(with_stamp(bundle, "x", reply))
    assert verify(kind, capsys, *YEARS_LATER)[0] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_co_signatures_beside_it_must_hold(table, capsys, kind):
    nca = Authority("nca")
    holder = nca.issue(rsa_key(), subject=named("holder"), uri=None, purposes=())
    payload = read_bundle(Path(f"{kind}.json").read_bytes(), "x").payload
    policy()
    Path(f"{kind}.p7s").write_bytes(co_signature(payload, holder, rsa_key()))
    code, said = verify(kind, capsys)
    assert (code, "co-signature" in said) == (0, True)
    Path(f"{kind}.p7s").write_bytes(co_signature(payload + b" ", holder, rsa_key()))
    assert verify(kind, capsys)[0] == 6


@pytest.mark.parametrize("kind", KINDS)
def test_a_log_s_proof_beside_it_must_hold(table, capsys, kind):
    store, public, own = logs.new(table / "l.sqlite")
    (table / "log.policy").write_text(f"log {public.vkey}\nquorum none\n")
    policy('[log]\npolicy = "log.policy"')
    entries = [entry_of(Path(f"{one}.json").read_bytes(), "x") for one in KINDS]
    with store.writing() as rows:
        append(rows, entries, own)
    with store.reading() as rows:
        proofs = [str(proved(rows, entry)) for entry in entries]
    at = KINDS.index(kind)
    place = Path(f"{kind}.json.tlog-proof")
    place.write_text(proofs[at])
    code, said = verify(kind, capsys)
    assert (code, logs.ORIGIN in said) == (0, True)
    place.write_text(proofs[at - 1])
    assert verify(kind, capsys)[0] == 6


def test_the_record_of_a_run_is_held_to_a_policy_too(table, capsys):
    record = run_bundle(honest())
    Path("run.json").write_bytes(record)
    statement = json.loads(read_bundle(record, "x").payload)["predicate"]["record"]["run"]
    for text, code in (
        ("max_age_days = 36500", 0),
        ("max_age_days = 1", 6),
        ('[revocations]\nfolder = "revoked"', 6),
        ('packs = ["int"]', 6),
        (UNDECIDED["standard"], 6),
        (UNDECIDED["as-run"], 0),
    ):
        policy(text)
        found, said = verify("run", capsys)
        assert found == code, text
        assert code == 0 or ("NOT_EVALUATED" in said) == ("age" not in text), text
    policy('[revocations]\nfolder = "revoked"')
    for basis in (read_bundle(record, "x").payload, statement["statement_sha256"]):
        revoked(basis)
        assert "wrong material" in verify("run", capsys)[1]


LOGGED = """minimum_level = "{level}"
[keys]
generator = [{generators}]
recheck = ["k.pub"]
[log]
policy = "log.policy"
"""


def test_a_machine_s_record_reaches_the_levels_that_are_of_itself(table, capsys):
    """C3: by a key that may not generate, and logged. C4: under a head that witnesses cosigned."""
    store, public, own = logs.new(table / "l.sqlite")
    witness, by = logs.witness_key("w.example")
    (table / "other.pub").write_bytes(public_pem(cases.stranger().public))
    data = Path("capability.json").read_bytes()

    def prove() -> None:
        with store.reading() as rows:
            Path("capability.json.tlog-proof").write_text(str(proved(rows, entry_of(data, "x"))))

    def verified(level: str, quorum: str = "none", *, generators: str = '"other.pub"'):
        lines = f"log {public.vkey}\nwitness w {witness.vkey}\nquorum {quorum}\n"
        (table / "log.policy").write_text(lines)
        Path("p.toml").write_text(LOGGED.format(level=level, generators=generators))
        code, said = verify("capability", capsys)
        assert code in (0, 6)
        return code == 0, "NOT_EVALUATED" in said

    assert verified("C2") == (True, False)
    assert verified("C3") == (False, True)  # it is in no log
    with store.writing() as rows:
        append(rows, [entry_of(data, "x")], own)
    prove()
    assert verified("C3") == (True, False)
    # Whoever may generate is no other hand, whatever else is trusted to.
    assert verified("C3", generators='"other.pub", "k.pub"') == (False, True)
    assert verified("C4") == (False, True)
    with store.writing() as rows:
        _, text = rows.checkpoint()
        note = read_note(text)
        add_cosignatures(
            rows, with_lines(note, [cosign(note, witness, by, 1_795_392_000)]), [witness]
        )
    prove()
    assert verified("C4", "w") == (True, False)
    # The same of a passport, which repeats what a program's own statements show, is refused.
    assert verify("passport", capsys)[0] == 6


def test_a_machine_s_record_is_co_signed_as_a_re_checker_s_statement_is(table, capsys):
    nca, other = Authority("nca"), Authority("other")
    holder = nca.issue(rsa_key(), subject=named("holder", OU="BIN1"), uri=None, purposes=())
    for name, root in (("root", nca), ("other", other)):
        Path(f"{name}.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    demand = '[[co_signer]]\nstatement = "{}"\nroots = ["{}.pem"]\nsubject = ["{}"]'
    payload = read_bundle(Path("capability.json").read_bytes(), "x").payload
    policy(demand.format("recheck", "root", "OU=BIN1"))
    assert verify("capability", capsys)[0] == 6
    Path("capability.p7s").write_bytes(co_signature(payload, holder, rsa_key()))
    code, said = verify("capability", capsys)
    assert (code, "checked, " in said) == (0, True), said
    for text in (("recheck", "other", "OU=BIN1"), ("recheck", "root", "OU=BIN2")):
        policy(demand.format(*text))
        assert verify("capability", capsys)[0] == 6
    # What is asked of a generation statement is of programs; a record has none.
    policy(demand.format("generation", "other", "OU=BIN2"))
    assert verify("capability", capsys)[0] == 0


def test_a_farm_holds_the_record_of_a_machine_to_its_policy(table, monkeypatch):
    """What `farm printer set --capability` does with one."""
    monkeypatch.setattr(clock.SystemClock, "now_utc", lambda _: "2026-11-23T00:00:00Z")
    from printstd.cli.commands.farm_printers import _capability

    def take(text: str = "") -> tuple[str, int]:
        rules = load_policy(None, Path(policy(text)))
        place: Any = SimpleNamespace(
            trust=rules, folder=SimpleNamespace(policy=(table / "p.toml").absolute())
        )
        printer: Any = SimpleNamespace(profile=PROCESS["printer"])
        return _capability(place, printer, table / "capability.json")

    assert take()[0] == hashlib.sha256((table / "capability.json").read_bytes()).hexdigest()
    for text in ('packs = ["kz"]', UNDECIDED["material profile"]):
        with pytest.raises(VerificationError):
            take(text)
    revoked(read_bundle((table / "capability.json").read_bytes(), "x").payload)
    with pytest.raises(VerificationError, match="revoked"):
        take('[revocations]\nfolder = "revoked"')


@pytest.mark.parametrize("place", ["k.pub", "p.toml", "log.policy", "keys/own.pub"])
def test_no_product_lands_on_what_says_whom_to_trust(table, place):
    """A report over a key that is trusted: nobody would notice before the next run."""
    _, public, _ = logs.new(table / "l.sqlite")
    (table / "log.policy").write_text(f"log {public.vkey}\nquorum none\n")
    (table / "keys").mkdir()
    (table / "keys" / "own.pub").write_bytes((table / "k.pub").read_bytes())
    policy('[log]\npolicy = "log.policy"')
    trusted = ["--trust", "keys"] if "/" in place else ["--policy", "p.toml"]
    before = (table / place).read_bytes()
    for call in (
        ["verify", "part.json", *trusted, *DAY, "--report", place],
        ["batch", "verify", "part.json", *trusted, *DAY, "--report", place],
        ["passport", "passport.json", *trusted, *DAY, "--label", "l.zpl", "--report", place],
    ):
        assert run([*call, "-q"]) == 2, call
        assert (table / place).read_bytes() == before


def test_a_label_is_made_for_what_the_policy_accepts(table):
    policy('[revocations]\nfolder = "revoked"')
    label = ["passport", "passport.json", "--label", "l.zpl", "--policy", "p.toml", *DAY, "-q"]
    assert run(label) == 0
    revoked(read_bundle(Path("passport.json").read_bytes(), "x").payload)
    assert run(label) == 6


def test_who_judges_for_others_looks_into_the_policy_s_folder(table):
    """`check` asks for a verdict by `verified_subject`: a revoked program passed there."""
    pair = cases.pair()
    for name, data in (
        ("p.gcode", pair.program),
        ("p.gcode.cert.json", pair.generation),
        ("p.gcode.recheck.json", pair.recheck),
    ):
        (table / name).write_bytes(data)
    file = Path(policy('[revocations]\nfolder = "revoked"'))
    assert verified_subject(table / "p.gcode", None, file).exit_code == 0
    revoked(read_bundle(pair.generation, "x").payload)
    with pytest.raises(VerificationError, match="revoked"):
        verified_subject(table / "p.gcode", None, file)
