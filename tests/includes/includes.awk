# Prints 'file:line: complaint' for every include that its file may not have. Run from the top of the tree.
BEGIN {
  split("engine kernels model data train tools tests", folders)
  split("1 2 3 3 4 5 6", numbers)
  for (i in folders) floor[folders[i]] = numbers[i]

  # Which files may include a library's headers: a pattern of the header, a pattern of the file.
  place["^dnnl|^oneapi/"] = "^engine/host/"
  place["^cuda|^cublas|^cudnn|^nccl|^nvtx"] = "^engine/cuda/|^tests/(emulated|parity)/"
  place["^ptxemu\\.h$"] = "^tests/emulated/"
  place["^omp\\.h$"] = "^engine/host/|^tests/"
  place["^(turbojpeg|spng|libdeflate)\\.h$|^stb/"] = "^(data|tests)/"
  place["^dlib/"] = "^data/faces\\.cc$"
  place["^lib(av(codec|format|util)|swscale)/"] = "^data/libav/"
  place["^zlib\\.h$"] = "^model/weights/zip\\.cc$"
  place["^nlohmann/"] = "^engine/(trace|gpu)\\.cc$|^(model|data|train|tools|tests)/"
  place["^CLI/"] = "^(tests/)?tools/"
  place["^doctest/|^cblas\\.h$"] = "^tests/"
  system_headers = "^(sys/.*|arpa/.*|netinet/.*|fcntl|unistd|signal|ucontext|dirent|poll|spawn|sched|pthread|termios|fenv|math|time|immintrin|x86intrin|cpuid|dlfcn|execinfo|stdlib|stdio|malloc)\\.h$"
}

function complain(what) { print FILENAME ":" FNR ": " what ": " header }

/^[ \t]*#[ \t]*include[ \t]*["<]/ {
  match($0, /["<][^">]+/)
  quoted = substr($0, RSTART, 1) == "\""
  header = substr($0, RSTART + 1, RLENGTH - 1)
  own = FILENAME; sub("/.*", "", own)
  if (quoted) own_header(); else foreign_header()
}

function own_header(   other) {
  other = header; sub("/.*", "", other)
  if (!(other in floor)) return complain("not a path from the top")
  if (floor[other] > floor[own]) return complain("includes point downwards")
  if (floor[other] == floor[own] && other != own) return complain("model and data know nothing of each other")
  if (own == "data" && other != "data" && other != "engine") return complain("data stands on engine alone")
  if (own == "kernels" && other == "engine" && header !~ /^engine\/(activation|block|chunks|launch|target|dtype|rng)\.h$/) return complain("a kernel knows of the engine only its block, launch and types")
  if (header == "engine/block.h" && own != "kernels" && own != "tests") return complain("only kernels run in a block")
  if (header ~ /^engine\/(host|cuda)\// && own != "engine" && own != "tests") return complain("the device is behind engine/device.h")
}

function foreign_header(   library) {
  for (library in place)
    if (header ~ library) {
      if (FILENAME !~ place[library]) complain("this library is not for this file")
      return
    }
  if (header !~ /^[a-z_0-9]+$/ && header !~ system_headers) complain("a library without a place in tests/includes")
}
