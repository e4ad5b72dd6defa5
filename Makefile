# Two commands do it all: `make demo` shows the pages, `make test` checks everything.
# A fresh machine needs Python 3.11 or newer, pip, make and git.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUN    := $(VENV)/.installed-to-run
STAMP  := $(VENV)/.installed-to-test
DEMO   := .cache/demo
PORT   ?= 8050

LOCK   := --quiet --universal --python-version 3.11 --generate-hashes --no-header

.DEFAULT_GOAL := help
.PHONY: help demo test setup check tests browser soak spark bench lock clean

help:
	@echo "make demo   load the sample delivery and serve the pages (PORT=8050)"
	@echo "make test   install what the tests need and run every check"
	@echo "make soak   long runs: fuzz, kill loops, many worlds"
	@echo "make spark  core queries on a Spark session (Sail), equal at 100,000 events"
	@echo "make bench  benchmarks side by side with pm4py"
	@echo "make lock   resolve the dependencies anew"

# Each lock names every package with its hash; procmine itself is linked in, not copied.
# Where the venv module does not work (Debian splits it off), virtualenv takes its place.
$(RUN): requirements.lock pyproject.toml tools/make_venv.py
	$(PYTHON) tools/make_venv.py $(VENV) requirements.lock
	@touch $(RUN)

$(STAMP): requirements-dev.lock pyproject.toml tools/make_venv.py
	$(PYTHON) tools/make_venv.py $(VENV) requirements-dev.lock
	@touch $(STAMP) $(RUN)

setup: $(STAMP)

demo: $(RUN)
	$(BIN)/procmine demo --store $(DEMO) --port $(PORT)

test: $(STAMP) browser check tests

browser:
	@sh tools/browser.sh

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

tests: $(STAMP)
	TZ=UTC $(BIN)/pytest --doctest-modules --doctest-glob='README.md' \
	  procmine dashboards tests README.md -n 2 --dist loadfile -q

soak: $(STAMP)
	TZ=UTC HYPOTHESIS_PROFILE=explore $(BIN)/pytest tests -m soak -q

# Its packages are large and serve one extra, so they have an environment of their own.
spark: $(STAMP)
	$(PYTHON) tools/make_venv.py $(VENV)-spark requirements-dev.lock
	$(VENV)-spark/bin/python -m pip install --quiet -e '.[spark]' 'pysail>=0.7.2'
	TZ=UTC $(VENV)-spark/bin/pytest tests/discovery/test_spark.py -q

bench: $(STAMP)
	$(BIN)/python -m benchmarks

lock: $(STAMP)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile $(LOCK) --extra dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile $(LOCK) --extra build -c requirements-dev.lock pyproject.toml \
	  -o requirements.lock

clean:
	rm -rf $(VENV) $(VENV)-spark .cache
