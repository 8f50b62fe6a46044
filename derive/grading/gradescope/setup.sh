#!/usr/bin/env bash
# Makes an environment of its own for the grader: Python 3.11 or newer, and what derive stands on.
set -euo pipefail
root=${AUTOGRADER:-/autograder}

new_enough() { command -v "$1" >/dev/null && "$1" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python=
for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if new_enough "$name"; then python=$name; break; fi
done
if [ -z "$python" ]; then
    apt-get update --quiet
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet python3.11 python3.11-venv
    python=python3.11
fi
"$python" -m venv "$root/venv"
"$root/venv/bin/python" -m pip --disable-pip-version-check --quiet install -r "$root/source/requirements.txt"
