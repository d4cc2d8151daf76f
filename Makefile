# Everything is installed into this checkout: .tools (uv), .venv (the program), .cache (downloads).
PYTHON ?= python3
UV_CACHE_DIR ?= $(CURDIR)/.cache/uv
export UV_CACHE_DIR
export UV_NO_CONFIG = 1
UV := .tools/bin/uv
BIN := .venv/bin
DATA ?= data
HTTP ?= 127.0.0.1:8080
OCPP ?= 127.0.0.1:9000

.DEFAULT_GOAL := help
.PHONY: help demo serve test check format bench dist lock clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (make PYTHON=/path/to/python3.12 …)"; exit 1; }
	@$(PYTHON) -m venv .tools 2>/dev/null && .tools/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9' \
	  || { rm -rf .tools; $(PYTHON) -m pip install --quiet --disable-pip-version-check --prefix .tools 'uv>=0.9'; } \
	  || { echo "Neither 'python -m venv' nor 'python -m pip' works here: install your system's python3-venv package"; exit 1; }

.venv/.runtime: requirements/runtime.txt pyproject.toml | $(UV)
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@echo "installing Bluesky into .venv …"
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/runtime.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.runtime
	@echo "installing the development tools into .venv …"
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

demo: .venv/.runtime ## a demo network with simulated stations, Ctrl-C ends it
	@$(BIN)/csms demo

serve: .venv/.runtime ## the system itself; DATA=dir HTTP=host:port OCPP=host:port
	@$(BIN)/csms serve --data $(DATA) --http $(HTTP) --ocpp $(OCPP)

test: .venv/.dev ## every test
	@$(BIN)/pytest

check: .venv/.dev ## ruff, mypy, import contracts, our own lint rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/lint.py

format: .venv/.dev ## let ruff mend what it can
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: .venv/.dev ## measure; results also in build/bench.json
	@$(BIN)/python -m bench

dist: .venv/.dev ## a wheel in dist/
	@$(UV) build --quiet --wheel --out-dir dist
	@ls dist/*.whl

lock: | $(UV) ## renew requirements/*.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml -o requirements/runtime.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml --group dev -o requirements/dev.txt

clean: ## remove what was built and installed here
	rm -rf .venv .tools .cache build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
