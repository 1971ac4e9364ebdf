"""What is said of one measured size."""

from __future__ import annotations

import numpy as np

from printstd.artifacts.audit import SizeFound
from printstd.artifacts.conformity import decided
from printstd.artifacts.demand import SizeDemand
from printstd.artifacts.finding import Status


def none(want: SizeDemand, why: str) -> SizeFound:
    return SizeFound(want.number, None, None, 0, None, Status.NOT_EVALUATED, why)


def answer(
    want: SizeDemand, ends_um: tuple[float, float], mean_um: float, u_um: float, basis: str
) -> SizeFound:
    """ends_um, mean_um : by how much the size comes out larger than the model's, at its least and
    its greatest place and on the mean. Every place must conform, so the worse end decides."""
    u = int(np.ceil(float(u_um) * 1000)) + want.chord_nm
    deviations = [round(want.model_nm + off * 1000) - want.nominal_nm for off in ends_um]
    verdicts = [decided(own, u, want.lower_nm, want.upper_nm) for own in deviations]
    rank = (Status.FAIL, Status.INDETERMINATE, Status.PASS)
    middle = (want.lower_nm + want.upper_nm) / 2
    worst = min(range(2), key=lambda i: (rank.index(verdicts[i]), -abs(deviations[i] - middle)))
    return SizeFound(
        want.number,
        want.nominal_nm + deviations[worst],
        deviations[worst],
        u,
        round(want.model_nm + mean_um * 1000),
        verdicts[worst],
        basis,
    )
