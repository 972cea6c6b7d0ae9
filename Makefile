# The two that matter: `make run` and `make test`. Both set themselves up; nothing but Python 3.11+ and make is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
CODE := contracts services deploy tests .ci

.PHONY: run test test-long lint types fuzz bench chaos test-containers browsers lock clean-data help
.DEFAULT_GOAL := run

run: $(READY)  ## everything, until Ctrl-C: NATS, PostgreSQL, five services, sample data, console
	@$(BIN)/fourgood up

test: lint types  ## lint, types, architecture rules, unit and system tests; some 15 minutes
	@$(BIN)/pytest -m "not containers and not long" --numprocesses 4

test-long: $(READY)  ## power cuts, every view replayed, sixty districts, the short forms of chaos and fuzz; some 12 minutes
	@$(BIN)/pytest -m long --numprocesses 4

lint: $(READY)  ## ruff, and its formatting
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check --quiet $(CODE) || { echo "lint: format with $(BIN)/ruff format $(CODE)"; exit 1; }

types: $(READY)  ## mypy, strict
	@$(BIN)/mypy

fuzz: $(READY)  ## every service asked whatever its OpenAPI allows, for some 20 minutes; QUESTIONS=50 of each operation
	@FUZZ_QUESTIONS=$(or $(QUESTIONS),200) $(BIN)/pytest tests/fuzz

bench: $(READY)  ## every figure beside its limit and its peers, some 20 minutes; ONLY=relay one group, QUICK=1 small sizes
	@$(BIN)/python -m tests.bench $(addprefix --only ,$(ONLY)) $(if $(QUICK),--quick)

chaos: $(READY)  ## every fault in turn under a recorded load, then a verdict; at most 20 minutes; SEED=… repeats one
	@$(BIN)/python -m tests.chaos

test-containers: $(READY)  ## the system tests against containers, where a Docker engine answers
	@FOURGOOD_TEST_RUNTIME=containers $(BIN)/pytest tests/containers tests/system -rs

browsers: $(READY)  ## headless Chromium for the console's tests (they are skipped without it)
	@$(BIN)/playwright install chromium-headless-shell

lock: $(READY)  ## requirements.lock again, from pyproject.toml
	@env -u PIP_FIND_LINKS $(BIN)/pip-compile --quiet --upgrade --extra embedded --extra dev \
		--generate-hashes --allow-unsafe --strip-extras --no-header \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--output-file $(VENV)/requirements.lock pyproject.toml
	@{ sed -n 1p requirements.lock; cat $(VENV)/requirements.lock; } > $(VENV)/locked && mv $(VENV)/locked requirements.lock

clean-data: $(READY)  ## forget everything that was recorded, and the keys
	@$(BIN)/fourgood clean-data --yes

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) .ci/set_up.py $(VENV)
