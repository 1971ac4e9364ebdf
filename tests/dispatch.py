"""CPU features that NumPy chooses its code by, for runs without them."""

from numpy._core._multiarray_umath import __cpu_dispatch__

DISPATCHED = " ".join(__cpu_dispatch__)
"""As NPY_DISABLE_CPU_FEATURES takes them. Releases name them differently (AVX2 of 2.3 is X86_V3 in
2.4), and names that a release does not know are passed over: asked for, not written down."""
