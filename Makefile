# make demo   set up and open the app        make test   set up and run all tests
# make lint   formatting, types, imports     make clean  forget the environment
# make test-all  those tests, too, that take long: before a release

PYTHON    ?= $(or $(shell command -v python3.11),python3)
CATALOGUE ?= demo
PORT      ?= 8501
FOLDER     = $(or $(SIMILARITY_CATALOGUES),assets/catalogues)/$(CATALOGUE)

# Bytecode is written by whatever imports a library first, and saves each later start some seconds.
unexport PYTHONDONTWRITEBYTECODE

# Tests run in two processes; tests/conftest.py says which stay together, and in which order.
AT_ONCE = -n 2 --no-loadscope-reorder

.PHONY: demo test test-all lint clean

# A lock file with text in it is that of a build that was stopped before its end.
demo: .venv/ready
	@export SIMILARITY_CATALOGUE="$(CATALOGUE)"; \
	if [ -f "$(FOLDER)/catalogue.json" ] && [ ! -s "$(FOLDER)/.lock" ]; \
	then exec .venv/bin/streamlit run app.py --server.port "$(PORT)"; \
	else exec .venv/bin/python -m precompute.serve "$(CATALOGUE)" "$(PORT)"; fi

test: lint .venv/scale
	@.venv/bin/python -m tests.browser.chromium
	.venv/bin/python -m pytest $(AT_ONCE)

test-all: lint .venv/scale
	@.venv/bin/python -m tests.browser.chromium
	.venv/bin/python -m pytest $(AT_ONCE) -m ""

lint: .venv/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "Python 3.11 is needed: install it, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up .venv: some 2 GB to download on Linux, a few minutes the first time."
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --disable-pip-version-check -q --no-compile -r requirements.txt
	@touch .venv/ready

.venv/scale: requirements-scale.txt .venv/ready
	.venv/bin/pip install --disable-pip-version-check -q --no-compile -r requirements-scale.txt
	@touch .venv/scale

clean:
	rm -rf .venv
