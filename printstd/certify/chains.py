"""X.509: certificates that say whose a key is, and the chains that vouch for them.

Profile of a signer's certificate (facts of certification 2.5): no CA, keyUsage with
digitalSignature, extendedKeyUsage with codeSigning, a subjectAltName with the URI of the line or
role. The path itself is checked by `cryptography` (RFC 5280: signatures, validity, path lengths,
name constraints, critical extensions), with extension policies of our own for its end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from printstd.certify.keys import PublicKey, public_key_of
from printstd.errors import InputError
from printstd.words import said

if TYPE_CHECKING:
    from cryptography.x509.verification import Policy

MAX_CERTIFICATE_BYTES: Final = 64 << 10
_MAX_INTERMEDIATES: Final = 8
_ATTRIBUTES: Final = {
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.ORGANIZATION_IDENTIFIER: "organizationIdentifier",
    NameOID.EMAIL_ADDRESS: "E",
    NameOID.SURNAME: "SN",
    NameOID.GIVEN_NAME: "G",
}
"""Names of attributes that RFC 4514 writes as numbers."""


class ChainError(ValueError):
    """Why a certificate does not lead to a trusted root."""


def load_certificate(der: bytes) -> x509.Certificate:
    """ChainError where the bytes are no certificate."""
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise ChainError(said("a certificate of {bytes} bytes", bytes=len(der)))
    try:
        return _whole(x509.load_der_x509_certificate(der))
    except _UNREADABLE as error:
        raise ChainError(said("no certificate ({error})", error=str(error))) from error


_UNREADABLE: Final = (
    ValueError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


def _whole(certificate: x509.Certificate) -> x509.Certificate:
    """The library reads names, times and extensions when they are asked for: all of them now."""
    told(certificate.subject)
    told(certificate.issuer)
    span(certificate)
    _ = certificate.extensions, certificate.serial_number
    return certificate


def load_certificates(pem: bytes, name: str) -> tuple[x509.Certificate, ...]:
    """Every certificate of a PEM file, or the one of a DER file; InputError where there is none."""
    try:
        if b"-----BEGIN" in pem:
            return tuple(_whole(one) for one in x509.load_pem_x509_certificates(pem))
        return (_whole(x509.load_der_x509_certificate(pem)),)
    except _UNREADABLE as error:
        raise InputError(
            said("no certificate can be read from this file"),
            where=name,
            got=str(error),
            wanted=said("X.509 certificates, PEM or DER"),
            hint=said("ask the authority for its certificate as a PEM file"),
        ) from error


def load_roots(pem: bytes, name: str) -> tuple[x509.Certificate, ...]:
    """Trust anchors; InputError where one of them is no authority's certificate: whoever holds the
    key of a leaf must not be able to issue."""
    roots = load_certificates(pem, name)
    for root in roots:
        if not _is_authority(root):
            raise InputError(
                said("a root is the certificate of an authority"),
                where=name,
                got=said("{subject}, which is none (CA:FALSE)", subject=told(root.subject)),
                wanted=said("a certificate with basicConstraints CA:TRUE"),
                hint=said("name the root of the authority; to trust one key name it under [keys]"),
            )
    return roots


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return found.value.ca


def told(name: x509.Name) -> str:
    """A distinguished name as RFC 4514 writes it."""
    return name.rfc4514_string(_ATTRIBUTES)


def parts_of(name: x509.Name) -> tuple[str, ...]:
    """Its attributes one by one, as ``OU=BIN123456789012``."""
    return tuple(one.rfc4514_string(_ATTRIBUTES) for one in name)


def public_key(certificate: x509.Certificate) -> PublicKey:
    """The certified key, of a kind that is accepted; ChainError otherwise."""
    try:
        return public_key_of(certificate.public_key(), told(certificate.subject))
    except (InputError, UnsupportedAlgorithm, ValueError) as error:
        raise ChainError(said("its key is not accepted ({error})", error=_first(error))) from error


def _first(error: Exception) -> str:
    return str(error).split("\n", 1)[0]


def identities(certificate: x509.Certificate) -> tuple[str, ...]:
    """The URIs that name whom or what the certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(names.value.get_values_for_type(x509.UniformResourceIdentifier))


def moment(utc: str) -> datetime:
    """``YYYY-MM-DDTHH:MM:SSZ`` as the library wants it."""
    return datetime.strptime(utc, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def span(certificate: x509.Certificate) -> tuple[str, str]:
    """The first and the last moment of its validity, as we write times."""
    form = "%Y-%m-%dT%H:%M:%SZ"
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return f"{first:{form}}", f"{last:{form}}"


def check_span(certificate: x509.Certificate, at: str) -> None:
    """ChainError unless the certificate is valid at that time, as far as its own dates say."""
    first, last = span(certificate)
    if not first <= at <= last:
        raise ChainError(
            said("valid from {first} to {last}, and not at {at}", first=first, last=last, at=at)
        )


def check_signer(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: str,
) -> None:
    """ChainError unless the certificate keeps to the profile of a signer's and leads to one of the
    roots at that time."""
    _check(leaf, intermediates, roots, at, _signer_policy())


def check_stamper(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: str,
) -> None:
    """The same of a time stamping authority's (RFC 3161 section 2.3): extendedKeyUsage critical and
    timeStamping alone."""
    _check(leaf, intermediates, roots, at, _stamper_policy())


def check_person(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: str,
) -> None:
    """The same of a person's or an organisation's, of any national authority: what those write into
    extensions differs, so of its end only a keyUsage that allows signing is wanted."""
    _check(leaf, intermediates, roots, at, _person_policy())


def check_profile(leaf: x509.Certificate) -> None:
    """ChainError unless the certificate keeps to the profile of a signer's, whoever issued it: what
    an authority forgot is told to the signer, and not first to whoever verifies."""
    wanted: tuple[tuple[type[x509.ExtensionType], Callable[[Any, Any, Any], None]], ...] = (
        (x509.KeyUsage, _key_usage),
        (x509.ExtendedKeyUsage, _usage_is(ExtendedKeyUsageOID.CODE_SIGNING, alone=False)),
        (x509.SubjectAlternativeName, _named),
    )
    try:
        for kind, check in wanted:
            check(None, leaf, leaf.extensions.get_extension_for_class(kind).value)
        if _is_authority(leaf):
            raise ValueError("basicConstraints says CA:TRUE")
    except (x509.ExtensionNotFound, ValueError) as error:
        raise ChainError(_first(error)) from error


def _check(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: str,
    end: ExtensionPolicy,
) -> None:
    if not roots:
        raise ChainError(said("no root is trusted"))
    if len(intermediates) > _MAX_INTERMEDIATES:
        raise ChainError(said("{count} intermediate certificates", count=len(intermediates)))
    verifier = (
        PolicyBuilder()
        .store(Store(list(roots)))
        .time(moment(at))
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=end)
        .build_client_verifier()
    )
    try:
        verifier.verify(leaf, list(intermediates))
    except VerificationError as error:
        check_span(leaf, at)
        raise ChainError(_reason(error)) from error


def _reason(error: Exception) -> str:
    """The library's own words without the certificates that it prints."""
    return str(error).split(" (encountered processing", 1)[0].removeprefix("validation failed: ")


def _key_usage(_: Policy, __: x509.Certificate, usage: x509.KeyUsage) -> None:
    if not usage.digital_signature:
        raise ValueError("keyUsage without digitalSignature")


def _person_usage(_: Policy, __: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise ValueError("keyUsage with neither digitalSignature nor nonRepudiation")


def _no_authority(_: Policy, __: x509.Certificate, basic: x509.BasicConstraints | None) -> None:
    if basic is not None and basic.ca:
        raise ValueError("basicConstraints says CA:TRUE")


def _usage_is(
    wanted: ObjectIdentifier, *, alone: bool
) -> Callable[[Policy, x509.Certificate, x509.ExtendedKeyUsage], None]:
    def check(_: Policy, __: x509.Certificate, usage: x509.ExtendedKeyUsage) -> None:
        found = list(usage)
        if wanted not in found or (alone and len(found) != 1):
            raise ValueError(f"extendedKeyUsage without {wanted._name}")

    return check


def _named(_: Policy, __: x509.Certificate, names: x509.SubjectAlternativeName) -> None:
    if not names.get_values_for_type(x509.UniformResourceIdentifier):
        raise ValueError("subjectAltName without a URI")


def _signer_policy() -> ExtensionPolicy:
    any_ = Criticality.AGNOSTIC
    return (
        ExtensionPolicy.permit_all()
        .may_be_present(x509.BasicConstraints, any_, _no_authority)
        .require_present(x509.KeyUsage, any_, _key_usage)
        .require_present(
            x509.ExtendedKeyUsage, any_, _usage_is(ExtendedKeyUsageOID.CODE_SIGNING, alone=False)
        )
        .require_present(x509.SubjectAlternativeName, any_, _named)
    )


def _stamper_policy() -> ExtensionPolicy:
    return (
        ExtensionPolicy.permit_all()
        .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _no_authority)
        .require_present(
            x509.ExtendedKeyUsage,
            Criticality.CRITICAL,
            _usage_is(ExtendedKeyUsageOID.TIME_STAMPING, alone=True),
        )
    )


def _person_policy() -> ExtensionPolicy:
    any_ = Criticality.AGNOSTIC
    return (
        ExtensionPolicy.permit_all()
        .may_be_present(x509.BasicConstraints, any_, _no_authority)
        .may_be_present(x509.KeyUsage, any_, _person_usage)
    )


def check_order(chain: Sequence[x509.Certificate], name: str) -> None:
    """InputError unless each certificate was issued by the one after it: a chain as it is given
    when signing, the signer's own first."""
    for own, issuer in pairwise(chain):
        try:
            own.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
            raise InputError(
                said("this is no chain of certificates"),
                where=name,
                got=said(
                    "{subject} was not issued by {issuer}",
                    subject=told(own.subject),
                    issuer=told(issuer.subject),
                ),
                wanted=said("the signer's certificate first, each followed by its issuer's"),
                hint=said("put the certificates of the PEM file in this order"),
            ) from error
