"""What is predicted of a size where a record of capability speaks for it."""

from __future__ import annotations

import pytest

from printstd.adapters.profile_files import default_source
from printstd.artifacts.characteristics import PredictedTerm
from printstd.artifacts.features import FeatureKind
from printstd.pipeline import resolve
from printstd.profiles import predicted as forecasts
from printstd.profiles.predicted import Subject, predicted
from printstd.profiles.resolved import Request

BIAS_MM = -0.08


def hole(*, is_commanded: bool) -> Subject:
    """A program makes the hole of 5 mm 0.05 mm too narrow; the model has it to 1 um."""
    off, u = (-0.05, 0.004) if is_commanded else (0.001, 0.0002)
    return Subject(
        FeatureKind.HOLE, 5.0, off, u, 0.0, is_commanded, "inside", ("xy",), 0.001, 0.0002
    )


def test_a_measured_bias_is_not_added_to_what_slicing_loses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Parts of the record were sliced too: their bias against the model holds what slicing loses,
    so a program beside it changes nothing of the forecast."""
    demands = resolve(Request(), default_source())
    machine = PredictedTerm("machine, as measured", BIAS_MM, 0.02, "record", "measured")
    monkeypatch.setattr(forecasts, "_measured", lambda subject, resolved: machine)
    beside = predicted(hole(is_commanded=True), -0.2, 0.2, demands)
    alone = predicted(hole(is_commanded=False), -0.2, 0.2, demands)
    assert beside.deviation == pytest.approx(BIAS_MM + 0.001, abs=1e-6)
    assert beside == alone


def test_without_a_record_what_the_program_commands_is_where_it_starts() -> None:
    demands = resolve(Request(), default_source())
    terms = predicted(hole(is_commanded=True), -0.2, 0.2, demands).terms
    assert terms[0].systematic == -0.05
    assert predicted(hole(is_commanded=False), -0.2, 0.2, demands).terms[0].systematic == 0.001
