"""One STEP file from stdin to binary glTF on stdout, in a process of its own.

The library is a large one in C++ and the file may be hostile: whatever happens here, the caller
lives, and this process may take only so much time and memory. Run as a script; it imports nothing
of printstd.

    python -P tessellate_worker.py DEFLECTION_MM ANGLE_RAD MAX_SECONDS MAX_BYTES
"""

from __future__ import annotations

import os
import sys

NO_GLTF = 3
"""Exit code: the library gave nothing."""


def main() -> int:
    deflection, angle = float(sys.argv[1]), float(sys.argv[2])
    seconds, size = int(sys.argv[3]), int(sys.argv[4])
    data = sys.stdin.buffer.read()
    # The library talks on stdout, so what it is asked for goes out another way.
    answer = os.dup(1)
    os.dup2(2, 1)
    _limit(seconds, size)
    # Its package imports trimesh for a convenience that is not used, and lives without it.
    sys.modules["trimesh"] = None  # type: ignore[assignment]
    from cascadio import FileType, to_glb_bytes

    glb = to_glb_bytes(
        data,
        FileType.STEP,
        tol_linear=deflection,
        tol_angular=angle,
        tol_relative=False,
        merge_primitives=True,
        use_parallel=False,
        include_brep=True,
    )
    if not glb:
        return NO_GLTF
    with os.fdopen(answer, "wb") as stream:
        stream.write(glb)
    return 0


def _limit(seconds: int, size: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the caller's clock is the limit
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 10))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    sys.exit(main())
