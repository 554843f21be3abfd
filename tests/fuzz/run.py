"""Coverage-guided fuzzing of everything that reads a stranger's bytes: ``make fuzz``, or one target by itself::

    python tests/fuzz/run.py frame --seconds 60

What fails is left in tests/fuzz/cases/<target>/, where tests/test_fuzz_cases.py tries it again for ever.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["grader.worker.wire", "grader.worker.values", "grader.worker.buffers"]):
    from grader.worker import buffers, values, wire  # noqa: F401
with atheris.instrument_imports(include=["grader.worker"]):
    from grader.worker import needed, source_text  # noqa: F401
with atheris.instrument_imports(include=["grader.intake", "grader.written.notebook_cells"]):
    from grader.intake import archive, defined_names  # noqa: F401
    from grader.written import notebook_cells  # noqa: F401

sys.path.insert(0, str(Path(__file__).parent))
from targets import TARGETS, seeds

CASES = Path(__file__).with_name("cases")


def main() -> None:
    """Fuzz one target for a while."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    cases = CASES / options.target
    cases.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds(options.target)):
            (Path(corpus) / str(number)).write_bytes(seed)
        flags = [
            f"-max_total_time={options.seconds}",
            f"-artifact_prefix={cases}/",
            "-rss_limit_mb=4096",
            "-timeout=10",
        ]
        atheris.Setup([sys.argv[0], *flags, corpus], TARGETS[options.target])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
