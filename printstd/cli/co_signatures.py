"""What reports say of a co-signature: which was checked, and which is only present."""

from __future__ import annotations

from typing import TYPE_CHECKING

from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.cosign import Answer
    from printstd.report.document import Fact


def co_signature_fact(name: str, answer: Answer) -> Fact:
    """One line: the file, and what is known of its signer."""
    from printstd.certify.cosign import Identity, NotChecked
    from printstd.report.document import Fact

    if isinstance(answer, Identity):
        if answer.vouched_for:
            text = said(
                "{name}: checked, {subject}, certificate by {issuer}",
                name=name,
                subject=answer.subject,
                issuer=answer.issuer,
            )
        else:
            text = said(
                "{name}: the signature holds under the certificate in it, whose owner was not "
                "checked ({reason}); it names {subject}",
                name=name,
                reason=answer.reason or "",
                subject=answer.subject,
            )
    elif isinstance(answer, NotChecked):
        text = said(
            "{name}: present, not checked ({reason}; needs a national plugin); it names {claims}",
            name=name,
            reason=answer.reason,
            claims=answer.claims,
        )
    else:
        text = said("{name}: does not hold ({reason})", name=name, reason=answer.reason)
    return Fact(said("co-signature"), text)
