# Needs Python 3.11, 3.12 or 3.13 and make; everything else is installed into .venv on first use.
# Another Python: make test PYTHON=/usr/bin/python3.12

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TRAINING := $(VENV)/.installed-training
ENGINES := $(VENV)/.installed-engines
COMMA := ,

.DEFAULT_GOAL := help
.PHONY: help demo test test-engines check bench bench-gpu train-pack clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(INSTALLED)  ## Answer a synthesised Kannada call, show it live and write demo-call/
	@$(BIN)/kva demo

test: $(INSTALLED)  ## Run the tests
	@$(BIN)/python -m pytest

test-engines: $(ENGINES)  ## Run the tests of engines, the ones that need torch included
	@$(BIN)/python -m pytest tests/engines

check: $(INSTALLED)  ## Lint and type-check
	@$(BIN)/ruff check .
	@$(BIN)/mypy

# Speeds of published sizes are compared with torch's: without it they are skipped, and say what installs it.
bench: $(INSTALLED)  ## Measure calls per core, latency, the embedded models, and the engines that are installed
	@$(BIN)/python -m pytest -m benchmark -s -rs tests/benchmarks

bench-gpu: $(ENGINES)  ## Measure the models' sizes on this machine's GPU (without one: make bench-gpu ARGS=--dry-run)
	@$(BIN)/python -m tests.benchmarks.gpu $(ARGS)

train-pack: $(TRAINING)  ## Train the embedded models anew: about an hour and a half of two cores
	@$(BIN)/python -m app.models.training

clean:  ## Remove .venv, caches and what the demo and the training wrote
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis demo-call
	@find app telephony tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Every candidate is run, not only looked up: a name may be a version manager's shim with nothing behind it.
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3 python3.13 python3.12 python3.11)
FITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

$(BIN)/python:
	@for python in $(CANDIDATES); do \
	    if "$$python" -c '$(FITS)' 2>/dev/null; then \
	        echo "Creating $(VENV) with $$("$$python" --version)"; \
	        exec "$$python" -m venv --clear $(VENV); \
	    fi; \
	done; \
	echo "error: no usable Python among: $(CANDIDATES)" >&2; \
	echo "Python 3.11, 3.12 or 3.13 with the venv module is needed (Debian and Ubuntu: apt install python3-venv)." >&2; \
	echo "If it lies elsewhere: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; \
	exit 1

# pip's whole output goes to a log; the terminal shows the large downloads. A pipe hides pip's exit status from sh,
# so success is the stamp that pip's side of the pipe leaves behind.
# $(1): the extras; $(2): other packages.
define install
	@rm -f $@
	@{ $(BIN)/python -m pip install --no-input --disable-pip-version-check --progress-bar off -e '.[$(1)]' $(2) 2>&1 \
	    && touch $@; } | tee $(VENV)/install.log \
	    | awk '/(Downloading|Using cached) .*[0-9] MB\)/ { print "  " $$(NF-2), $$(NF-1), $$NF; fflush() } \
	           /^Installing collected/ { print "  unpacking"; fflush() }'
	@test -f $@ || { tail -n 15 $(VENV)/install.log >&2; \
	    echo "error: the installation failed; all of it is in $(VENV)/install.log" >&2; exit 1; }
endef

$(INSTALLED): pyproject.toml | $(BIN)/python
	@echo "Installing the project and its tools into $(VENV) (once; about 700 MB on disk)"
	$(call install,demo$(COMMA)dev)

# parler-tts itself comes without what it pulls in: the tests compare with it, and it runs on what is there.
$(ENGINES): $(INSTALLED)
	@echo "Installing torch and the parler-tts package into $(VENV) (once; some GB, since torch brings a GPU's libraries)"
	@echo "Without a GPU, 1 GB: PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make test-engines"
	$(call install,demo$(COMMA)dev$(COMMA)convert$(COMMA)indicconformer$(COMMA)parler,'transformers==4.46.1' protobuf onnx)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps 'parler-tts==0.2.3'

$(TRAINING): $(INSTALLED)
	@echo "Installing what trains models into $(VENV) (once; some GB, since torch brings a GPU's libraries)"
	@echo "Without a GPU, 1 GB: PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make train-pack"
	$(call install,demo$(COMMA)dev$(COMMA)training)
