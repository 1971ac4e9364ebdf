"""The shell script that verifies a bundle without printstd: what `verify --print-recipe` prints and
docs/certificates.md shows. Tests and `make e2e` run this very text."""

from typing import Final

RECIPE: Final = r"""#!/bin/sh
# usage: sh recipe.sh BUNDLE.json PROGRAM KEY_OR_ROOT.pem PREDICATE_TYPE [TSA_ROOT.pem]
# needs jq, base64, openssl, sha256sum; exits 0 only where everything holds
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT
jq -e '.dsseEnvelope.signatures | length == 1' "$1" > "$T/answer"
jq -r .dsseEnvelope.payload "$1" | tr -- -_ +/ | base64 -d > "$T/payload"
jq -r '.dsseEnvelope.signatures[0].sig' "$1" | tr -- -_ +/ | base64 -d > "$T/signature"
type=$(jq -r .dsseEnvelope.payloadType "$1")
[ "$type" = application/vnd.in-toto+json ]
{ printf 'DSSEv1 %d %s %d ' ${#type} "$type" $(wc -c < "$T/payload")
  cat "$T/payload"; } > "$T/signed"
key=$3; at=$(date -u +%s)
if [ $# -gt 4 ]; then # a time stamp: the certificate counts at the time that it tells
  stamps=.verificationMaterial.timestampVerificationData.rfc3161Timestamps
  jq -r "$stamps"'[0].signedTimestamp' "$1" | base64 -d > "$T/reply"
  said=$(openssl ts -reply -in "$T/reply" -text 2> "$T/noise" | sed -n 's/^Time stamp: //p')
  at=$(date -u -d "$said" +%s)
  openssl ts -verify -data "$T/signature" -in "$T/reply" -CAfile "$5" -attime "$at" 2> "$T/noise"
fi
if jq -e '.verificationMaterial | has("certificate")' "$1" > "$T/answer"; then
  jq -r .verificationMaterial.certificate.rawBytes "$1" | base64 -d |
    openssl x509 -inform DER -out "$T/leaf.pem"
  openssl verify -CAfile "$3" -attime "$at" -purpose any "$T/leaf.pem"
  openssl x509 -in "$T/leaf.pem" -noout -ext subjectAltName,extendedKeyUsage
  openssl x509 -in "$T/leaf.pem" -noout -ext extendedKeyUsage | grep -q 'Code Signing'
  openssl x509 -in "$T/leaf.pem" -pubkey -noout > "$T/key.pem"
  key=$T/key.pem
fi
if openssl pkey -pubin -in "$key" -noout -text | head -1 | grep -qi ED25519
then openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$T/signed" -sigfile "$T/signature"
else openssl dgst -sha256 -verify "$key" -signature "$T/signature" "$T/signed"; fi
jq -e '._type == "https://in-toto.io/Statement/v1"' "$T/payload" > "$T/answer"
jq -e --arg wanted "$4" '.predicateType == $wanted' "$T/payload" > "$T/answer"
echo "$(jq -r '.subject[0].digest.sha256' "$T/payload")  $2" | sha256sum -c -
jq -r '.predicate.verdict // "generation: it judges nothing"' "$T/payload"
"""
