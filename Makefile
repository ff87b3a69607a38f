# Every target sets up what it needs, on a machine that has git, make and Python 3.11 or newer.

PYTHON ?= python3
T := tests
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# One order of things, whatever -j says: `make check demo test` ends with the tests.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

# The person's own settings of Ansible and of the collection stay out; see tests/tooling/workspace.py, which says the same to the tests.
$(foreach name,$(filter ANSIBLE_% SALESFORCE_%,$(.VARIABLES)),$(eval unexport $(name)))
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.ws
export ANSIBLE_HOME := $(CURDIR)/.ws/home
export PYTHONPATH := $(CURDIR)/.ws:$(CURDIR)/tests
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: venv
venv: $(READY) ## the virtual environment .venv and the workspace .ws (done once; every target below does it too)

$(READY): requirements.txt requirements-dev.lock
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) here: install Python 3.11 or newer, or name one with PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed and $(PYTHON) is %s: name another one with PYTHON=/path/to/python3." % sys.version.split()[0])'
	@echo "Setting up $(VENV) ..."
	@env -u PYTHONPATH $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.lock
	@$(BIN)/python -m tooling.workspace
	@touch $@

.PHONY: demo
demo: $(READY) ## converge three emulated orgs, twice, and find a change made by hand
	@$(BIN)/python -m demo

.PHONY: fleet
fleet: $(READY) ## a hundred emulated orgs: discover, converge in rings, change five by hand, find that, repair it; leaves the report
	@$(BIN)/python -m demo.fleet

.PHONY: test
test: $(READY) ## every test; T=tests/unit runs those below a folder or in a file
	@$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder $(T)

.PHONY: check
check: check-ruff check-mypy check-yaml check-ansible check-docs check-sanity ## every linter; each also alone, e.g. make check-ruff

.PHONY: check-ruff
check-ruff: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: check-mypy
check-mypy: $(READY)
	$(BIN)/mypy

.PHONY: check-yaml
check-yaml: $(READY)
	$(BIN)/yamllint --strict .

.PHONY: check-ansible
check-ansible: $(READY)
	$(BIN)/ansible-lint --offline --profile production --strict

.PHONY: check-docs
check-docs: $(READY)
	$(BIN)/antsibull-docs lint-collection-docs --plugin-docs --check-extra-docs-refs --validate-collection-refs dependent .
	$(BIN)/antsibull-changelog lint

.PHONY: check-sanity
check-sanity: $(READY)
	$(BIN)/python -m tooling.ansible_test sanity

.PHONY: emulator
emulator: $(READY) ## run the org emulator by itself; it prints how to connect. SEED=orgs.yml takes your own orgs, OPTIONS=--plain-http and the like go along
	@$(BIN)/python -m emulator --write-inventory .ws/emulator.yml $(if $(SEED),--seed $(SEED)) $(OPTIONS)

.PHONY: conformance
conformance: $(READY) ## the emulator against what others wrote (needs npm); PART=sf, WRITE=1, SWEEP=1: see docs/conformance.md
	@$(BIN)/python -m conformance $(if $(PART),--part $(PART)) $(if $(WRITE),--write) $(if $(SWEEP),--sweep)

.PHONY: bench
bench: $(READY) ## what permission sets of 600, 2,000 and 6,000 fields cost, 10,000 members, and 100 orgs: API calls, time, memory
	@$(BIN)/python -m bench.permission_set_size
	@$(BIN)/python -m bench.membership_size
	@$(BIN)/python -m bench.fleet

.PHONY: picture
picture: $(READY) ## photograph the report's page for docs/report.md, with Chromium
	@$(BIN)/python -m demo.fleet_page

.PHONY: format
format: $(READY) ## let ruff mend and format the Python files
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: changelog
changelog: $(READY) ## fold changelogs/fragments, and what plugins are new, into the entry of galaxy.yml's version
	$(BIN)/antsibull-changelog release --update-existing --reload-plugins

.PHONY: lock
lock: $(READY) ## pin the newest development tools anew in requirements-dev.lock, for every Python from 3.11
	@$(PYTHON) -m venv --clear .ws/uv && .ws/uv/bin/python -m pip install -qq --disable-pip-version-check uv
	@{ echo "# Made by make lock from requirements-dev.in: do not edit."; \
	  .ws/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --no-annotate requirements-dev.in; } > .ws/lock
	@mv .ws/lock requirements-dev.lock

.PHONY: clean
clean: ## remove the virtual environment, the workspace and what tools left behind
	rm -rf $(VENV) .ws .ansible .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache tests/output voiceops-salesforce-*.tar.gz
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
