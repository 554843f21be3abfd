#!/usr/bin/env bash
# Kill and stop workers of a cluster while it grades a class; then compare with the same class graded on this machine.
#
#   tools/cluster-chaos.sh [ASSIGNMENT [FOLDER]]      by default activity1 and its sample class; takes two minutes
#
# Exit codes: 0 everybody was graded once, with the same scores · 1 not so
set -euo pipefail
cd "$(dirname "$0")/.."
assignment=${1:-activity1}
class=${2:-tests/submissions/$assignment}
here=$(mktemp -d)
declare -A worker
trap 'kill -KILL $scheduler "${worker[@]}" 2>/dev/null; rm -rf "$here"' EXIT
export GRADER_COURSES=$here/courses DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL=6s DASK_DISTRIBUTED__LOGGING__DISTRIBUTED=error

.venv/bin/dask scheduler --port 0 --host 127.0.0.1 --no-dashboard --scheduler-file "$here/scheduler.json" 2>"$here/log" &
scheduler=$!
disown
until address=$(grep -o 'tcp://127.0.0.1:[0-9]*' "$here/scheduler.json" 2>/dev/null | head -1) && [ "$address" ]; do sleep 0.2; done
for name in first second third; do
    .venv/bin/dask worker "$address" --name "$name" --nthreads 1 --no-nanny --no-dashboard 2>>"$here/log" &
    worker[$name]=$!
    disown
done

.venv/bin/grader grade "$assignment" "$class" --cluster "$address" --out "$here/cluster" --seed 7 >"$here/table" &
grading=$!
graded() { find "$here/cluster" -name 'attempt-*.json' 2>/dev/null | wc -l; }
until [ "$(graded)" -ge 2 ]; do sleep 0.2; done
echo "after $(graded) submissions: the first worker is killed"
kill -KILL "${worker[first]}"
until [ "$(graded)" -ge 5 ]; do sleep 0.2; done
echo "after $(graded) submissions: the second worker is stopped, for good"
kill -STOP "${worker[second]}"
wait "$grading" || [ $? -eq 3 ]

.venv/bin/grader grade "$assignment" "$class" --out "$here/machine" --seed 7 >/dev/null || [ $? -eq 3 ]
twice=$(find "$here/cluster" -name 'attempt-002.json' | wc -l)
echo "$(graded) submissions graded, $twice of them twice"
.venv/bin/grader gradebook diff "$here/cluster" "$here/machine"
[ "$twice" -eq 0 ] && [ "$(.venv/bin/grader gradebook diff "$here/cluster" "$here/machine" --json 2>/dev/null)" = "[]" ]
