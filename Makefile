# SPDX-License-Identifier: Apache-2.0
# A thin front for Meson. `make run` and `make check` are all a newcomer needs.
BUILD ?= build
PACKAGES = gcc make meson ninja-build pkg-config python3 re2c libevent-dev libseccomp-dev libssl-dev \
  libsodium-dev libyaml-dev libzstd-dev libbrotli-dev zlib1g-dev liblzma-dev libbz2-dev ca-certificates curl
CHECK_PACKAGES = clang clang-format libcmocka-dev libclang-rt-14-dev llvm libpcre2-dev libjansson-dev \
  libhttp-parser-dev nginx-light age openssl python3-venv node:nodejs npm:npm iproute2 procps git binutils
BENCH_PACKAGES = wrk openssl util-linux go:golang-go
SANITIZE = -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fno-sanitize-recover=undefined

.PHONY: all deps check-deps bench-deps run check check-long bench eval clean build-tests build-sanitized
all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet

$(BUILD)/build.ninja:
	@command -v meson >/dev/null && command -v ninja >/dev/null && command -v re2c >/dev/null || \
	  { echo "sanctum: build tools are missing; run: make deps" >&2; exit 2; }
	@meson setup $(BUILD) -Dtests=false >/dev/null || \
	  { echo "sanctum: a library is missing; run: make deps" >&2; exit 2; }

deps:
	@tools/install-packages $(PACKAGES)

check-deps:
	@tools/install-packages $(CHECK_PACKAGES)
	@tools/install-clients $(BUILD)

build-tests:
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) >/dev/null
	@meson configure $(BUILD) -Dtests=true
	@ninja -C $(BUILD) --quiet

# The same tests again, built by the other compiler with its sanitizers.
build-sanitized:
	@[ -f $(BUILD)-sanitized/build.ninja ] || \
	  CC=clang meson setup $(BUILD)-sanitized $(SANITIZE) >/dev/null
	@ninja -C $(BUILD)-sanitized --quiet

check: deps check-deps build-tests build-sanitized
	@tools/check.py --build $(BUILD)
	@tools/check-format
	@tools/run-tests.py $(BUILD) -- $(BUILD)-sanitized --suite unit --suite fuzz

# Fuzzing, kills by the hundred, oracles at length: hours, not minutes.
check-long: check
	@tools/check-long $(BUILD)

run: deps all
	@tools/run $(BUILD)

# Every figure that was asked for, beside its peer: one table. Half an hour; an idle machine, please.
bench: deps check-deps bench-deps build-tests
	@tools/bench $(BUILD)

bench-deps:
	@tools/install-packages $(BENCH_PACKAGES)

# Figures per entity, names included, on the labelled texts of test/scan/data.
eval: build-tests
	@python3 tools/eval_scan.py --mask $(BUILD)/sanctum

clean:
	rm -rf $(BUILD) $(BUILD)-sanitized
