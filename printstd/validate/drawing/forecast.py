"""The predicted part beside each row: the process's terms for a size as it stands on the bed."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.capability import directions_of, sense_of
from printstd.artifacts.characteristics import Predicted
from printstd.artifacts.features import FeatureKind
from printstd.profiles.predicted import Subject, predicted
from printstd.profiles.resolved import Resolved
from printstd.validate.drawing.asking import Asked

_ROUND: Final = frozenset(
    {FeatureKind.HOLE, FeatureKind.BOSS, FeatureKind.FILLET, FeatureKind.ROUNDING}
)


def forecast(
    asked: Asked,
    off_mm: float,
    u_mm: float,
    resolved: Resolved,
    up: NDArray[np.float64],
    *,
    is_commanded: bool,
) -> Predicted | None:
    """None of angles and of rows without a feature. off_mm, u_mm : of the size that is made, from
    the nominal. up : (3,) the build direction in the model's axes."""
    feature = asked.feature
    if (
        feature is None
        or asked.lower_e6 is None
        or asked.upper_e6 is None
        or asked.row.unit != "mm"
    ):
        return None
    along = abs(float((np.array(feature.axis) * up).sum()))
    # A size across an upright axis lies in the layers; across a level one it is along both.
    upright = 1.0 - along if feature.kind in _ROUND else along
    subject = Subject(
        feature.kind,
        asked.row.nominal_e6 / 1e6,
        off_mm,
        u_mm,
        min(max(round(upright, 6), 0.0), 1.0),
        is_commanded,
        sense_of(feature),
        directions_of(feature, (float(up[0]), float(up[1]), float(up[2]))),
        model_off_mm=feature.size - asked.row.nominal_e6 / 1e6,
        model_u_mm=feature.u_mm,
    )
    return predicted(subject, asked.lower_e6 / 1e6, asked.upper_e6 / 1e6, resolved)
