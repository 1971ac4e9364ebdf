"""The record of a spool or lot of filament that comes with a print (`--feedstock`).

Fields after ISO/ASTM 52903-1, ISO 5425, GB/T 37643 and GB/T 42620 (facts of standards 2.11:
presence verified in part, the list's completeness: knowledge, medium). Every field may be left out:
what is missing is a finding (FST-01), not an error."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from printstd.profiles.kinds import Celsius, Date, Finite, NonNegative, Positive, Strict

Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Filament(Strict):
    """What it is, whose, and from when."""

    manufacturer: Name | None = None
    polymer: Name | None = None
    """As a part is marked (ISO 1043-1, ISO 11469): ``PLA``, ``PA6-CF15``."""
    filler: Name | None = None
    """``none`` where there is none."""
    filler_mass_percent: Percent | None = None
    colour: Name | None = None
    lot: Name | None = None
    standard: Name | None = None
    """That it is made to: ``ISO 5425:2023``, ``GB/T 42620-2023``."""
    production_date: Date | None = None
    use_by: Date | None = None
    used_on: Date | None = None
    """When it goes into the machine."""
    regrind_percent: Percent | None = None


class Geometry(Strict):
    """Diameters in mm. `mean`, `least` and `greatest` are measured."""

    nominal_diameter_mm: Positive | None = None
    tolerance_mm: Positive | None = None
    """+- of the nominal diameter, as stated."""
    mean_diameter_mm: Positive | None = None
    least_diameter_mm: Positive | None = None
    greatest_diameter_mm: Positive | None = None
    out_of_roundness_mm: NonNegative | None = None
    """Measured: greatest less least diameter of one section."""
    out_of_roundness_limit_mm: Positive | None = None
    points_per_section: Annotated[int, Field(ge=1)] | None = None
    sections: Annotated[int, Field(ge=1)] | None = None
    specimens: Annotated[int, Field(ge=1)] | None = None
    gauge_mm: Positive | None = None
    """What the gauge resolves."""

    @model_validator(mode="after")
    def _in_order(self) -> Geometry:
        measured = (self.least_diameter_mm, self.mean_diameter_mm, self.greatest_diameter_mm)
        known = [value for value in measured if value is not None]
        if known != sorted(known):
            raise ValueError("least_diameter_mm <= mean_diameter_mm <= greatest_diameter_mm")
        return self


class Mass(Strict):
    net_kg: Positive | None = None
    tolerance_kg: Positive | None = None


class Moisture(Strict):
    """As measured before it is printed."""

    moisture_ppm: NonNegative | None = None
    volatiles_percent: Percent | None = None
    measured_on: Date | None = None


class MeltFlow(Strict):
    """ISO 1133."""

    mfr_g_10min: Positive | None = None
    mvr_cm3_10min: Positive | None = None
    temperature_c: Celsius | None = None
    load_kg: Positive | None = None


class Physical(Strict):
    density_g_cm3: Positive | None = None
    """ISO 1183."""
    glass_transition_c: Finite | None = None
    """ISO 11357."""
    melting_c: Finite | None = None
    """ISO 11357; left out of what does not melt at one temperature."""


class Strand(Strict):
    """Pulled as it is."""

    tensile_load_n: Positive | None = None
    elongation_percent: NonNegative | None = None


class DryingDone(Strict):
    way: Literal["spool", "hot air"]
    temperature_c: Celsius
    hours: Positive
    on: Date | None = None


class Papers(Strict):
    migratable_elements: Name | None = None
    voc: Name | None = None
    drying_conditions: Name | None = None
    """As the manufacturer asks for them."""
    storage: Name | None = None
    packaging: Name | None = None
    conformance: Name | None = None
    """Number of the manufacturer's own certificate of conformance."""


class Feedstock(Strict):
    filament: Filament = Filament()
    geometry: Geometry = Geometry()
    mass: Mass = Mass()
    moisture: Moisture = Moisture()
    melt_flow: MeltFlow = MeltFlow()
    physical: Physical = Physical()
    strand: Strand = Strand()
    drying: DryingDone | None = None
    papers: Papers = Papers()


ESSENTIAL: Final = (
    "filament.manufacturer",
    "filament.polymer",
    "filament.lot",
    "geometry.nominal_diameter_mm",
)
"""Ours: without these nobody can tell which filament the record is of, or whether it fits."""

EXPECTED: Final = (
    "filament.filler",
    "filament.colour",
    "filament.standard",
    "filament.production_date",
    "filament.regrind_percent",
    "geometry.tolerance_mm",
    "geometry.out_of_roundness_mm",
    "mass.net_kg",
    "mass.tolerance_kg",
    "moisture.moisture_ppm|moisture.volatiles_percent",
    "melt_flow.mfr_g_10min|melt_flow.mvr_cm3_10min",
    "physical.density_g_cm3",
    "physical.glass_transition_c|physical.melting_c",
    "strand.tensile_load_n",
    "strand.elongation_percent",
    "papers.migratable_elements|papers.voc",
    "papers.drying_conditions",
    "papers.storage",
    "papers.packaging",
    "papers.conformance",
)
"""Fields that records of filament carry; ``|`` between those of which one will do."""
