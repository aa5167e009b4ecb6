# `make` lists the targets. Each sets up what it needs first; a second time that takes no time.

PYTHON ?= python3
BIN := .venv/bin
BUF := PATH="$(CURDIR)/$(BIN):$$PATH" $(CURDIR)/node_modules/.bin/buf
SERVICES := identity registration supervision
TYPED := api chassis rules $(SERVICES) local
DATABASE ?= sqlite
CANDIDATES ?= 60
SEED ?= 1
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup ready demo up down status logs test test-failure check layout protos protos-check \
        protos-release docs requirements bench lock clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  ARGS=\"…\" is handed on (make test ARGS=\"-k filing\"), DATABASE=postgresql is for up and demo."

setup: ## set this clone up: Python packages, tools, RabbitMQ and PostgreSQL
	@$(PYTHON) deploy/setup.py

ready:
	@$(PYTHON) deploy/setup.py --quiet

demo: ready ## walk from an institution's filing to a batch's admission tickets (CANDIDATES=60 SEED=1)
	@$(BIN)/jiangheng-local demo --database $(DATABASE) --candidates $(CANDIDATES) --seed $(SEED) $(ARGS)

up: ready ## start the suite and leave it running
	@$(BIN)/jiangheng-local up --database $(DATABASE) $(ARGS)

down: ready ## stop it; its data stay in .run/up
	@$(BIN)/jiangheng-local down $(ARGS)

status: ready ## say what runs and where it answers
	@$(BIN)/jiangheng-local status $(ARGS)

logs: ready ## print the end of the log files (ARGS="identity-serve --follow")
	@$(BIN)/jiangheng-local logs $(ARGS)

test: ready ## run every test, on SQLite and PostgreSQL, with a real broker; the rules through every branch
	@$(BIN)/python tests/run.py $(ARGS)

test-failure: ready ## run only the tests that kill processes, broker and database
	@$(BIN)/pytest -m failure $(ARGS)

check: ready protos-check ## what a reviewer runs first: style, types, imports, contracts, drift
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(TYPED:%=-p jiangheng.%)
	@$(BIN)/mypy deploy/setup.py docs contracts/generate.py deploy/local/tests
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python docs/tables.py --check
	@$(BIN)/python docs/requirements/table.py --check
	@$(BIN)/pytest -q tests/layout

# buf breaking compares with protos/released.binpb: the contracts as others have last been given them.
protos-check: ready
	@$(BIN)/python contracts/generate.py --check
	@cd protos && $(BUF) lint
	@cd protos && $(BUF) breaking --against released.binpb

protos: ready ## generate the Python code of the contracts
	@$(BIN)/python contracts/generate.py

protos-release: ready ## take today's contracts as what the next ones may not break
	@cd protos && $(BUF) build --exclude-source-info -o released.binpb

docs: ready ## write the generated tables of ARCHITECTURE.md and docs/duties.md
	@$(BIN)/python docs/tables.py

requirements: ready ## write and print which requirement is proved by which test
	@$(BIN)/python docs/requirements/table.py

bench: ready ## print ratios against the raw limits
	@$(BIN)/python -m bench $(ARGS)

lock: ready ## resolve requirements.in again into requirements.lock
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && $(BIN)/pip install --quiet --target "$$tools" uv && \
	  "$$tools/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-annotate requirements.in --output-file requirements.lock

clean: ready ## stop what runs and remove what runs and tests left; .venv and node_modules stay
	@$(BIN)/jiangheng-local remove --folder .run/up
	@$(BIN)/jiangheng-local remove --folder .run/demo
	@rm -rf .run .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	@find . -name __pycache__ -not -path './.venv/*' -not -path './node_modules/*' -prune -exec rm -rf {} +
