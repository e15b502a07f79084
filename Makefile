# Realcentric. `make` builds build/release/realcentric, `make test` runs every rung that this machine can run, `make demo` is the whole path from nothing
# to a trained detector. A build of another kind lives in a folder of its own: KIND=asan, KIND=tsan, CXX=clang++ KIND=clang, or PROFILE=1.
# Others: bench deps clean format golden kernels-report repro sanitize.

MAKEFLAGS += --no-builtin-rules
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
.DELETE_ON_ERROR:
SHELL := /bin/bash
export LC_ALL := C

KIND  ?= $(if $(PROFILE),profile,release)
BUILD := build/$(KIND)
CXX   := $(if $(filter default,$(origin CXX)),g++,$(CXX))

# The CUDA device is built where the toolkit and cuDNN's headers are found; `make NVCC=` leaves it out. Builds for a sanitizer are of the CPU alone.
export NVCC ?= $(firstword $(shell command -v nvcc) $(wildcard /usr/local/cuda/bin/nvcc))
# nvcc is asked where the toolkit is: what is found by its name may be a script that calls it.
CUDA_HOME  := $(if $(NVCC),$(realpath $(shell $(NVCC) --dryrun -x cu -E /dev/null 2>&1 | sed -n 's/^\#\$$ TOP=//p')))
CUDNN      := $(dir $(firstword $(wildcard $(addsuffix /cudnn.h,$(CUDA_HOME)/include /usr/include /usr/include/x86_64-linux-gnu))))
CUDA       := $(if $(filter-out asan tsan,$(KIND)),$(and $(NVCC),$(CUDNN),$(wildcard $(CUDA_HOME)/include/cublasLt.h),yes))
ifneq ($(if $(CUDA),,$(and $(NVCC),$(filter-out asan tsan,$(KIND)))),)
$(warning nvcc is here, but not cudnn.h or cublasLt.h: the CUDA device is left out)
endif
# Inside the program, so that it starts where no CUDA library is; cuDNN and cuBLASLt are opened when the device is.
CUDART     := $(if $(CUDA),$(CUDA_HOME)/lib64/libcudart_static.a -ldl -lrt -lpthread)
# Videos go through libav, where it is or can be installed; `make VIDEO=` leaves them out.
ifeq ($(origin VIDEO),undefined)
VIDEO      := $(shell tools/build/deps.sh video >&2 && echo yes)
endif
# Machine code for each architecture, and PTX of the newest, which the driver compiles for GPUs that are newer still.
CUDA_ARCHS ?= 80 86 89 90 100 120
ARCHS      := $(shell tr -s ' ,;' '\n' <<< '$(CUDA_ARCHS)' | sort -nu)
NEWEST     := $(lastword $(ARCHS))
CODE       := $(foreach arch,$(ARCHS),-gencode=arch=compute_$(arch),code=sm_$(arch)) -gencode=arch=compute_$(NEWEST),code=compute_$(NEWEST)
CUDA_BUILD := build/nvcc$(if $(PROFILE),-profile)
NVCCFLAGS  := -x cu -std=c++20 -O3 -fmad=false -DRC_TARGET=cuda -I. -Werror all-warnings -Xcompiler=-Wall,-Wextra,-Werror,-fopenmp-simd \
              -Xcompiler=-ffile-prefix-map=$(CURDIR)=. -Xptxas=-v $(CODE) $(if $(PROFILE),-lineinfo)

# A PTX emulator runs what nvcc made on the CPU, for the tests. Its folder is only read; without one that rung is skipped.
export PTX_EMULATOR ?= $(wildcard ../shared/ptx-emulator)

# No -march=native and no -ffast-math: the same source and compiler give the same binary and the same arithmetic everywhere.
# Kernels alone are compiled once per instruction set; the program picks at start.
BASE_FLAGS := -std=c++20 -O2 -g0 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror -fopenmp \
              -ffp-contract=off -fno-math-errno -fno-trapping-math -I. -ffile-prefix-map=$(CURDIR)=. -march=x86-64-v2
ISA_v3     := -O3 -march=x86-64-v3 -DRC_TARGET=v3
ISA_avx512 := -O3 -march=x86-64-v4 -mprefer-vector-width=512 -DRC_TARGET=avx512
ISA_fibers := -O1 -march=x86-64-v3 -DRC_TARGET=fibers
# Tests take longer to compile than to run, but for the plain loops that they compare with. Both levels give the same bits.
FLAGS_tests := -O1
SANITIZE_asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1
SANITIZE_tsan := -fsanitize=thread -O1
CXXFLAGS   := $(BASE_FLAGS) $(SANITIZE_$(KIND)) $(if $(CUDA),-DRC_CUDA) $(EXTRA_CXXFLAGS)
LDFLAGS    := -fopenmp $(SANITIZE_$(KIND)) -Wl,--build-id=none -Wl,--as-needed
LDLIBS     := -ldnnl -lturbojpeg -lspng -ldeflate -ldlib -lz -lm

sources  = $(sort $(shell find $(1) -name '*.cc' 2>/dev/null))
LIBRARY := $(filter-out tools/main.cc $(if $(CUDA),engine/cuda/absent.cc),$(call sources,engine model data train tools))
LIBRARY := $(if $(CUDA),$(LIBRARY),$(filter-out $(filter-out %/absent.cc,$(call sources,engine/cuda)),$(LIBRARY)))
LIBRARY := $(filter-out $(if $(VIDEO),data/libav/absent.cc,$(filter-out %/absent.cc,$(call sources,data/libav))),$(LIBRARY))
KERNELS := $(call sources,kernels)
TESTS   := $(filter-out tests/emulated/% tests/parity/% tests/fuzz/fuzzer.cc $(if $(CUDA),,tests/engine/cuda/%),$(call sources,tests))
# The tests of kernels make two more programs: under the emulator, and on a GPU.
OF_KERNELS := tests/main.cc $(filter-out tests/kernels/targets.cc,$(call sources,tests/kernels)) $(filter-out %_test.cc,$(call sources,tests/reference))
EMULATED   := $(OF_KERNELS) $(call sources,tests/emulated)
PARITY     := $(OF_KERNELS) $(call sources,tests/parity)

LIBRARY_OBJ := $(LIBRARY:%.cc=$(BUILD)/%.o)
KERNEL_OBJ  := $(KERNELS:%.cc=$(BUILD)/%.v3.o) $(KERNELS:%.cc=$(BUILD)/%.avx512.o)
FIBER_OBJ   := $(KERNELS:%.cc=$(BUILD)/%.fibers.o)
TEST_OBJ    := $(TESTS:%.cc=$(BUILD)/%.o) $(if $(CUDA),,$(BUILD)/engine/cuda/plan_cache.o)
EMULATED_OBJ := $(EMULATED:%.cc=$(BUILD)/%.o)
PARITY_OBJ  := $(PARITY:%.cc=$(BUILD)/%.o)
NVCC_OBJ    := $(if $(NVCC),$(patsubst %,$(CUDA_BUILD)/%.o,$(basename $(KERNELS) $(sort $(wildcard engine/cuda/*.cu)))))
CUDA_OBJ    := $(if $(CUDA),$(NVCC_OBJ))
PLANTED_OBJ := $(if $(CUDA),$(patsubst %.cu,$(CUDA_BUILD)/%.o,$(wildcard tests/emulated/*.cu)))

.PHONY: all tests kernels-cuda kernels-report
all: $(BUILD)/realcentric
tests: $(BUILD)/tests/run $(if $(CUDA),$(BUILD)/tests/run_parity $(if $(PTX_EMULATOR),$(BUILD)/tests/run_emulated))
kernels-cuda: $(NVCC_OBJ)
kernels-report: kernels-cuda
	@tools/build/kernels.sh $(KERNELS:%.cc=$(CUDA_BUILD)/%.ptxas) | awk -f tools/build/occupancy.awk

link = @echo "link  $@"; $(CXX) $(LDFLAGS) $(filter %.o,$^) $(LDLIBS) $(CUDART) -o $@
$(BUILD)/realcentric: $(BUILD)/tools/main.o $(LIBRARY_OBJ) $(KERNEL_OBJ) $(CUDA_OBJ) $(BUILD)/objects ; $(link)
$(BUILD)/tests/run: private LDLIBS += -lblas
$(BUILD)/tests/run: $(TEST_OBJ) $(LIBRARY_OBJ) $(KERNEL_OBJ) $(FIBER_OBJ) $(CUDA_OBJ) $(BUILD)/objects ; $(link)

$(BUILD)/tests/run_parity: $(PARITY_OBJ) $(LIBRARY_OBJ) $(KERNEL_OBJ) $(FIBER_OBJ) $(CUDA_OBJ) $(BUILD)/objects ; $(link)
# The same objects, with the emulator in the place of cudart.
$(BUILD)/tests/run_emulated: private CUDART := build/ptxemu/libcudart.so.13 -Wl,-rpath,'$$ORIGIN/../../ptxemu'
$(BUILD)/tests/run_emulated: $(EMULATED_OBJ) $(LIBRARY_OBJ) $(KERNEL_OBJ) $(FIBER_OBJ) $(CUDA_OBJ) $(PLANTED_OBJ) $(BUILD)/objects build/ptxemu/libcudart.so.13 ; $(link)
# A C++ library of its own, so that the tests can replace operator new for themselves alone.
build/ptxemu/libcudart.so.13: $(wildcard $(addprefix $(PTX_EMULATOR)/,*.cpp *.hpp *.h *.map Makefile))
	@mkdir -p $(@D); ln -sf $(abspath $^) $(@D); $(MAKE) -C $(@D) CXX='g++ -static-libstdc++' $(@F)

compile = @mkdir -p $(@D); echo "build $@"; $(CXX) $(CXXFLAGS) $(1) -frandom-seed=$< -MMD -MP -c $< -o $@
$(BUILD)/%.v3.o: %.cc $(BUILD)/flags      ; $(call compile,$(ISA_v3))
$(BUILD)/%.avx512.o: %.cc $(BUILD)/flags  ; $(call compile,$(ISA_avx512))
$(BUILD)/%.fibers.o: %.cc $(BUILD)/flags  ; $(call compile,$(ISA_fibers))
$(BUILD)/tests/reference/%.o: tests/reference/%.cc $(BUILD)/flags ; $(call compile,)
$(BUILD)/tests/%.o: tests/%.cc $(BUILD)/flags ; $(call compile,$(FLAGS_tests))
$(BUILD)/%.o: %.cc $(BUILD)/flags         ; $(call compile,)

$(BUILD)/engine/cuda/%.o $(BUILD)/tests/engine/cuda/%.o: private CXXFLAGS += -isystem $(CUDA_HOME)/include -isystem $(CUDNN)

$(BUILD)/tests/emulated/%.o $(BUILD)/tests/parity/%.o: private CXXFLAGS += -isystem $(CUDA_HOME)/include $(PTX_EMULATOR:%=-isystem %)

# Parsers of outside bytes under libFuzzer, by clang: no more than the sources that they are made of.
FUZZ_CXX     ?= clang++
FUZZ_SECONDS ?= 60
FUZZED := $(addprefix tests/fuzz/,fuzzer.cc targets.cc) $(addprefix engine/,file.cc growing_file.cc gpu.cc npy_header.cc sha256.cc cuda/plan_cache.cc) \
          $(sort $(wildcard data/layout_*.cc)) $(addprefix data/,clips.cc compression.cc csv.cc dfb_labels.cc exif.cc ffpp_splits.cc image.cc image_header.cc index.cc jpeg.cc json_object.cc labels.cc listing.cc npy.cc pair_names.cc path_map.cc plain_png.cc png.cc split.cc stb.cc video_entry.cc) \
          $(addprefix train/,csv_table.cc expectation.cc html.cc json_settings.cc plot.cc predictions.cc report_calibration.cc report_comparison.cc report_evaluation.cc \
          report_interference.cc report_training.cc reported_run.cc row.cc scored_set.cc shallow_json.cc svg.cc table.cc training_state.cc) \
          $(addprefix model/weights/,npz.cc pickle.cc pytorch.cc safetensors.cc stored_tensor.cc utf8.cc weight_file.cc zip.cc)
FUZZ_OBJ   := $(FUZZED:%.cc=build/fuzz/%.o)
FUZZ_FLAGS := -std=c++20 -O1 -gline-tables-only -I. -march=x86-64-v2 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
build/fuzz/run: $(FUZZ_OBJ)
	@echo "link  $@"; $(FUZZ_CXX) -fsanitize=fuzzer,address,undefined $^ -lturbojpeg -lspng -ldeflate -lz -o $@
build/fuzz/%.o: %.cc build/fuzz/flags
	@mkdir -p $(@D); echo "build $@"; $(FUZZ_CXX) $(FUZZ_FLAGS) -MMD -MP -c $< -o $@
build/fuzz/flags: always | deps ; $(call stamp,$(filter-out ccache,$(FUZZ_CXX)) $(FUZZ_FLAGS))

# The commit goes into one file; it is the same for all clones of it.
GIT_ID := $(shell git describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null || echo unknown)
$(BUILD)/engine/build_info.o: private CXXFLAGS += -DRC_GIT_ID='"$(GIT_ID)"'
$(BUILD)/engine/build_info.o: $(BUILD)/git_id

# nvcc gives the same bytes every time only with intermediate files of fixed names (--keep) and a seed. What ptxas reports stays beside the object.
define compile_cuda
@mkdir -p $(@:.o=.keep); rm -f $@; echo "build $@"
@$(NVCC) $(NVCCFLAGS) -Xcompiler=-frandom-seed=$< --keep --keep-dir=$(@:.o=.keep) -MMD -MP -MF $(@:.o=.d) -c $< -o $@ 2> $(@:.o=.ptxas) \
  || { grep -v '^ptxas info\|^    [0-9]' $(@:.o=.ptxas) >&2; exit 1; }
@rm -rf $(@:.o=.keep)
endef
$(CUDA_BUILD)/%.o: %.cc $(CUDA_BUILD)/flags  ; $(compile_cuda)
$(CUDA_BUILD)/%.o: %.cu $(CUDA_BUILD)/flags  ; $(compile_cuda)

# Stamps: a change of a flag, of the compiler's name or of the list of sources touches one of these and so rebuilds what hangs on it.
.PHONY: always
stamp = @mkdir -p $(@D); echo '$(1)' | cmp -s - $@ || echo '$(1)' > $@
$(BUILD)/flags: always | deps     ; $(call stamp,$(filter-out ccache,$(CXX)) $(CXXFLAGS) $(ISA_v3) $(ISA_avx512) $(ISA_fibers) $(FLAGS_tests))
$(BUILD)/objects: always          ; $(call stamp,$(LDFLAGS) $(LDLIBS) $(CUDART) $(LIBRARY) $(KERNELS) $(TESTS) $(EMULATED) $(PARITY))
$(BUILD)/git_id: always           ; $(call stamp,$(GIT_ID))
$(CUDA_BUILD)/flags: always       ; $(call stamp,$(NVCC) $(NVCCFLAGS))

# Packages are looked for at every start (milliseconds when all are there) and installed where that is allowed.
.PHONY: deps deps-python deps-checks
deps:        ; @tools/build/deps.sh build $(if $(findstring clang,$(CXX)),clang)
deps-python: ; @tools/build/deps.sh python
deps-checks: ; @tools/build/deps.sh fuzz onnx ffmpeg browser

.PHONY: test sanitize fuzz repro golden demo bench format clean
test: all tests
	+@tests/run_rungs.sh $(BUILD)
sanitize:
	+@tests/sanitize.sh
fuzz: | deps
	@tools/build/deps.sh fuzz
	+@tests/fuzz/run.sh $(FUZZ_SECONDS)
repro: | deps
	+@tools/build/repro.sh
golden: | deps-python
	cd tests/golden && for script in *.py; do /usr/bin/python3 $$script || exit; done
demo: all
	@tools/demo.sh $(BUILD)/realcentric
bench: all | deps-python
	@$(BUILD)/realcentric bench --peer-script tools/bench_torch.py
format:
	@tools/build/deps.sh format
	clang-format -i $(shell git ls-files '*.h' '*.cc')
clean:
	rm -rf build

-include $(patsubst %.o,%.d,$(LIBRARY_OBJ) $(KERNEL_OBJ) $(FIBER_OBJ) $(TEST_OBJ) $(EMULATED_OBJ) $(PARITY_OBJ) $(BUILD)/tools/main.d $(NVCC_OBJ) $(PLANTED_OBJ) $(FUZZ_OBJ))
