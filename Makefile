# make demo   set up and open the app        make test   set up and run all tests
#             CATALOGUE=FOLDER NAME=SHOP         PORT=8502
# make lint   formatting, types, imports, names     make clean  forget the environment
# make pins   the requirements files, from pyproject.toml
# make test-all  those tests, too, that take long: before a release

PYTHONS    = python3 python3.13 python3.12 python3.11
PYTHON    := $(or $(PYTHON),$(shell for each in $(PYTHONS); do \
               $$each -m install --supported 2>/dev/null && echo $$each && break; done))
NO_PYTHON  = echo "None of $(PYTHONS) is Python 3.11, 3.12 or 3.13. Install one of these," \
               "or name it: make demo PYTHON=/path/to/python3" >&2; exit 1
TORCH     ?=
CATALOGUE ?= demo
NAME       =
PORT      ?= 8501
export CATALOGUE NAME PORT

# Bytecode is written by whatever imports a library first, and saves each later start some seconds.
unexport PYTHONDONTWRITEBYTECODE

# Tests run in two processes; tests/conftest.py says which stay together, and in which order.
AT_ONCE = -n 2 --no-loadscope-reorder

.PHONY: demo test test-all lint pins clean install install-dev

demo: install
	@exec .venv/bin/python -m precompute.serve "$$CATALOGUE" "$$PORT" "$$NAME"

test: lint
	@.venv/bin/python -m harness.chromium
	.venv/bin/python -m pytest $(AT_ONCE)

test-all: lint
	@.venv/bin/python -m harness.chromium
	.venv/bin/python -m pytest $(AT_ONCE) -m ""

lint: install-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -m tests.names

install:
	@$(if $(PYTHON),,$(NO_PYTHON))
	@$(PYTHON) -m install --torch "$(TORCH)"

install-dev:
	@$(if $(PYTHON),,$(NO_PYTHON))
	@$(PYTHON) -m install --dev --scale --torch "$(TORCH)"

pins: install-dev
	.venv/bin/python -m install.pins

clean:
	rm -rf .venv
