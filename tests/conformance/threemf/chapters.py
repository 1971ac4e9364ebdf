"""Rules of the 3MF specifications that a file must keep to, chapter by chapter, each with files
that break it and files that keep to it. All are made here, from a tetrahedron.

Chapters are those of 3MF Core 1.x and of the Materials and Properties extension 1.x; what the
package must be is the Open Packaging Conventions (OPC), which Core chapter 2 demands.
"""

from __future__ import annotations

from typing import Final

from tests.conformance.threemf.makers import Case
from tests.conformance.threemf.of_hostile_files import SECURITY
from tests.conformance.threemf.of_models import MODELS, OBJECTS
from tests.conformance.threemf.of_packages import PACKAGE, XML
from tests.conformance.threemf.of_properties import PROPERTIES

RULES: Final = (*PACKAGE, *XML, *MODELS, *OBJECTS, *PROPERTIES, *SECURITY)


def wrong(case: Case) -> str:
    """What is wrong with how a case is read; empty where nothing is."""
    from printstd.errors import InputError
    from printstd.intake import read_model

    try:
        read_model(case.data, name="part.3mf")
    except InputError as error:
        return "" if error.code == case.code else f"refused with {error.code}: {error.what}"
    return "taken" if case.code else ""
