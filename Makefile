# make run    installs what is missing and starts the dashboard on PORT (default 8501)
# make api    the same for REST alone (default 8000)
# make gradio the same for the Gradio page alone (default 7860)
# make test   installs what tests need and runs every check but the slow tests
# make test-all   the slow ones, too
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run api gradio test test-all lint types imports unit unit-all format clean

run: PORT ?= 8501
run: .venv/installed
	PORT=$(PORT) $(BIN)/python -m apps.server

api: PORT ?= 8000
api: .venv/installed
	PORT=$(PORT) $(BIN)/python -m apps.api

gradio: PORT ?= 7860
gradio: .venv/installed-gradio
	PORT=$(PORT) $(BIN)/python gradio_app.py

# Two processes of one thread each; a file stays in one, so that what its tests share is made once.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

test: lint types imports unit

test-all: lint types imports unit-all

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed-dev
	$(BIN)/mypy

imports: .venv/installed-dev
	$(BIN)/lint-imports

unit: .venv/installed-dev
	$(PYTEST) -m "not slow"

unit-all: .venv/installed-dev
	$(PYTEST)

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: requirements.txt constraints.txt | .venv/bin/python
	@echo "Installing what it needs into .venv: some minutes, several GB"
	$(BIN)/pip install --disable-pip-version-check -q -r requirements.txt
	touch $@

.venv/installed-gradio: requirements-gradio.txt .venv/installed
	$(BIN)/pip install --disable-pip-version-check -q -r requirements-gradio.txt
	touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed-gradio
	$(BIN)/pip install --disable-pip-version-check -q -r requirements-dev.txt
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
