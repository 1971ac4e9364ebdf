"""Which presets go together: named or alone, and only where their makers say so."""

from __future__ import annotations

import pytest

from printstd.errors import ProfileError, UsageError
from printstd.importing.foreign import Kind
from tests.unit.importing.texts import BUNDLE, chosen, library

LIB = library(acme__ini=BUNDLE)


def test_several_and_none_named_lists_those_that_fit() -> None:
    with pytest.raises(UsageError) as caught:
        chosen(LIB)
    assert "Acme One 0.6" in str(caught.value)
    with pytest.raises(UsageError) as caught:
        chosen(LIB, "Acme One")
    assert "Fine and fast" in str(caught.value)
    assert "Other nozzle" not in str(caught.value)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="there is no printer preset") as caught:
        chosen(LIB, "Acme Won")
    assert "did you mean 'Acme One'" in str(caught.value)


def test_a_triple_that_its_makers_forbid_is_refused_with_the_condition() -> None:
    with pytest.raises(ProfileError) as caught:
        chosen(LIB, "Acme One 0.6", "Fast and fine", "Acme PLA")
    text = str(caught.value)
    assert 'printer_model=="ONE" and nozzle_diameter[0]==0.4' in text
    assert "acme.ini:" in text
    assert "'Acme One 0.6'" in text
    assert chosen(LIB, "Acme One 0.6", "Other nozzle", "Acme PLA").get(Kind.PROCESS)


def test_a_list_of_names_counts_before_a_condition() -> None:
    text = BUNDLE.replace(
        "[print:Fine and fast]\n",
        '[print:Fine and fast]\ncompatible_printers = "Acme One 0.6";"Nobody"\n',
    )
    lib = library(acme__ini=text)
    assert chosen(lib, "Acme One 0.6", "Fine and fast", "Acme PLA")
    with pytest.raises(ProfileError, match="1 problem"):
        chosen(lib, "Acme One", "Fine and fast", "Acme PLA")


@pytest.mark.parametrize("condition", ["printer_modell==1", "printer_model=~/(/", "1 +"])
def test_a_condition_that_cannot_be_decided_forbids(condition: str) -> None:
    lib = library(acme__ini=BUNDLE + f"\n[print:x]\ncompatible_printers_condition = {condition}\n")
    with pytest.raises(ProfileError) as caught:
        chosen(lib, "Acme One", "x", "Acme PLA")
    assert "a condition that can be decided" in str(caught.value)


def test_a_filament_s_condition_on_prints_counts_too() -> None:
    lib = library(
        acme__ini=BUNDLE + "\n[filament:slow]\ncompatible_prints_condition = layer_height>0.15\n"
    )
    assert chosen(lib, "Acme One", "Fine and fast", "slow")
    with pytest.raises(ProfileError, match="1 problem"):
        chosen(lib, "Acme One", "Fast and fine", "slow")
