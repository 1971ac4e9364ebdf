"""Memory that was given back is used again instead of being asked for anew."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from printstd.adapters.allocator import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
for _ in range(3):
    np.ones(1 << 20)  # by itself the threshold rises to what was freed last
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for megabytes in range(2, 13):
    np.ones(megabytes << 17)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux")
def test_arrays_of_a_layer_are_made_of_memory_that_is_there() -> None:
    assert faults("kept") < faults("as it comes")
