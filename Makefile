# printstd: `make demo` shows the main job, `make test` runs the tests. Both need only
# Python 3.11+ and make; everything else goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT := out
# Compiled once, also where Python may not write beside its sources: a third of a small slice's time.
COMPILE = $(BIN)/python -m compileall -q printstd
PYTEST := $(BIN)/python -m pytest -n auto

.PHONY: help demo farm-demo wheelhouse wheelhouse-check test test-whole fuzz fuzz-guided kill-log kill-farm gate-arm64 mutation redteam prove-printers e2e lint types contracts check bench robustness scoreboard samples schemas languages docs pictures reports golden clean

help:
	@echo "make demo       certify samples/bracket.stl for pack kz and verify it offline"
	@echo "make test       the test suite"
	@echo "make test-whole the same with every exhaustive set whole (printers, mutants, patterns, samples, examples)"
	@echo "make check      lint, types and import contracts"
	@echo "make farm-demo  a farm on this machine: OctoPrint with a virtual printer, coordinator, page"
	@echo "make e2e        with other slicers, openssl, SoftHSM, Node, Chromium, poppler and real print servers (they must be there)"
	@echo "make fuzz       property tests with new random input, then 10 million mutated files; FUZZ='stl --cases N'"
	@echo "make fuzz-guided  inputs that reach new lines of each reader, by atheris; GUIDED='--runs N'"
	@echo "make kill-log   the log's writer killed before and after every durable operation"
	@echo "make kill-farm  the farm's coordinator killed at every point and 500 random times, hosts' histories counted"
	@echo "make gate-arm64 the gate's tests on arm64 under QEMU, with cryptography alone; skipped where QEMU is not there"
	@echo "make mutation   the auditor's mutation score and detection limits into docs/mutation.md; MUTATION='--help'"
	@echo "make redteam    an hour per part of searching for harmful programs that pass; REDTEAM='--minutes M'"
	@echo "make prove-printers  run programs for printers that are not proven in Kalico and on a serial line; PROVE='--all'"
	@echo "make scoreboard what stands in docs/scoreboard.md, measured again"
	@echo "make bench      speed, accuracy and sameness; BENCH='--corpus DIR --referee CMD --peers CMD'"
	@echo "make bench-SECTION  one of them: docs/performance.md lists the sections and how long they take"
	@echo "make samples    make samples/ again; make schemas, the same for published schemas"
	@echo "make languages  bring the catalogues of translations in line with the source"
	@echo "make docs       write the table of checks again"
	@echo "make reports    one report in every format into out/reports; make pictures, those of docs/"
	@echo "make wheelhouse all wheels for machines without a network; make wheelhouse-check installs from it with the network cut"
	@echo "make golden     refresh golden files of open output epochs (then read the diff)"

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "printstd needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	$(COMPILE)
	@touch $@

$(VENV)/.test: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	$(COMPILE)
	@touch $@ $(VENV)/.run

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(COMPILE)
	@touch $@ $(VENV)/.test $(VENV)/.run

demo: $(VENV)/.run
	@mkdir -p $(OUT)
	@test -f $(OUT)/demo.key || $(BIN)/printstd keys new $(OUT)/demo
	$(BIN)/printstd certify samples/bracket.stl --pack kz --class m --material pla \
	    --printer ender3-v2 --key $(OUT)/demo.key -o $(OUT)/bracket.gcode
	$(BIN)/printstd verify $(OUT)/bracket.gcode --model samples/bracket.stl --trust $(OUT)/demo.pub

test: $(VENV)/.test
	$(PYTEST) --ignore=tests/e2e

# Where `make test` takes a share of a set (tests/shares.py), all of it.
test-whole: $(VENV)/.test
	PRINTSTD_WHOLE=1 $(PYTEST) --ignore=tests/e2e

fuzz: $(VENV)/.test
	PRINTSTD_HYPOTHESIS=fuzz $(PYTEST) tests/property tests/unit/intake tests/unit/kernels tests/unit/toolpath tests/unit/gcode
	$(BIN)/python -m tests.fuzz $(FUZZ)

# atheris has a folder of its own: nothing of printstd, nor the other tests, depends on it.
fuzz-guided: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --target $(OUT)/atheris atheris
	for kind in gcode carriers bundle statement log profile 3mf stl obj ply; do \
	    PYTHONPATH=.:$(OUT)/atheris $(BIN)/python -m tests.fuzz.guided $$kind $(GUIDED) || exit 1; done

# The log's writer killed before and after every durable operation, and at 200 random times.
kill-log: $(VENV)/.test
	$(BIN)/python -m tests.killing

# The coordinator killed before and after every durable operation and call of a host, and at 500
# random times, servers restarted and answers lost; wants the servers of tests/hosts. KILL='--help'
kill-farm: $(VENV)/.test
	PRINTSTD_EVERY_POINT=1 $(BIN)/python -m pytest -q -n auto tests/unit/coordinator
	PRINTSTD_PEERS_REQUIRED=1 $(BIN)/python -m tests.killing.farm $(KILL)

# On arm64, by qemu-user-static, proot and debootstrap; as root.
gate-arm64: $(VENV)/.test
	$(BIN)/python -m tests.arm64 $(OUT)/arm64

# The kill table, a release artefact: every operator on every subject.
mutation: $(VENV)/.test
	$(BIN)/python -m tests.mutation --docs docs/mutation.md $(MUTATION)

redteam: $(VENV)/.test
	$(BIN)/python -m tests.redteam --docs docs/redteam.md $(REDTEAM)

# Writes what it found into profiles/printers/, tests/proving/results.json and docs/printers.md.
prove-printers: $(VENV)/.e2e
	PRINTSTD_PEERS_REQUIRED=1 $(BIN)/python -m tests.proving $(PROVE)

# The score board of docs/scoreboard.md: make scoreboard BENCH='--corpus DIR --dated 2026-11-26'
scoreboard: $(VENV)/.test
	$(BIN)/python -m benchmarks scoreboard $(BENCH)

$(VENV)/.e2e: $(VENV)/bin/python pyproject.toml constraints.txt tests/e2e/sigstore/package-lock.json tests/hosts/installed.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[e2e]'
	npm ci --silent --no-audit --no-fund --prefix tests/e2e/sigstore
	$(BIN)/python -m tests.hosts
	@touch $@ $(VENV)/.test $(VENV)/.run

e2e: $(VENV)/.e2e
	PRINTSTD_PEERS_REQUIRED=1 $(PYTEST) --dist loadfile tests/e2e

# A farm on this machine: OctoPrint with a virtual printer, coordinator and page, a certified part.
farm-demo: $(VENV)/.farm
	$(BIN)/python -m tests.hosts octoprint
	$(BIN)/python -m tests.hosts.demo $(DEMO)

$(VENV)/.farm: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[farm]' pytest
	$(COMPILE)
	@touch $@ $(VENV)/.run

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

check: lint types contracts

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks $(BENCH)

# One section: make bench-scaling BENCH='--peers CMD --largest 100000'
# Verdicts of the audit under three models of a bead.
robustness: bench-robustness

bench-%: $(VENV)/.test
	$(BIN)/python -m benchmarks $* $(BENCH)

samples: $(VENV)/.run
	$(BIN)/python -m samples.make_samples
	$(BIN)/python samples/capability/make_measurements.py
	$(BIN)/python samples/step/make_step.py

languages: $(VENV)/.dev
	$(BIN)/python docs/languages/update.py

schemas: $(VENV)/.run
	for kind in $$($(BIN)/python -m printstd.profiles.schema); do \
	    $(BIN)/python -m printstd.profiles.schema $$kind > profiles/schema/$$kind.json || exit 1; done
	$(BIN)/python docs/schema/make_schema.py

# The tables in docs/checks.md and docs/rules.md, from the pages of checks and rules, and docs/3mf.md, from the tests.
docs: $(VENV)/.test
	$(BIN)/python docs/make_checks.py
	$(BIN)/python docs/make_rules.py
	$(BIN)/python -m docs.make_3mf

# The picture in docs/preview.md: layers of the sample as printstd's own program lays them.
pictures: $(VENV)/.run
	@mkdir -p $(OUT)
	$(BIN)/printstd slice samples/bracket.stl --printer mk4s -o $(OUT)/picture.gcode --quiet
	$(BIN)/printstd preview $(OUT)/picture.gcode --layers 1,8,17,69 -o docs/preview.png --quiet

# A part that passes, one that is too thin and one that hangs, under the pack kz.
REPORTED = samples/bracket.stl samples/thin_tube.stl samples/tee.stl --pack kz --printer mk4s
reports: $(VENV)/.run
	@mkdir -p $(OUT)/reports
	for form in text json sarif junit html pdf; do \
	    $(BIN)/printstd validate $(REPORTED) --format $$form --report $(OUT)/reports/report.$$form --quiet \
	        || [ $$? = 1 ] || exit 1; done
	$(BIN)/printstd validate $(REPORTED) --format html --redact geometry --report $(OUT)/reports/customer.html --quiet \
	    || [ $$? = 1 ]

# Wheels of this machine's kind; WHEELHOUSE='--python 3.12 --platform manylinux_2_28_aarch64' makes those of another.
wheelhouse: $(VENV)/bin/python
	$(BIN)/python -m offline.make_wheelhouse $(OUT)/wheelhouse $(WHEELHOUSE)

wheelhouse-check: wheelhouse
	$(BIN)/python -m offline.check_wheelhouse $(OUT)/wheelhouse

golden: $(VENV)/.test
	$(BIN)/python -m pytest -n 0 tests/golden --update-golden $(GOLDEN)

clean:
	rm -rf $(OUT) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
