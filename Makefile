# Realcentric. `make` builds build/release/realcentric; `make test` runs every rung that this machine can run; `make demo` is the whole path.
# A build of another kind (sanitizers, another compiler) lives in a folder of its own: make KIND=asan, make CXX=clang++ KIND=clang.

MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash
export LC_ALL := C

KIND  ?= release
BUILD := build/$(KIND)
CXX   := $(if $(filter default,$(origin CXX)),g++,$(CXX))

# No -march=native and no -ffast-math: the same source and compiler give the same binary and the same arithmetic everywhere.
# Kernels alone are compiled once per instruction set; the program picks at start.
BASE_FLAGS := -std=c++20 -O2 -g0 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror -fopenmp \
              -ffp-contract=off -fno-math-errno -fno-trapping-math -I. -ffile-prefix-map=$(CURDIR)=. -march=x86-64-v2
ISA_v3     := -O3 -march=x86-64-v3 -DRC_TARGET=v3
ISA_avx512 := -O3 -march=x86-64-v4 -mprefer-vector-width=512 -DRC_TARGET=avx512
ISA_fibers := -O1 -march=x86-64-v3 -DRC_TARGET=fibers
SANITIZE_asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1
SANITIZE_tsan := -fsanitize=thread -O1
CXXFLAGS   := $(BASE_FLAGS) $(SANITIZE_$(KIND)) $(EXTRA_CXXFLAGS)
LDFLAGS    := -fopenmp $(SANITIZE_$(KIND)) -Wl,--build-id=none -Wl,--as-needed
LDLIBS     := -ldnnl -lturbojpeg -lspng -ldlib -lm

sources  = $(sort $(shell find $(1) -name '*.cc' 2>/dev/null))
LIBRARY := $(filter-out tools/main.cc,$(call sources,engine model data train tools))
KERNELS := $(call sources,kernels)
TESTS   := $(call sources,tests)

LIBRARY_OBJ := $(LIBRARY:%.cc=$(BUILD)/%.o)
KERNEL_OBJ  := $(KERNELS:%.cc=$(BUILD)/%.v3.o) $(KERNELS:%.cc=$(BUILD)/%.avx512.o)
FIBER_OBJ   := $(KERNELS:%.cc=$(BUILD)/%.fibers.o)
TEST_OBJ    := $(TESTS:%.cc=$(BUILD)/%.o)

.PHONY: all
all: $(BUILD)/realcentric

$(BUILD)/realcentric: $(BUILD)/tools/main.o $(LIBRARY_OBJ) $(KERNEL_OBJ)
	@echo "link  $@"; $(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/tests/run: $(TEST_OBJ) $(LIBRARY_OBJ) $(KERNEL_OBJ) $(FIBER_OBJ)
	@echo "link  $@"; $(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@

compile = @mkdir -p $(@D); echo "build $@"; $(CXX) $(CXXFLAGS) $(1) -MMD -MP -c $< -o $@
$(BUILD)/%.v3.o: %.cc      ; $(call compile,$(ISA_v3))
$(BUILD)/%.avx512.o: %.cc  ; $(call compile,$(ISA_avx512))
$(BUILD)/%.fibers.o: %.cc  ; $(call compile,$(ISA_fibers))
$(BUILD)/%.o: %.cc         ; $(call compile,)

.PHONY: test
test: all $(BUILD)/tests/run
	$(BUILD)/tests/run

.PHONY: format clean
format:
	clang-format -i $(shell git ls-files '*.h' '*.cc')
clean:
	rm -rf build

-include $(patsubst %.o,%.d,$(LIBRARY_OBJ) $(KERNEL_OBJ) $(FIBER_OBJ) $(TEST_OBJ) $(BUILD)/tools/main.d)
