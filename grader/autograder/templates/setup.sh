#!/bin/sh
# Gradescope runs this once, as root, when it builds the image: Python and the packages, the grader, and a closed door
# before the course. The versions are those of the machine on which the zip was made.
set -eu
source=${AUTOGRADER_ROOT:-/autograder}/source   # tools/try-gradescope.sh sets these two
home=${MLGRADER_HOME:-/opt/mlgrader}
python=@PYTHON@

# Install Python from Ubuntu or, if this Ubuntu has another one or only a candidate, from the archive of all of them.
install_python() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    apt-get install -y --no-install-recommends libseccomp2
    apt-get install -y --no-install-recommends "$python" "$python-venv" || true
    if ! "$python" -c 'import sys; sys.exit(sys.version_info.releaselevel != "final")'; then
        apt-get install -y --no-install-recommends software-properties-common
        add-apt-repository -y ppa:deadsnakes/ppa
        apt-get install -y --no-install-recommends "$python" "$python-venv"
    fi
}

# Install exactly the listed packages; PyTorch comes from the index that was named when the zip was made.
install_packages() {
    "$home/bin/python" -m pip install --no-cache-dir @FROM@ -r "$source/torch.txt"
    "$home/bin/python" -m pip install --no-cache-dir --no-deps -r "$source/requirements.txt"
}

if [ ! -x "$home/bin/python" ]; then
    install_python
    "$python" -m venv "$home"
    install_packages
fi

# Students' code may read the grader, which is public, and never the course.
rm -rf "$home/harness"
mkdir -p "$home/harness"
cp -R "$source/harness/grader" "$home/harness/grader"
"$home/bin/python" -m compileall -q "$home/harness"
chmod -R go+rX "$home"
chmod 700 "$source"

# If something is missing, the image is not built: better now than in the night of the deadline.
cd /
PYTHONPATH="$home/harness" "$home/bin/python" -P -m grader --course "$source/course" doctor --start
