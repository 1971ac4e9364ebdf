"""What the C library does with memory that was given back.

Arrays of a slice come and go by the hundred thousand. By itself glibc returns large ones to the
system at once, so that the next one is zeroed anew, page by page: half of all page faults of a
slice.
"""

from __future__ import annotations

import sys
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
"""Names of `mallopt` in malloc.h."""
_LARGE_BYTES: Final = 16 << 20
"""Arrays of a layer or of a run of layers are smaller; those of a whole large model still go back
to the system when they are done with."""


def keep_freed_memory() -> None:
    """From here on arrays of ordinary size are made of memory that this process has already; does
    nothing where the C library is another."""
    if sys.platform != "linux":
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_TRIM_THRESHOLD, 2 * _LARGE_BYTES)
