# What people and CI run. Everything is set up on first use; nothing is installed system-wide
# except Debian's chromium where apt-get is there and you are root.
SHELL := /bin/sh
PYTHON ?= python3
UV_VERSION := 0.13.9
TOOLS := .tools
UV := $(CURDIR)/$(TOOLS)/uv/bin/uv
export UV
# Some thousand processes start here; a machine that keeps no bytecode would compile for each.
export PYTHONDONTWRITEBYTECODE :=
STAMP := $(TOOLS)/setup.stamp

.PHONY: help setup test lint fast demo sandbox benchmarks clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(UV):
	@command -v git >/dev/null || { echo "git is missing" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try make PYTHON=python3.12 …" >&2; exit 2; }
	$(PYTHON) -m venv $(TOOLS)/uv
	$(TOOLS)/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(STAMP): $(UV) pyproject.toml uv.lock tools.lock.toml policies/uv.lock sandbox/neo4j/jars.lock sandbox/phoenix/uv.lock
	$(UV) sync --quiet --frozen --python $(PYTHON)
	bin/pipeline setup --all
	.venv/bin/python -m sandbox.neo4j.java
	@touch $@

setup: $(STAMP) ## install the locked tools into .venv and the user's cache

test: setup ## every check and test there is
	.venv/bin/python -m tests.run

lint: setup ## only the fast static checks
	.venv/bin/python -m tests.run --static

fast: setup ## the static checks and the tests that take no minutes
	.venv/bin/python -m tests.run --fast

demo: setup ## the whole story on this machine: pull request, merge, rollout, verify, destroy
	.venv/bin/python -m sandbox.demo

sandbox: setup ## a local AWS and a local GitHub to play with, until Ctrl-C
	.venv/bin/python -m sandbox.play

benchmarks: setup ## measure, and rewrite docs/performance.md
	.venv/bin/python -m benchmarks

clean: ## forget the environment and the sandbox's state (not the user's cache)
	rm -rf .venv $(TOOLS) .sandbox .pipeline
