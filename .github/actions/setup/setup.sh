#!/bin/bash
# The environment and the tools of the checkout at the workspace's root. Both lie in one cache
# folder under names made of their lock files, so a warm start only has to look.
set -euo pipefail
root=$GITHUB_WORKSPACE
cache=${PIPELINE_CACHE:-$HOME/.cache/knowledgeweaver-delivery}
python=${SETUP_PYTHON:-python3}

digest() { cat "$@" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -c1-20; }
libraries=$(digest "$root/uv.lock")
tools=$(digest "$root/tools.lock.toml" "$root/policies/uv.lock")
environment=$cache/environments/$libraries

if [ "$1" = key ]; then
  echo "path=$cache" >> "$GITHUB_OUTPUT"
  echo "key=pipeline-$RUNNER_OS-$RUNNER_ARCH-$libraries-$tools" >> "$GITHUB_OUTPUT"
  exit
fi

mkdir -p "$cache/environments"
# Two jobs on one machine must not install into the same folder at once.
if command -v flock >/dev/null; then exec 9>"$cache/setup.lock"; flock 9; fi

uv=${UV:-$(command -v uv || true)}
if [ -z "$uv" ]; then
  uv=$cache/uv/bin/uv
  if [ ! -x "$uv" ]; then
    # -I: what lies in the checkout is no module of Python's
    "$python" -I -m venv "$cache/uv"
    "$cache/uv/bin/python" -I -m pip install --quiet --disable-pip-version-check \
      --require-hashes -r "$HERE/uv.txt"
  fi
fi
if [ ! -e "$environment/.complete" ]; then
  UV_PROJECT_ENVIRONMENT=$environment "$uv" sync --quiet --frozen --no-default-groups \
    --project "$root" --python "$python"
  touch "$environment/.complete"
fi
export PIPELINE_PYTHON=$environment/bin/python PIPELINE_CACHE=$cache
if [ ! -e "$cache/tools-$tools.complete" ]; then
  UV=$uv "$root/bin/pipeline" setup
  touch "$cache/tools-$tools.complete"
fi
{ echo "PIPELINE_PYTHON=$PIPELINE_PYTHON"; echo "PIPELINE_CACHE=$cache"; } >> "$GITHUB_ENV"
# Test suites find uv on PATH, and nothing else of the folder it lies in.
mkdir -p "$cache/bin"
ln -sf "$uv" "$cache/bin/uv"
{ echo "$cache/bin"; echo "$root/bin"; } >> "$GITHUB_PATH"
echo "Environment $libraries and tools $tools are ready."
