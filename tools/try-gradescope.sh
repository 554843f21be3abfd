#!/bin/sh
# Run an autograder.zip as Gradescope would, and compare its scores with those of `grader grade`. As root:
#
#     tools/try-gradescope.sh build/autograder.zip tests/submissions/lab1/*
#     tools/try-gradescope.sh --memory 768 --cores 0.5 build/autograder.zip tests/submissions/lab1/amara_okafor
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-$here/../.venv/bin/python}
[ -x "$python" ] || python=python3
PYTHONPATH=$here/..${PYTHONPATH:+:$PYTHONPATH} exec "$python" "$here/try_gradescope.py" "$@"
