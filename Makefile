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

demo: $(READY) sandbox  ## grade two sample classes, mark an answer, make the pages for students
	$(BIN)/grader grade activity1 tests/submissions/activity1 --out build/demo/activity1
	@# exit code 3: somebody in lab1 needs a look
	$(BIN)/grader grade lab1 tests/submissions/lab1 --out build/demo/lab1 || test $$? -eq 3
	$(BIN)/grader gradebook mark build/demo/lab1 amara_okafor svd_vs_gradient --points 3 --why "Say why no rank-2 error can be smaller."
	$(BIN)/grader report build/demo/lab1
	rm -rf build/demo/lab1-feedback
	$(BIN)/grader feedback build/demo/lab1 --to build/demo/lab1-feedback --unfinished
	@echo "for staff: open build/demo/activity1/index.html and build/demo/lab1/index.html"
	@echo "for students: open build/demo/lab1-feedback/amara_okafor/feedback.html"
	@echo "to mark the other answers: $(BIN)/grader mark lab1 --out build/demo/lab1"

test: $(READY) sandbox check verify  ## must pass before a change is merged: ten minutes on two cores
	$(PYTEST) -m "not slow" --durations 10

test-all: $(READY) sandbox check demo  ## also run the slow tests, all of verify, the audits and the demo: hours
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
