# Two commands set everything up from a fresh clone:
#   make run    the site on http://127.0.0.1:5000 with the demo borough; prints how to sign in
#   make test   every test, with the browser and the PostgreSQL that some of them use
# Python 3.11 or newer and Node.js with npm are needed; the rest is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
HOST ?= 127.0.0.1
PORT ?= 5000
# Two workers; the tests of one file stay together, so a browser or a database is started once a file.
TEST_OPTIONS ?= -n 2 --dist loadfile -m "not prove"

# The last file that the asset script writes: newer than the lock file means up to date.
ASSETS := mapping/publishing/leaflet/leaflet.js

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test prove bench lint assets images clean

help:
	@sed -n '/^#/!q;s/^# \{0,1\}//p' Makefile
	@echo "Also: make lint, prove, bench, assets, images, clean."

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "On Debian and Ubuntu the package python3-venv is needed for this." >&2; exit 1; }

# Each stamp holds what its name says; setup.cfg changes what has to be installed.
$(VENV)/installed: setup.cfg pyproject.toml | $(BIN)/python
	@echo "Installing the Python packages (some minutes the first time) ..."
	@$(PIP) install --editable .
	@touch $@

$(VENV)/installed-for-tests: setup.cfg pyproject.toml | $(BIN)/python
	@echo "Installing the Python packages for the tests (some minutes the first time) ..."
	@$(PIP) install --editable '.[test]'
	@touch $@ $(VENV)/installed

$(VENV)/installed-for-lint: setup.cfg pyproject.toml | $(BIN)/python
	@echo "Installing the Python packages for the linters ..."
	@$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/installed

assets: $(ASSETS)

$(ASSETS): webapp/assets/package-lock.json webapp/assets/build.py | $(BIN)/python
	@$(BIN)/python webapp/assets/build.py
	@touch $@

run: $(VENV)/installed assets
	@$(BIN)/hotspots demo
	@$(BIN)/hotspots serve --host $(HOST) --port $(PORT)

test: $(VENV)/installed-for-tests assets
	@sh .ci/machine
	@$(BIN)/python -m pytest $(TEST_OPTIONS)

# The long runs: null experiments, soaks, large sets. One after another, so that their times mean something.
# The figures of hotspots that hold up are written to docs/proof; without open data those that need it stay as they are.
prove: $(VENV)/installed-for-tests assets
	@sh .ci/machine
	@$(BIN)/python -m pytest -m prove -s
	@$(BIN)/python -m benchmarks.proof.null_and_power
	@$(BIN)/python -m benchmarks.proof.held
	@$(BIN)/python -m benchmarks.proof.picture

bench: $(VENV)/installed-for-tests
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done
	@for name in accuracy.run accuracy.calibration accuracy.demo; do \
		echo "== $$name"; $(BIN)/python -m "benchmarks.$$name" || exit 1; done

lint: $(VENV)/installed-for-lint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

images: $(VENV)/installed-for-tests assets
	@sh .ci/machine
	@$(BIN)/python docs/images/take.py
	@$(BIN)/python docs/images/doubt.py

# The instance folder stays: it holds the database and the accounts.
clean:
	rm -rf $(VENV) build dist *.egg-info webapp/assets/node_modules webapp/static/vendor mapping/publishing/leaflet
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage test-results out
	find . -name __pycache__ -prune -exec rm -rf {} +
