# make demo      derive, prove and print batch normalization
# make test      lint, types, tests, doctests and the commands of the README
# make golden    write tests/golden anew, after a change of the documents that is meant
# make bench     timings
# make fuzz      a million mutated statements: none may raise, take long or leave memory behind
# make campaign  ten thousand sheets, hostile ones among them: here, on a cluster, killed and resumed
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.PHONY: demo test golden bench fuzz campaign clean

demo: $(VENV)/.installed
	$(BIN)/python -m derive bn_backward
	@echo "The document is $(CURDIR)/out/bn_backward.pdf"

test: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

golden: $(VENV)/.installed-test
	$(BIN)/python -m pytest tests/golden --update-golden
	@git --no-pager diff --stat -- tests/golden

bench: $(VENV)/.installed-test
	$(PIP) install --editable '.[test,math-verify]'
	$(BIN)/python -m pytest tests/bench -m bench -s

fuzz: $(VENV)/.installed-test
	$(BIN)/python tests/fuzz/campaign.py 1000000

campaign: $(VENV)/.installed-test
	$(PIP) install --editable '.[dask]'
	$(BIN)/python tests/grading/campaign.py 10000

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "derive needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable '.[test]'
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks
