"""A small authority for tests: roots, signers' certificates, time stamps and national signatures,
all made in memory at fixed times."""

from __future__ import annotations

import datetime
import functools
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from printstd.certify import der
from printstd.certify.cms import SIGNED_DATA
from printstd.certify.stamps import TST_INFO

URI = "https://bureau.example/press/line-1"
START = datetime.datetime(2026, 1, 1)
NOW = "2026-06-01T00:00:00Z"
AFTER_LEAF = "2027-06-01T00:00:00Z"
YEAR = datetime.timedelta(days=365)
SIGNING = (ExtendedKeyUsageOID.CODE_SIGNING,)
STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)


def named(common: str, **more: str) -> x509.Name:
    oids = {"OU": NameOID.ORGANIZATIONAL_UNIT_NAME, "serialNumber": NameOID.SERIAL_NUMBER}
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "KZ")]
    attributes += [x509.NameAttribute(oids[key], value) for key, value in more.items()]
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def p256():
    return ec.generate_private_key(ec.SECP256R1())


@functools.cache
def rsa_key():
    return rsa.generate_private_key(65537, 2048)


def _digest(key):
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


class Authority:
    """A certificate of an authority with its key; a root where it has no issuer."""

    def __init__(self, name: str, issuer: Authority | None = None, key=None, path_length=None):
        self.key, self.name = key or p256(), named(name)
        above = issuer or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(above.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(START)
            .not_valid_after(START + 20 * YEAR)
            .add_extension(x509.BasicConstraints(True, path_length), critical=True)
            .add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False
            )
        )
        if issuer is not None:
            builder = builder.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()),
                critical=False,
            )
        self.certificate = builder.sign(above.key, _digest(above.key))

    def issue(
        self,
        key,
        *,
        subject: x509.Name | None = None,
        uri: str | None = URI,
        purposes=SIGNING,
        critical_purpose: bool = False,
        key_usage: x509.KeyUsage | None = None,
        is_authority: bool | None = False,
        days: int = 365,
        extra: x509.ExtensionType | None = None,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject or named("line 1"))
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(START)
            .not_valid_after(START + datetime.timedelta(days=days))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
        )
        if is_authority is not None:
            builder = builder.add_extension(
                x509.BasicConstraints(is_authority, None), critical=True
            )
        if key_usage is not NO_USAGE:
            builder = builder.add_extension(
                key_usage or usage(digital_signature=True), critical=True
            )
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical_purpose)
        if uri:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)]), False
            )
        if extra is not None:
            builder = builder.add_extension(extra, critical=True)
        return builder.sign(self.key, _digest(self.key))


NO_USAGE = object()


def usage(**bits: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
    names += ("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: bits.get(name, False) for name in names})


def stamp_certificate(root: Authority, key, **changes) -> x509.Certificate:
    asked = {"purposes": STAMPING, "critical_purpose": True, "uri": None, "days": 3650}
    return root.issue(key, subject=named("time stamps"), **(asked | changes))


def stamp(
    signature: bytes,
    certificate: x509.Certificate,
    key,
    time: str = "20260301120000Z",
    *,
    with_certificate: bool = True,
    names: x509.Certificate | None = None,
    status: int = 0,
) -> bytes:
    """An RFC 3161 reply over the signature. names : the certificate that its attribute names."""
    sha256 = der.write(der.SEQUENCE, der.write_oid("2.16.840.1.101.3.4.2.1"))
    number = der.write(der.INTEGER, b"\x01")
    info = der.write(
        der.SEQUENCE,
        number,
        der.write_oid("1.2.3.4.1"),
        der.write(
            der.SEQUENCE, sha256, der.write(der.OCTET_STRING, hashlib.sha256(signature).digest())
        ),
        number,
        der.write(der.GENERALIZED_TIME, time.encode()),
    )
    own = (names or certificate).public_bytes(Encoding.DER)
    bound = der.write(
        der.SEQUENCE,
        der.write(
            der.SEQUENCE,
            der.write(der.SEQUENCE, der.write(der.OCTET_STRING, hashlib.sha256(own).digest())),
        ),
    )
    attributes = b"".join(
        der.write(der.SEQUENCE, der.write_oid(kind), der.write(der.SET, value))
        for kind, value in (
            ("1.2.840.113549.1.9.3", der.write_oid(TST_INFO)),
            (
                "1.2.840.113549.1.9.4",
                der.write(der.OCTET_STRING, hashlib.sha256(info).digest()),
            ),
            ("1.2.840.113549.1.9.16.2.47", bound),
        )
    )
    signed = key.sign(der.write(der.SET, attributes), ec.ECDSA(hashes.SHA256()))
    token = signed_data(
        TST_INFO,
        info,
        certificate,
        attributes,
        der.write(der.SEQUENCE, der.write_oid("1.2.840.10045.4.3.2")),
        signed,
        with_certificate=with_certificate,
    )
    answer = der.write(der.SEQUENCE, der.write(der.INTEGER, bytes([status])))
    return der.write(der.SEQUENCE, answer, token)


def signed_data(
    kind: str,
    content: bytes | None,
    certificate: x509.Certificate,
    attributes: bytes,
    algorithm: bytes,
    signature: bytes,
    *,
    digest: str = "2.16.840.1.101.3.4.2.1",
    with_certificate: bool = True,
    signers: int = 1,
) -> bytes:
    """A SignedData of one signer, or of the same one several times, put together by hand."""
    digest_row = der.write(der.SEQUENCE, der.write_oid(digest))
    own = certificate.public_bytes(Encoding.DER)
    serial = certificate.serial_number
    signer = der.write(
        der.SEQUENCE,
        der.write(der.INTEGER, b"\x01"),
        der.write(
            der.SEQUENCE,
            certificate.issuer.public_bytes(),
            der.write(der.INTEGER, serial.to_bytes(serial.bit_length() // 8 + 1, "big")),
        ),
        digest_row,
        der.write(der.context(0), attributes),
        algorithm,
        der.write(der.OCTET_STRING, signature),
    )
    inside = [der.write_oid(kind)]
    if content is not None:
        inside.append(der.write(der.context(0), der.write(der.OCTET_STRING, content)))
    body = der.write(
        der.SEQUENCE,
        der.write(der.INTEGER, b"\x03"),
        der.write(der.SET, digest_row),
        der.write(der.SEQUENCE, *inside),
        *([der.write(der.context(0), own)] if with_certificate else []),
        der.write(der.SET, *[signer] * signers),
    )
    return der.write(der.SEQUENCE, der.write_oid(SIGNED_DATA), der.write(der.context(0), body))


def co_signature(payload: bytes, certificate, key, *, attached: bool = False, pss: bool = False):
    """What a national client writes: CMS, DER, detached."""
    pad = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if pss else None
    signer = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(payload)
        .add_signer(certificate, key, hashes.SHA256(), **({"rsa_padding": pad} if pss else {}))
    )
    wanted = [pkcs7.PKCS7Options.Binary]
    if not attached:
        wanted.append(pkcs7.PKCS7Options.DetachedSignature)
    return signer.sign(Encoding.DER, wanted)


KZ_GOST_KEY = "1.2.398.3.10.1.1.2.2"
KZ_GOST_SIGNATURE = "1.2.398.3.10.1.1.2.3.2"
KZ_GOST_DIGEST = "1.2.398.3.10.1.3.3"


def gost_certificate() -> x509.Certificate:
    """A certificate whose key and signature are of Kazakhstan's GOST: it reads and verifies not."""

    def text(utc: str) -> bytes:
        return der.write(0x17, utc.encode())

    algorithm = der.write(der.SEQUENCE, der.write_oid(KZ_GOST_SIGNATURE))
    holder = named("Иванов Иван", OU="BIN123456789012", serialNumber="IIN800101300123")
    body = der.write(
        der.SEQUENCE,
        der.write(der.context(0), der.write(der.INTEGER, b"\x02")),
        der.write(der.INTEGER, b"\x05"),
        algorithm,
        named("ҰКО 3.0 (GOST TEST)").public_bytes(),
        der.write(der.SEQUENCE, text("260101000000Z"), text("280101000000Z")),
        holder.public_bytes(),
        der.write(
            der.SEQUENCE,
            der.write(der.SEQUENCE, der.write_oid(KZ_GOST_KEY)),
            der.write(der.BIT_STRING, b"\x00" + der.write(der.OCTET_STRING, bytes(128))),
        ),
    )
    whole = der.write(
        der.SEQUENCE, body, algorithm, der.write(der.BIT_STRING, b"\x00" + bytes(128))
    )
    return x509.load_der_x509_certificate(whole)


def gost_co_signature(
    content: bytes | None = None, *, signers: int = 1, with_certificate: bool = True
) -> bytes:
    """Detached unless the content is given. Its digest is of that family too."""
    attributes = b"".join(
        der.write(der.SEQUENCE, der.write_oid(kind), der.write(der.SET, value))
        for kind, value in (
            ("1.2.840.113549.1.9.3", der.write_oid("1.2.840.113549.1.7.1")),
            ("1.2.840.113549.1.9.4", der.write(der.OCTET_STRING, bytes(64))),
        )
    )
    return signed_data(
        "1.2.840.113549.1.7.1",
        content,
        gost_certificate(),
        attributes,
        der.write(der.SEQUENCE, der.write_oid(KZ_GOST_SIGNATURE)),
        bytes(128),
        digest=KZ_GOST_DIGEST,
        signers=signers,
        with_certificate=with_certificate,
    )
