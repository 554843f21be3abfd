"""Run as ``python -I -B bootstrap.py FD CONFIG``: make this folder a private package and run the zygote.

No folder of the grader may be on ``sys.path``: a student's ``import grader`` must fail. Isolated mode puts nothing
there, so the package is loaded from this file's folder, under a name of its own.
"""

import importlib.util
import sys
from pathlib import Path

PACKAGE = "mlgrader_worker"


def main() -> None:
    """Load the worker package from this file's folder and run the zygote."""
    here = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(PACKAGE, here / "__init__.py", submodule_search_locations=[str(here)])
    if spec is None or spec.loader is None:
        raise SystemExit("the worker package is not beside bootstrap.py")
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)
    zygote = importlib.import_module(f"{PACKAGE}.zygote")
    zygote.main(int(sys.argv[1]), sys.argv[2])


if __name__ == "__main__":
    main()
