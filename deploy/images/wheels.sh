#!/bin/sh
# Fetch the run-time wheels of requirements.lock into deploy/wheels, for a build that reaches no package index.
#
# Run it where pip does reach one; then build with `--build-arg PIP_NO_INDEX=1`. The Python version is that of
# the image, so the machine's own may differ.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
version=${1:-3.11}
requirements=$(mktemp)
trap 'rm -f "$requirements"' EXIT

"$python" "$root/deploy/images/runtime_requirements.py" "$root" >"$requirements"
rm -f "$root"/deploy/wheels/*.whl
"$python" -m pip download --quiet --dest "$root/deploy/wheels" --only-binary :all: --python-version "$version" \
    --no-deps --require-hashes --requirement "$requirements"
echo "$(ls "$root"/deploy/wheels/*.whl | wc -l) wheels in deploy/wheels"
