# Everything is installed into this checkout: .tools (uv), .venv (the program), .cache (downloads).
PYTHON ?= python3
UV_CACHE_DIR ?= $(CURDIR)/.cache/uv
export UV_CACHE_DIR
export UV_NO_CONFIG = 1
unexport PYTHONDONTWRITEBYTECODE # compiling everything anew takes longer than all else at a start
UV := .tools/bin/uv
BIN := .venv/bin
DATA ?= data
HTTP ?= 127.0.0.1:8080
OCPP ?= 127.0.0.1:9000
CONSOLE := src/csms/api/console_dist/index.html
CONSOLE_SOURCES := $(shell find web/console/src web/console/public -type f) web/console/index.html web/console/vite.config.ts

SIDE_BY_SIDE := -n auto --dist loadfile --no-loadscope-reorder # the longest files first, see tests/conftest.py
# The rest of the tests knows no database, brings one of its own, or breaks a PostgreSQL in any case.
ON_A_DATABASE := $(addprefix tests/,adapters api app certification domain flows gateway jobs) --ignore tests/flows/distributed
# Of these the ones whose subject the database and the bus are: a database for each test costs a quarter of a second.
ON_POSTGRES_ALWAYS := $(addprefix tests/,adapters flows jobs) --ignore tests/flows/distributed

.DEFAULT_GOAL := help
.PHONY: test-postgres fuzz soak faults help demo serve web web-if-possible independent-if-possible screenshots test check format bench dist lock clean

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

web: $(CONSOLE) ## build the console (Node is fetched if this machine has none)

web-if-possible: .venv/.runtime
	@$(MAKE) --no-print-directory $(CONSOLE) || echo "The console could not be built here; everything else works without it."

web/console/node_modules/.package-lock.json: web/console/package-lock.json | .venv/.runtime
	@echo "installing the console's packages …"
	@web/run npm ci --silent
	@touch $@

$(CONSOLE): web/console/node_modules/.package-lock.json $(CONSOLE_SOURCES)
	@echo "building the console …"
	@web/run npm run --silent build -- --logLevel warn
	@touch $@

screenshots: .venv/.runtime $(CONSOLE) ## every screen in both languages and themes at four sizes, to build/screenshots; ONLY=overview,map SIZES=phone LANGS=zh THEMES=dark
	@$(BIN)/python web/console/scripts/screenshots.py

demo: .venv/.runtime web-if-possible ## a demo network with simulated stations, Ctrl-C ends it
	@$(BIN)/csms demo

serve: .venv/.runtime web-if-possible ## the system itself; DATA=dir HTTP=host:port OCPP=host:port
	@$(BIN)/csms serve --data $(DATA) --http $(HTTP) --ocpp $(OCPP)

tests/independent/node_modules/.package-lock.json: tests/independent/package-lock.json | .venv/.runtime
	@echo "installing the stations and test suites that others wrote …"
	@FOLDER=tests/independent web/run npm ci --silent
	@touch $@

independent-if-possible: .venv/.runtime
	@$(MAKE) --no-print-directory tests/independent/node_modules/.package-lock.json || echo "No Node here: its stations are not tested against."

test: .venv/.dev web-if-possible independent-if-possible ## every test but the fault tests, and the stories again on PostgreSQL and NATS
	@$(BIN)/pytest $(SIDE_BY_SIDE) --ignore tests/flows/distributed
	@$(BIN)/pytest $(SIDE_BY_SIDE) --setup postgres $(ON_POSTGRES_ALWAYS)

test-postgres: .venv/.dev ## whatever touches a database, on PostgreSQL and NATS
	@$(BIN)/pytest $(SIDE_BY_SIDE) --setup postgres $(ON_A_DATABASE)

faults: .venv/.dev ## kill and stop everything of a many-process set-up, under load
	@$(BIN)/pytest tests/flows/distributed

fuzz: .venv/.dev ## a million mutated frames through the stations' port; FRAMES=n SEED=n
	@CSMS_TEST_FUZZ_FRAMES=$(or $(FRAMES),1000000) CSMS_TEST_FUZZ_SEED=$(or $(SEED),1) $(BIN)/pytest -s --timeout 3600 tests/fuzz

soak: .venv/.dev ## an hour of 500 stations in seven minutes, with everything going wrong; STATIONS=n MINUTES=n SPEED=n SEED=n
	@CSMS_TEST_SOAK_STATIONS=$(or $(STATIONS),500) CSMS_TEST_SOAK_MINUTES=$(or $(MINUTES),60) CSMS_TEST_SOAK_SPEED=$(or $(SPEED),9) \
	  CSMS_TEST_SOAK_SEED=$(or $(SEED),1) $(BIN)/pytest -s --timeout 3600 tests/soak

check: .venv/.dev ## ruff, mypy, import contracts, our own lint rules, the console's types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/lint.py
	@! test -d web/console/node_modules || web/run npm run --silent check

format: .venv/.dev ## let ruff mend what it can
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: .venv/.dev ## measure; results also in build/bench.json
	@$(BIN)/python -m bench

dist: .venv/.dev $(CONSOLE) ## a wheel in dist/
	@$(UV) build --quiet --wheel --out-dir dist
	@ls dist/*.whl

lock: | $(UV) ## renew requirements/*.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml -o requirements/runtime.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml --group dev -o requirements/dev.txt

clean: ## remove what was built and installed here
	rm -rf .venv .tools .cache build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache web/console/node_modules tests/independent/node_modules \
	  src/csms/api/console_dist
