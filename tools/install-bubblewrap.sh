#!/bin/sh
# Install bubblewrap when it is missing and we may. Without it grading goes on at the next best sandbox level.
set -u

if command -v bwrap >/dev/null 2>&1; then
    exit 0
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
fi
if command -v apt-get >/dev/null 2>&1 && $as_root true 2>/dev/null; then
    echo "installing bubblewrap"
    if $as_root apt-get update -qq >/dev/null 2>&1 && $as_root apt-get install -y -qq bubblewrap >/dev/null 2>&1; then
        exit 0
    fi
fi
cat >&2 <<'WORDS'
bubblewrap is not installed and could not be. Grading goes on at the next level that this machine gives, with limits,
Landlock and seccomp, but without namespaces: `grader doctor` says what that lacks. Install the package `bubblewrap` for
more.
WORDS
exit 0
