"""Trust policies: whose signatures count, and how much must have been shown.

``--trust KEY`` is the implicit policy "C2, this key, no log". A policy file says more::

    minimum_level = "C3"          # C1 signed; C2 re-checked; C3 by another key, logged; C4 rebuilt
    max_age_days = 365            # optional
    packs = ["kz"]                # optional: packs that are accepted
    standards = ["iso-2768-1:m"]  # optional: tables and classes that are accepted
    same_program = true           # optional: the same commands in another file are accepted

    [keys]                        # PEM files, relative to the policy file
    generator = ["maker.pub"]
    recheck = ["lab.pub"]
    revoke = ["lab.pub"]          # optional: default is all of the above

    [[identity]]                  # X.509: whoever holds a certificate for this URI
    role = "generator"
    uri = "https://bureau.example/press/line-1"
    roots = ["root.pem"]
    intermediates = []            # optional

    [timestamps]                  # RFC 3161 authorities
    roots = ["tsa-root.pem"]

    [log]
    policy = "log.policy"         # which logs and witnesses count

    [revocations]
    folder = "revocations"
    max_age_days = 7              # optional: how old the newest list in it may be

    [[co_signer]]                 # a national signature that must stand beside a statement
    statement = "recheck"
    roots = ["nca.pem"]
    subject = ["OU=BIN123456789012"]   # optional: parts of the subject's name

    [profiles]                    # optional: by role, digests of the profiles that are accepted
    material = ["<sha256>"]

    [as_run]                      # optional: how a run of the program must have been recorded
    keys = ["farm.pub"]           # whose records count; default is all of [keys] but revoke
    required = true               # a program without a record is refused
    evaluated = ["program", "speed"]   # aspects that must not be NOT_EVALUATED
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from printstd.artifacts.as_run import Aspect
from printstd.certify.cosign_trust import CoSigner
from printstd.certify.inclusion import LogTrust
from printstd.certify.keys import PublicKey, load_public_key
from printstd.certify.signers import Role, StampRoots, TrustedIdentity
from printstd.errors import ProfileError, ProfileProblem
from printstd.words import said

if TYPE_CHECKING:
    from cryptography import x509

LEVELS = ("C0", "C1", "C2", "C3", "C4")


@dataclass(frozen=True, slots=True)
class RevocationDemand:
    """Where revocations lie, relative to the policy file, and how old the newest list may be."""

    folder: str
    max_age_days: int | None = None


@dataclass(frozen=True, slots=True)
class AsRunDemand:
    """What records of runs must be. keys : empty for all that may state."""

    keys: tuple[PublicKey, ...] = ()
    is_required: bool = False
    evaluated: tuple[Aspect, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class TrustPolicy:
    """What `verify` demands."""

    name: str
    minimum_level: str
    generator_keys: tuple[PublicKey, ...]
    recheck_keys: tuple[PublicKey, ...]
    max_age_days: int | None = None
    packs: tuple[str, ...] = ()
    generator_identities: tuple[TrustedIdentity, ...] = ()
    recheck_identities: tuple[TrustedIdentity, ...] = ()
    revoke_keys: tuple[PublicKey, ...] = ()
    standards: tuple[str, ...] = ()
    profiles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stamps: StampRoots = field(default_factory=StampRoots)
    log: LogTrust | None = None
    revocations: RevocationDemand | None = None
    co_signers: tuple[CoSigner, ...] = ()
    same_program: bool = False
    as_run: AsRunDemand = field(default_factory=AsRunDemand)

    @property
    def as_run_role(self) -> Role:
        """Whose as-run records count: those named for it, or everybody who may state."""
        if self.as_run.keys:
            return Role(self.as_run.keys)
        keys = {key.key_id: key for key in (*self.recheck_keys, *self.generator_keys)}
        return Role(tuple(keys.values()), (*self.recheck_identities, *self.generator_identities))

    @property
    def generator(self) -> Role:
        return Role(self.generator_keys, self.generator_identities)

    @property
    def recheck(self) -> Role:
        return Role(self.recheck_keys, self.recheck_identities)

    @property
    def revoke(self) -> Role:
        """Who may revoke: those named for it, or everybody who may state."""
        if self.revoke_keys:
            return Role(self.revoke_keys)
        return Role(
            (*self.generator_keys, *self.recheck_keys),
            (*self.generator_identities, *self.recheck_identities),
        )


def trusting(keys: tuple[PublicKey, ...], name: str) -> TrustPolicy:
    """The implicit policy of ``--trust``: level C2 under these keys in both roles, no log."""
    return TrustPolicy(name, "C2", keys, keys)


_ROLES = ("generator", "recheck")
_KNOWN = (
    "minimum_level",
    "max_age_days",
    "packs",
    "standards",
    "same_program",
    "keys",
    "identity",
    "timestamps",
    "log",
    "revocations",
    "co_signer",
    "profiles",
    "as_run",
)


def read_policy(text: bytes, name: str, read_file: Callable[[str], bytes]) -> TrustPolicy:
    """A policy file; ProfileError with every problem in it. `read_file` opens a path relative to
    it."""
    import tomllib  # a --trust needs no TOML

    try:
        data: dict[str, Any] = tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError((ProfileProblem(name, None, "", str(error), "TOML"),)) from error
    return _Reader(name, read_file).policy(data)


class _Reader:
    """Reads one file and gathers all that is wrong with it."""

    def __init__(self, name: str, read_file: Callable[[str], bytes]) -> None:
        self.name, self.read_file = name, read_file
        self.problems: list[ProfileProblem] = []

    def wrong(self, key: str, got: object, wanted: str) -> None:
        self.problems.append(ProfileProblem(self.name, None, key, repr(got), wanted))

    def policy(self, data: dict[str, Any]) -> TrustPolicy:
        self.only(data, "", _KNOWN)
        level = data.get("minimum_level", "C2")
        if level not in LEVELS[1:]:
            self.wrong("minimum_level", level, said("C1, C2, C3 or C4"))
        same = data.get("same_program", False)
        if type(same) is not bool:
            self.wrong("same_program", same, said("true or false"))
        keys = self.table(data, "keys")
        self.only(keys, "keys.", (*_ROLES, "revoke"))
        own = {role: self.public_keys(keys, role, f"keys.{role}") for role in (*_ROLES, "revoke")}
        named = self.identities(data)
        policy = TrustPolicy(
            self.name,
            level,
            own["generator"],
            own["recheck"],
            self.days(data, "max_age_days", ""),
            self.texts(data, "packs", "packs", said("a list of pack ids")),
            tuple(one for role, one in named if role == "generator"),
            tuple(one for role, one in named if role == "recheck"),
            own["revoke"],
            self.texts(data, "standards", "standards", said('a list like ["iso-2768-1:m"]')),
            self.digests(data),
            self.stamps(data),
            self.log(data),
            self.revocations(data),
            self.co_signers(data),
            same is True,
            self.as_run(data),
        )
        self.check(policy, data)
        self.no_empty_demand(data)
        if self.problems:
            raise ProfileError(tuple(self.problems))
        return policy

    def check(self, policy: TrustPolicy, data: dict[str, Any]) -> None:
        """What one value demands of others."""
        recheck, both = policy.recheck, (policy.generator, policy.recheck)
        if policy.minimum_level == "C1" and not any(r.keys or r.identities for r in both):
            self.wrong("keys", data.get("keys"), said("a table with generator and recheck lists"))
        if policy.minimum_level != "C1" and not (recheck.keys or recheck.identities):
            self.wrong("keys.recheck", None, said("at least one key"))
        if policy.minimum_level in ("C3", "C4"):
            signers = {key.key_id for role in both for key in role.keys}
            signers |= {one.uri for role in both for one in role.identities}
            if len(signers) < 2:
                self.wrong(
                    "keys", sorted(signers), said("different keys for the two roles at this level")
                )
            if policy.log is None:
                self.wrong("log", None, said("a log: this level needs one"))

    def no_empty_demand(self, data: Mapping[str, Any]) -> None:
        """A list that nothing is on reads as "nothing is accepted" and would demand nothing."""
        for table, keys in (
            ("", ("packs", "standards")),
            ("keys", ("revoke",)),
            ("as_run", ("keys",)),
        ):
            own = data.get(table) if table else data
            for key in keys:
                if isinstance(own, dict) and own.get(key) == []:
                    path = f"{table}.{key}" if table else key
                    self.wrong(path, [], said("at least one; left out, nothing is demanded"))

    def only(self, table: Mapping[str, Any], prefix: str, known: tuple[str, ...]) -> None:
        for key in sorted(set(table) - set(known)):
            self.wrong(
                prefix + key, table[key], said("one of {values}", values=", ".join(sorted(known)))
            )

    def table(self, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        found = data.get(key, {})
        if isinstance(found, dict):
            return found
        self.wrong(key, found, said("a table"))
        return {}

    def tables(self, data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        found = data.get(key, [])
        if isinstance(found, list) and all(isinstance(one, dict) for one in found):
            return found
        self.wrong(key, found, said("tables: [[{key}]]", key=key))
        return []

    def texts(self, table: Mapping[str, Any], key: str, path: str, wanted: str) -> tuple[str, ...]:
        found = table.get(key, [])
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return tuple(found)
        self.wrong(path, found, wanted)
        return ()

    def text(self, table: Mapping[str, Any], key: str, path: str) -> str | None:
        found = table.get(key)
        if isinstance(found, str) and found:
            return found
        self.wrong(path, found, said("a text"))
        return None

    def days(self, table: Mapping[str, Any], key: str, prefix: str) -> int | None:
        found = table.get(key)
        if found is None or (type(found) is int and found >= 1):
            return found
        self.wrong(prefix + key, found, said("a whole number of days"))
        return None

    def public_keys(self, table: Mapping[str, Any], key: str, path: str) -> tuple[PublicKey, ...]:
        files = self.texts(table, key, path, said("a list of PEM files"))
        return tuple(load_public_key(self.read_file(file), file) for file in files)

    def certificates(
        self, table: Mapping[str, Any], key: str, path: str
    ) -> tuple[x509.Certificate, ...]:
        files = self.texts(table, key, path, said("a list of PEM files"))
        if not files:
            return ()
        from printstd.certify.chains import load_certificates, load_roots

        load = load_roots if key == "roots" else load_certificates
        return tuple(one for file in files for one in load(self.read_file(file), file))

    def roots(self, table: Mapping[str, Any], path: str) -> tuple[x509.Certificate, ...]:
        found = self.certificates(table, "roots", path)
        if not table.get("roots"):
            self.wrong(path, table.get("roots"), said("at least one root certificate"))
        return found

    def identities(self, data: Mapping[str, Any]) -> list[tuple[str, TrustedIdentity]]:
        found = []
        for table in self.tables(data, "identity"):
            self.only(table, "identity.", ("role", "uri", "roots", "intermediates"))
            role = table.get("role")
            if role not in _ROLES:
                self.wrong("identity.role", role, said("generator or recheck"))
            uri = self.text(table, "uri", "identity.uri")
            roots = self.roots(table, "identity.roots")
            others = self.certificates(table, "intermediates", "identity.intermediates")
            if role in _ROLES and uri is not None:
                found.append((str(role), TrustedIdentity(uri, roots, others)))
        return found

    def digests(self, data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        table = self.table(data, "profiles")
        found = {}
        for role in table:
            wanted = said("a list of SHA-256 digests, 64 hexadecimal digits each")
            rows = self.texts(table, role, f"profiles.{role}", wanted)
            if any(len(row) != 64 or set(row) - set("0123456789abcdef") for row in rows):
                self.wrong(f"profiles.{role}", list(rows), wanted)
            found[role] = rows
        return found

    def stamps(self, data: Mapping[str, Any]) -> StampRoots:
        if "timestamps" not in data:
            return StampRoots()
        table = self.table(data, "timestamps")
        self.only(table, "timestamps.", ("roots", "intermediates"))
        return StampRoots(
            self.roots(table, "timestamps.roots"),
            self.certificates(table, "intermediates", "timestamps.intermediates"),
        )

    def log(self, data: Mapping[str, Any]) -> LogTrust | None:
        if "log" not in data:
            return None
        table = self.table(data, "log")
        self.only(table, "log.", ("policy",))
        file = self.text(table, "policy", "log.policy")
        if file is None:
            return None
        from printstd.certify.log.notes import NoteError
        from printstd.certify.log.quorum import read_policy as read_log_policy

        text = self.read_file(file)
        try:
            read_log_policy(text)  # Found out now, and not first where a proof lies beside.
        except NoteError as error:
            self.wrong("log.policy", file, said("a tlog-policy: {error}", error=str(error)))
        return LogTrust(file, text)

    def revocations(self, data: Mapping[str, Any]) -> RevocationDemand | None:
        if "revocations" not in data:
            return None
        table = self.table(data, "revocations")
        self.only(table, "revocations.", ("folder", "max_age_days"))
        folder = self.text(table, "folder", "revocations.folder")
        days = self.days(table, "max_age_days", "revocations.")
        return None if folder is None else RevocationDemand(folder, days)

    def as_run(self, data: Mapping[str, Any]) -> AsRunDemand:
        if "as_run" not in data:
            return AsRunDemand()
        table = self.table(data, "as_run")
        self.only(table, "as_run.", ("keys", "required", "evaluated"))
        required = table.get("required", False)
        if type(required) is not bool:
            self.wrong("as_run.required", required, said("true or false"))
        known = [aspect.value for aspect in Aspect]
        wanted = said("a list of: {values}", values=", ".join(known))
        names = self.texts(table, "evaluated", "as_run.evaluated", wanted)
        if not set(names) <= set(known):
            self.wrong("as_run.evaluated", list(names), wanted)
            names = ()
        keys = self.public_keys(table, "keys", "as_run.keys")
        return AsRunDemand(keys, required is True, tuple(Aspect(name) for name in names))

    def co_signers(self, data: Mapping[str, Any]) -> tuple[CoSigner, ...]:
        found = []
        for table in self.tables(data, "co_signer"):
            self.only(table, "co_signer.", ("statement", "roots", "intermediates", "subject"))
            kind = table.get("statement")
            if kind not in ("generation", "recheck"):
                self.wrong("co_signer.statement", kind, said("generation or recheck"))
            found.append(
                CoSigner(
                    str(kind),
                    self.roots(table, "co_signer.roots"),
                    self.certificates(table, "intermediates", "co_signer.intermediates"),
                    self.texts(
                        table,
                        "subject",
                        "co_signer.subject",
                        said('a list like ["OU=BIN123456789012"]'),
                    ),
                )
            )
        return tuple(found)
