# `make demo` and `make test` work in a fresh clone: each installs what it needs.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# Each worker takes one test file after another; --shuffle draws a new order of the tests in a file in every run.
WORKERS ?= auto
SEED    ?= $(shell date +%s)
PYTEST  := $(BIN)/pytest -q -n $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder --shuffle $(SEED)

.PHONY: demo test test-all check lint types layers verify bench fuzz stubs fixtures sandbox clean

demo: $(READY) sandbox  ## grade the sample class and print where the reports are
	$(BIN)/grader grade activity1 tests/submissions/activity1 --out build/demo/activity1
	$(BIN)/grader grade lab1 tests/submissions/lab1 --out build/demo/lab1
	@echo "open build/demo/activity1/index.html and build/demo/lab1/index.html"

test: $(READY) sandbox check verify  ## must pass before a change is merged: ten minutes on two cores
	$(PYTEST) -m "not slow" --durations 10

test-all: $(READY) sandbox check  ## also run the slow tests, all of verify and the audits: hours
	$(PYTEST) --durations 20
	$(BIN)/grader verify --again
	$(BIN)/grader audit --all

check: $(READY)  ## check format, style, types and layers: seconds
	@$(MAKE) --no-print-directory -j 2 -O lint types layers

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/pytest -q tests/test_layering.py

verify: $(READY)  ## check the nine invariants of the course
	$(BIN)/grader verify

bench: $(READY) sandbox  ## measure speed; no test does
	$(BIN)/pytest tests/benchmarks --benchmark-only --benchmark-columns=min,median,max,rounds -q --timeout=0

fuzz: $(READY)  ## fuzz each reader of untrusted bytes for a minute; keep failures in tests/fuzz/cases
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[fuzz]'
	for target in frame values archive notebook source needed defined; do $(BIN)/python tests/fuzz/run.py $$target --seconds 60 || exit 1; done

stubs: $(READY)  ## make student_template/ from reference/
	$(BIN)/grader stubs

fixtures: $(READY)  ## make the fixture data with each part's make.py
	$(BIN)/grader fixtures

sandbox:  ## install bubblewrap if it is missing and we may
	@sh tools/install-bubblewrap.sh

$(READY): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $(READY)

clean:
	rm -rf build $(VENV)
