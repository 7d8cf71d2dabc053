#!/bin/bash
# Fetches one commit the way actions/checkout does; the token travels as an HTTP header only.
set -euo pipefail
url="$GITHUB_SERVER_URL/$INPUT_REPOSITORY"
target="$GITHUB_WORKSPACE${INPUT_PATH:+/$INPUT_PATH}"
basic=$(printf 'x-access-token:%s' "$INPUT_TOKEN" | base64 | tr -d '\n')
header="AUTHORIZATION: basic $basic"
echo "::add-mask::$basic"

branch=""
if [ -z "$INPUT_REF" ] && [ "$INPUT_REPOSITORY" = "$GITHUB_REPOSITORY" ]; then
  want=$GITHUB_SHA
  case "$GITHUB_REF" in refs/heads/*) branch=${GITHUB_REF#refs/heads/} ;; esac
elif [[ "$INPUT_REF" =~ ^[0-9a-f]{40}$ ]]; then
  want=$INPUT_REF
else
  want=${INPUT_REF:-HEAD}
  want=${want#refs/heads/}
  case "$want" in refs/*|HEAD) ;; *) branch=$want ;; esac
fi

mkdir -p "$target"
cd "$target"
export GIT_TERMINAL_PROMPT=0
git init -q -b main .
git config gc.auto 0
git config advice.detachedHead false
git remote add origin "$url"
if [ "$INPUT_DEPTH" = 0 ]; then
  git -c "http.extraheader=$header" fetch -q --tags origin \
    '+refs/heads/*:refs/remotes/origin/*'
  # apart, so that FETCH_HEAD is the wanted commit and nothing else
  git -c "http.extraheader=$header" fetch -q --no-tags origin "$want"
else
  git -c "http.extraheader=$header" fetch -q --no-tags --depth="$INPUT_DEPTH" origin "$want"
fi
if [ -n "$branch" ]; then
  git checkout -q --force -B "$branch" FETCH_HEAD
else
  git checkout -q --force --detach FETCH_HEAD
fi
if [ "$INPUT_PERSIST" = true ]; then
  git config "http.$GITHUB_SERVER_URL/.extraheader" "$header"
fi
commit=$(git rev-parse HEAD)
echo "HEAD is now at $commit"
{ echo "ref=$INPUT_REF"; echo "commit=$commit"; } >> "$GITHUB_OUTPUT"
