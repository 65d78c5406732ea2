# The two commands of this project are `make build` and `make test`; `make help` lists all.

# the first Python of version 3.11 or newer on the path
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
# What installs the packages, all by their hashes in the lock: uv (a second), else pip (half a minute). Where uv is not on
# the path pip brings it, as the lock has it. Nothing is compiled: all there is takes longer than what a build imports.
INSTALLER ?= uv
LOCKED := --no-deps --require-hashes -r
INSTALL_WITH_pip = $(BIN)/pip install --disable-pip-version-check --no-compile --progress-bar off $(LOCKED) $1
INSTALL_WITH_uv = { uv --version 2>/dev/null || { sed -n '/^uv==/,/^[a-z]/{/^uv==\|^ /p}' requirements.lock > $(VENV)/uv.txt; \
	$(BIN)/pip install -q --disable-pip-version-check --no-compile $(LOCKED) $(VENV)/uv.txt; }; } && PATH="$$PATH:$(BIN)" \
	uv pip install --no-progress --python $(BIN)/python $(LOCKED) $1 2>&1 | sed '/^ + /d'; \
	$(BIN)/python -c 'import $2' 2>/dev/null || $(INSTALL_WITH_pip)
INSTALLED := $(VENV)/.installed
# The script that draws the charts of the dashboard, out of 100 MB of packages that a build does without. To put it
# together takes seconds, so it is kept.
CHARTS := $(VENV)/vega.js
SPARK := $(VENV)-spark
export DBT_PROJECT_DIR := $(CURDIR)
export DBT_PROFILES_DIR := $(CURDIR)/profiles
# Python keeps what it has compiled: where this is set, each command compiles 2,400 imported files again (4 s)
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help build check predict words test test-quick test-newest test-spark test-slow lint format report dashboard superset docs bench results hash sample lock audit clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: $(INSTALLED) ## build, check and publish all tables from RAW_INVOICES (default: the sample); VARS='name: value' sets a var; VERBOSE=1 shows dbt's own lines
	@PYTHONPATH=python_models $(BIN)/python -m gift_shop.publishing.build $(BIN)/dbt build --exclude-resource-type unit_test $(if $(VARS),--vars '{$(VARS)}')

check: $(INSTALLED) ## say how RAW=path/to/invoices is read, in seconds; for an unknown header, write a mapping to correct
	@PYTHONPATH=python_models $(BIN)/python -m gift_shop.ingestion.check $(BIN)/dbt '$(RAW)' $(if $(VARS),--vars '{$(VARS)}')

predict: $(INSTALLED) ## say what a new customer with BASKET=basket.csv (or rows on standard input) may want next, from the published file
	@PYTHONPATH=python_models $(BIN)/python -m gift_shop.forecasting.predict '$(BASKET)'

words: $(INSTALLED) ## propose words of the published products that have no category, as rows for seeds/product_category_words.csv
	@PYTHONPATH=python_models $(BIN)/python -m gift_shop.products.words

# a process for each core, up to four, takes file after file
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
test: $(CHARTS) ## run all tests: whole builds on small files, the package, the sample
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE)

QUICK := products forecasting evaluation/test_intervals.py ingestion/test_reader.py ingestion/test_what_a_line_means.py \
	shops/test_small_shop.py project/test_words.py project/test_dialect.py
test-quick: $(CHARTS) ## run a minute's worth of tests: the package, the rules in SQL, a small build
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(QUICK:%=tests/python/%)

test-newest: $(INSTALLED) ## run test-quick on the newest versions that pyproject.toml allows, instead of those of the lock
	@$(PYTHON) -m venv --clear $(VENV)-newest && PATH="$$PATH:$(BIN)" \
		uv pip install -q --python $(VENV)-newest/bin/python --all-extras -r pyproject.toml --group charts
	@$(VENV)-newest/bin/python -m pytest $(SIDE_BY_SIDE) $(QUICK:%=tests/python/%); \
		status=$$?; rm -rf $(VENV)-newest; exit $$status

test-spark: $(SPARK)/.installed ## run what needs Spark, in an environment of its own (1.4 GB) and with Java 17
	@$(SPARK)/bin/python -m pytest -m spark tests/python/spark

test-slow: $(CHARTS) ## run the tests that take longer: more kills, larger shops, Superset and Streamlit
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m slow

lint: $(CHARTS) ## check the style of Python (ruff) and SQL (sqlfluff), and types (mypy)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/sqlfluff lint --disable-progress-bar models tests
	@$(BIN)/sqlfluff lint --disable-progress-bar --templater raw charts python_models

format: $(INSTALLED) ## fix the style of Python and SQL where a tool can
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format . ; $(BIN)/sqlfluff fix --disable-progress-bar models tests
	@$(BIN)/sqlfluff fix --disable-progress-bar --templater raw charts python_models

report: $(CHARTS) ## write the dashboard as HTML files that open offline, published/report/index.html
	@PYTHONPATH=python_models $(BIN)/python -m charts

dashboard: $(CHARTS) ## write the dashboard and serve it at http://127.0.0.1:8000, PORT=n for another port
	@PYTHONPATH=python_models $(BIN)/python -m charts serve $(PORT)

superset: $(INSTALLED) ## write a dashboard that Superset imports, published/superset.zip; DATABASE=path where it reads the published file elsewhere
	@$(BIN)/dbt --quiet parse && PYTHONPATH=python_models $(BIN)/python -m charts.superset target/manifest.json '$(DATABASE)'

docs: $(INSTALLED) ## build the docs site as one file, target/static_index.html
	@$(BIN)/dbt docs generate --static && echo "open target/static_index.html"

bench: $(INSTALLED) ## time each stage, RAW=path/to/invoices (default: the sample); GROWTH="1 10" for so many million generated lines
	@PYTHONPATH=python_models $(BIN)/python tests/benchmark/bench.py $(if $(GROWTH),--growth $(GROWTH),$(RAW))

results: $(INSTALLED) ## write docs/results.md from the published build and the last bench
	@PYTHONPATH=python_models $(BIN)/python -m charts.results

hash: $(INSTALLED) ## print each published table and the hash of its contents
	@PYTHONPATH=python_models $(BIN)/python -m gift_shop.publishing.hashes

sample: $(INSTALLED) ## write the generated sample again
	@PYTHONPATH=python_models $(BIN)/python -m gift_shop.sample.generator seeds/sample/online_retail_sample.csv.gz

lock: ## make the requirements*.lock from pyproject.toml, newest versions that fit
	@$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install -q uv
	@$(VENV)-lock/bin/uv pip compile -q --universal --python-version 3.11 --all-extras --upgrade \
		--generate-hashes --no-emit-index-url --custom-compile-command 'make lock' -o requirements.lock pyproject.toml
	@$(VENV)-lock/bin/uv pip compile -q --universal --python-version 3.11 --group charts --constraint requirements.lock --upgrade \
		--generate-hashes --no-emit-index-url --custom-compile-command 'make lock' -o requirements-charts.lock
	@$(VENV)-lock/bin/uv pip compile -q --universal --python-version 3.11 --group bi --upgrade --no-annotate \
		--generate-hashes --no-emit-index-url --custom-compile-command 'make lock' -o requirements-bi.lock
	@$(VENV)-lock/bin/uv pip compile -q --universal --python-version 3.11 --all-extras --group spark --constraint requirements.lock \
		--upgrade --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' -o requirements-spark.lock pyproject.toml
	@rm -rf $(VENV)-lock

audit: $(INSTALLED) ## look up the locked packages in the database of known vulnerabilities (needs the network)
	@$(PYTHON) -m venv $(VENV)-audit && $(VENV)-audit/bin/pip install -q --disable-pip-version-check pip-audit
	@$(VENV)-audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.lock -r requirements-charts.lock -r requirements-spark.lock; \
		status=$$?; rm -rf $(VENV)-audit; exit $$status

clean: ## remove what builds and tests leave behind, the environment and the working file included
	@rm -rf $(VENV) $(SPARK) target logs gift_shop.duckdb gift_shop.duckdb.wal gift_shop.duckdb.tmp gift_shop.duckdb.lock .pytest_cache .ruff_cache .mypy_cache

$(INSTALLED): requirements.lock
	@test -n "$(PYTHON)" || { echo "No Python of version 3.11 or newer found: install one, or call make PYTHON=path/to/python"; exit 1; }
	@echo "making $(VENV) with $(PYTHON): $$(grep -c '^[a-z].*==' requirements.lock) packages of requirements.lock"
	@test ! -L $(VENV) || rm $(VENV)  # a link: --clear would empty another project's folder
	@$(PYTHON) -m venv --clear $(VENV)
	@$(call INSTALL_WITH_$(INSTALLER),$<,dbt)
	@touch $@

$(SPARK)/.installed: requirements-spark.lock $(INSTALLED)
	@$(PYTHON) -m venv --clear $(SPARK)
	@PATH="$$PATH:$(BIN)" uv pip install --no-progress --python $(SPARK)/bin/python $(LOCKED) $< 2>&1 | sed '/^ + /d'
	@$(SPARK)/bin/python -c 'import pyspark' && touch $@

$(CHARTS): requirements-charts.lock $(INSTALLED)
	@echo "adding what draws charts: packages of $<"
	@$(call INSTALL_WITH_$(INSTALLER),$<,vl_convert)
	@$(BIN)/python -c 'import vl_convert; print(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))' > $@.part
	@mv $@.part $@
