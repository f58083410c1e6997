# Each target calls one documented command. Everything is installed into .venv, which is not kept.
# A target sets up what it needs: on a fresh clone `make run` and `make test` need no other step.

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1

NRC := build/nrc-2009
TESTS ?= tests
SEEDS ?= 0-9999

.PHONY: run review test check bench bench-review bench-record bench-council bench-pages bench-evidence pages simulate weather powercuts peers docs docs-reference lock clean help

help:
	@echo "make run           open the example's council in the browser: three nodes, seats to pick"
	@echo "make review        review the first example and write its page to $(NRC)"
	@echo "make test          everything that must hold: check, then the tests"
	@echo "make check         style, types and floors only"
	@echo "make bench         all benchmarks"
	@echo "make bench-review  the benchmark of the joint review; bench-record is that of the record"
	@echo "make bench-council  the benchmark of the council: a large record, acts between nodes, the API under load"
	@echo "make bench-pages   the benchmark of the pages: the matrix, and 200 delegates connected at once"
	@echo "make bench-evidence  altered quotations, attributed quotations of PolNeAR, two reports of one speech"
	@echo "make pages         every page in a browser in every way: each visitor, light and dark, paper, each stop of Tab"
	@echo "make simulate      stories of the record from SEEDS (now $(SEEDS)), with lies, cuts, crashes and theft"
	@echo "make weather       five real nodes through runs from SEEDS (0-199 if not given): cuts, kills, wrong clocks"
	@echo "make powercuts     10,000 power cuts under the stores"
	@echo "make peers         foreign verifiers and public test vectors into .peers"
	@echo "make docs          build the documentation into build/docs"
	@echo "make docs-reference  write docs/reference again from the code"
	@echo "make lock          resolve the dependencies again into requirements/"
	@echo "make clean         remove everything that was made"

run: .venv/run.stamp
	$(BIN)/allweather open

review: .venv/run.stamp
	$(BIN)/allweather review examples/nrc-2009 --as-of 2009-09-18 --out $(NRC)
	@echo "The page: $(NRC)/index.html"

test: check
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 $(TESTS)

check: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: bench-review bench-record bench-council bench-pages bench-evidence

bench-evidence: .venv/bench.stamp
	$(BIN)/python -m benchmarks.evidence.altered
	$(BIN)/python -m benchmarks.evidence.concerns
	scripts/peers.sh polnear
	$(BIN)/python -m benchmarks.evidence.polnear

bench-record: .venv/bench.stamp
	$(BIN)/python -m benchmarks.record

bench-council: .venv/bench.stamp
	$(BIN)/python -m benchmarks.council

bench-pages: .venv/bench.stamp
	$(BIN)/python -m benchmarks.pages

pages: .venv/dev.stamp
	ALLWEATHER_PAGES=all $(BIN)/python -m pytest -n 2 tests/e2e tests/test_tutorial.py

simulate: .venv/dev.stamp
	$(BIN)/python -m tests.simulation.run --seeds $(SEEDS)

weather: SEEDS := 0-199
weather: .venv/dev.stamp
	$(BIN)/python -m tests.e2e.five --seeds $(SEEDS)

powercuts: .venv/dev.stamp
	$(BIN)/python -m tests.simulation.powercuts

peers: .venv/dev.stamp
	PYTHON=$(BIN)/python scripts/peers.sh

bench-review: .venv/bench.stamp
	$(BIN)/python -m benchmarks.review

docs: .venv/dev.stamp
	$(BIN)/zensical build --clean --strict

docs-reference: .venv/dev.stamp
	$(BIN)/python scripts/reference.py

lock: .venv/uv.stamp
	$(LOCK) --group build --output-file requirements/run.txt
	$(LOCK) --group build --extra dev --extra nlp --extra report --extra docs --constraint requirements/run.txt --output-file requirements/dev.txt
	$(LOCK) --group build --extra dev --extra nlp --extra report --extra docs --extra bench --constraint requirements/dev.txt --output-file requirements/bench.txt

# One version of each package for every supported Python and system, named by hash and by nothing else.
LOCK := $(UV) pip compile pyproject.toml --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet $(LOCK_ARGS)

clean:
	rm -rf .venv build dist .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# Set-up in four steps, each kept by a stamp. A larger lock contains the smaller one.
SYNC = $(UV) pip sync --python $(BIN)/python --require-hashes --compile-bytecode --quiet
OURS = $(UV) pip install --python $(BIN)/python --no-deps --no-build-isolation --offline --quiet --editable .

.venv/uv.stamp: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/uv.txt
	@touch $@

.venv/run.stamp: .venv/uv.stamp requirements/run.txt pyproject.toml scripts/assets.py
	$(SYNC) requirements/run.txt
	$(OURS)
	$(BIN)/python scripts/assets.py
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	$(SYNC) requirements/dev.txt
	$(OURS)
	@touch $@

.venv/bench.stamp: .venv/dev.stamp requirements/bench.txt
	$(SYNC) requirements/bench.txt
	$(OURS)
	@touch $@
