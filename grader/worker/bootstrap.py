"""Started by ``python -I -B bootstrap.py FD CONFIG``: makes this folder a private package and runs the zygote.

Isolated mode puts nothing of ours on ``sys.path``, and nothing of ours should be there: a student's ``import grader``
must fail. So the package gets a name of its own, made from this file's place.
"""

import importlib.util
import sys
from pathlib import Path

PACKAGE = "mlgrader_worker"


def main() -> None:
    """Load the worker package from beside this file and hand over to the zygote."""
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
