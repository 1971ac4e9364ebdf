"""The one way a record takes an array: declared dtype, declared shape, read-only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def frozen_array(
    name: str, array: NDArray[Any], dtype: type[np.generic], shape: tuple[int | None, ...]
) -> NDArray[Any]:
    """`array` itself, C-contiguous and read-only; TypeError where it is of another form.

    `shape` has None where any length is right. Nothing is converted: a stage that hands over
    the wrong dtype has a bug, and a silent copy would hide it.
    """
    if array.dtype.type is not dtype or not array.dtype.isnative:
        raise TypeError(f"{name}: dtype {array.dtype}, wanted {np.dtype(dtype)}")
    form = array.shape
    if form != shape and (
        len(form) != len(shape)
        or any(want is not None and have != want for have, want in zip(form, shape, strict=True))
    ):
        raise TypeError(f"{name}: shape {form}, wanted {shape}")
    flags = array.flags
    if not flags.c_contiguous:
        array = np.ascontiguousarray(array)
        flags = array.flags
    if flags.writeable:
        flags.writeable = False
    return array


def check_offsets(name: str, offsets: NDArray[np.int64], total: int) -> None:
    """Ragged borders start at 0, never fall and end at `total`."""
    if (
        offsets.size == 0
        or offsets[0] != 0
        or offsets[-1] != total
        or (offsets[1:] < offsets[:-1]).any()
    ):
        raise TypeError(f"{name}: not ragged borders of {total} items")
