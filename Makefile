# make        install into .venv and run the whole pipeline on the embedded sample
# make TORCH=cpu   the same with torch for the CPU alone, from download.pytorch.org: 4 GB less on Linux
# make test   install into .venv and run the tests
# make site   install into .venv and build the documentation into site/
PYTHON ?= python3
TORCH ?=
.DEFAULT_GOAL := repro
.PHONY: repro compare ablation bench test test-all lint site

.venv/installed: setup.cfg pyproject.toml constraints.txt
	@if [ -z "$(TORCH)" ] && [ "$$(uname -s)" = Linux ] && ! command -v nvidia-smi >/dev/null; then \
	  echo "No NVIDIA GPU here: make TORCH=cpu takes torch without CUDA, from download.pytorch.org," \
	    "and needs 4 GB less"; \
	fi
	$(PYTHON) -m venv .venv
	$(if $(TORCH),.venv/bin/pip install -c constraints.txt torch torchvision \
	  --index-url https://download.pytorch.org/whl/$(TORCH) --extra-index-url https://pypi.org/simple)
	.venv/bin/pip install -c constraints.txt -e '.[test]'
	touch $@

repro: .venv/installed
	PATH="$(CURDIR)/.venv/bin:$$PATH" dvc repro
	@if git status --porcelain -- dvc.lock metrics 2>/dev/null | grep -q .; then \
	  echo "dvc.lock and metrics/ now hold the results of this machine and differ from git's:" \
	    "commit them, or take git's back by: git checkout dvc.lock metrics"; \
	fi
	@PATH="$(CURDIR)/.venv/bin:$$PATH" wnet scores

# Every network of the paper's tables on the sample, about an hour on two cores.
compare: .venv/installed
	PATH="$(CURDIR)/.venv/bin:$$PATH" wnet compare sample

# Table 3 of the paper on the sample, about half an hour.
ablation: .venv/installed
	PATH="$(CURDIR)/.venv/bin:$$PATH" wnet compare sample-ablation

# Each part beside what it could be at best; docs/performance.md has the tables.
bench: .venv/installed
	for name in resize_rates crop_rates shard_reads metric_rates training_steps evaluation_rates startup growth; do \
	  PATH="$(CURDIR)/.venv/bin:$$PATH" PYTHONPATH=. .venv/bin/python benchmarks/$$name.py || exit; \
	done

# In a process more than there are processors, since tests also wait, and eight at most; one thread
# each. tests/conftest.py has the order.
test: .venv/installed
	PATH="$(CURDIR)/.venv/bin:$$PATH" OMP_NUM_THREADS=1 pytest --maxprocesses 8 \
	  -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist loadfile --no-loadscope-reorder

test-all: .venv/installed
	PATH="$(CURDIR)/.venv/bin:$$PATH" pytest -m ''

# Code by ruff; spelling and vocabulary (docs/vocabulary.txt) by codespell.
lint: .venv/installed
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	git ls-files -z | xargs -0 .venv/bin/codespell

# The documentation with search, a page for each stage and the API: mkdocs.yml, docs/site.py.
site: .venv/installed
	.venv/bin/pip install --quiet -c constraints.txt -e '.[docs]'
	.venv/bin/mkdocs build --strict
