"""What patterns that look across layers are shown: the sparse areas of the whole print.

Such a pattern makes up its mind once, before layers are divided among processes, so what comes out
does not depend on how they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from printstd.kernels.rings import Rings
from printstd.toolpath.spec import LayerSpec


class Survey(NamedTuple):
    """All layers, bottom up. sparse : the areas. z_nm : where each is printed."""

    sparse: Sequence[Rings]
    specs: Sequence[LayerSpec]
    z_nm: Sequence[int]
