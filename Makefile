# Every target first makes the environment, or finds in a moment that there is nothing to do: tools/environment.py.
# The same without make stands in the README.

PYTHON ?= python3
PORT ?= 8000
# Two cores are what our own checks run on; a larger machine may say make test WORKERS=8.
WORKERS ?= 2
IN = .venv/bin/python
# What is compiled once need not be compiled again by each of the processes that tests start, whatever the shell says.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help run test test-all lint bench lock texts screenshots clean environment environment-dev

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: environment ## serve on http://127.0.0.1:8000, with its data in the folder data; PORT=8100 takes another port
	@exec $(IN) -m app.cli serve --port $(PORT)

test: lint ## every rule once, on SQLite, on PostgreSQL and in a browser
	$(IN) -m pytest -n $(WORKERS) --dist worksteal -m "not long"

test-all: lint ## all tests, the full products and the long properties too
	$(IN) -m pytest -n $(WORKERS) --dist worksteal

lint: environment-dev ## format, rules, types and templates
	$(IN) -m ruff format --check .
	$(IN) -m ruff check .
	$(IN) -m mypy
	$(IN) -m djlint --lint --quiet templates

bench: environment-dev ## a save and a result page against hand-written SQL, and the dashboard at 100 to 100,000 teams
	$(IN) -m bench

lock: environment-dev ## write the lock files anew from pyproject.toml; UPGRADE=--upgrade takes newer versions too
	$(IN) -m uv pip compile pyproject.toml $(LOCKED) --extra pdf --extra pptx --output-file requirements.txt
	$(IN) -m uv pip compile pyproject.toml $(LOCKED) --extra pdf --extra pptx --extra dev --constraint requirements.txt --output-file requirements-dev.txt
	echo hatchling | $(IN) -m uv pip compile - $(LOCKED) --constraint requirements-dev.txt --output-file requirements-build.txt
LOCKED = --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
	--custom-compile-command "make lock" $(UPGRADE)

texts: environment-dev ## bring the catalogues in locale up to date with the texts of the code, and list what is to be translated
	$(IN) -m tools.texts

screenshots: environment-dev ## take the pictures of the README anew
	$(IN) -m tools.screenshots

clean: ## remove what was made here; the data stay
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage screenshots
	find app tests tools bench migrations -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

environment:
	@$(PYTHON) tools/environment.py

environment-dev:
	@$(PYTHON) tools/environment.py --dev
