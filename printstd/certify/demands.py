"""What a policy demands of a statement, whatever it is about: pack, standard, profiles, age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from printstd.certify.dates import days_between
from printstd.certify.policy import TrustPolicy
from printstd.errors import VerificationError
from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.reading import ProfileRow


class Judged(Protocol):
    """A statement, as far as these demands ask."""

    @property
    def pack(self) -> str | None: ...

    @property
    def issued_at(self) -> str: ...

    @property
    def expires_at(self) -> str | None: ...

    @property
    def profiles(self) -> tuple[ProfileRow, ...]: ...


def _fail(what: str, policy: TrustPolicy, got: str, wanted: str, hint: str) -> VerificationError:
    return VerificationError(what, where=policy.name, got=got, wanted=wanted, hint=hint)


def check_demands(stated: Judged, policy: TrustPolicy, now: str) -> None:
    """VerificationError with the first that the statement does not meet.

    now : UTC time ``YYYY-MM-DDTHH:MM:SSZ``."""
    if policy.packs and stated.pack not in policy.packs:
        raise _fail(
            said("the policy does not accept this pack"),
            policy,
            stated.pack or said("none"),
            ", ".join(policy.packs),
            said("certify under an accepted pack"),
        )
    _check_profiles(stated, policy)
    if (
        stated.expires_at is not None and stated.expires_at < now
    ):  # one form, so text order is time's
        raise _fail(
            said("the certificate has expired"),
            policy,
            said("expired {expires_at}", expires_at=stated.expires_at),
            said("valid at {now}", now=now),
            said("certify the program again"),
        )
    check_age(stated.issued_at, policy, now)


def check_age(issued_at: str, policy: TrustPolicy, now: str) -> None:
    """VerificationError where what was issued then is older than the policy allows."""
    if policy.max_age_days is None:
        return
    age = days_between(issued_at, now)
    if age is None or not 0 <= age <= policy.max_age_days:
        raise _fail(
            said("the certificate is older than the policy allows, or not yet valid"),
            policy,
            said("issued {issued_at}", issued_at=issued_at),
            said(
                "at most {max_age_days} days before {now}",
                max_age_days=policy.max_age_days,
                now=now,
            ),
            said("certify the program again"),
        )


def _check_profiles(stated: Judged, policy: TrustPolicy) -> None:
    """Tables, classes and profiles are those that the policy accepts, where it names some."""
    own = {row.role: row for row in stated.profiles}
    table = own.get("standard")
    if policy.standards and (table is None or table.id not in policy.standards):
        raise _fail(
            said("the policy does not accept this standard"),
            policy,
            (table.id if table is not None else None) or said("none"),
            ", ".join(policy.standards),
            said("certify under an accepted standard and class"),
        )
    for role, digests in policy.profiles.items():
        row = own.get(role)
        if row is None or row.sha256 not in digests:
            raise _fail(
                said("the policy does not accept this {role} profile", role=role),
                policy,
                said("{id}, sha256 {sha256}", id=row.id or role, sha256=row.sha256)
                if row is not None
                else said("none"),
                said("sha256 {digests}", digests=", ".join(digests)),
                said("certify with an accepted profile"),
            )
