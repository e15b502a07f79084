# The table of `make kernels-report` from what tools/build/kernels.sh prints: per kernel the most that it needs on any architecture and, for each one, which
# share of a multiprocessor's threads can be there at once, in percent, and what ends it: registers, shared memory or the number of blocks. Limits and rules are
# those of NVIDIA's cuda_occupancy.h and of the table of compute capabilities in the CUDA programming guide. Where the shape decides, lanes are the most, and
# shared memory is what every shape takes.
BEGIN {
  FS = "\t"
  #     warps, blocks, KiB of shared memory of a multiprocessor
  limit(80, 64, 32, 164); limit(86, 48, 16, 100); limit(89, 48, 24, 100)
  limit(90, 64, 32, 228); limit(100, 64, 32, 228); limit(120, 48, 24, 100)
}

{
  kernel = $1 FS $2
  if (!(kernel in lanes)) { order[++kernels] = kernel; lanes[kernel] = $4 }
  if (!($3 in column)) { column[$3]; archs[++columns] = $3 }
  if ($5 > registers[kernel]) registers[kernel] = $5
  if ($6 > shared[kernel]) shared[kernel] = $6
  if ($8 > spilled[kernel]) spilled[kernel] = $8
  share[kernel, $3] = occupancy($3, $4, $5, $6)
}

END {
  printf "%-20s %-32s %5s %9s %7s %7s ", "file", "kernel", "lanes", "registers", "shared", "spilled"
  for (i = 1; i <= columns; ++i) printf " %7s", "sm_" archs[i]
  print ""
  for (k = 1; k <= kernels; ++k) {
    kernel = order[k]
    split(kernel, name, FS)
    printf "%-20s %-32s %5d %9d %7d %7d ", name[1] == last ? "" : name[1], name[2], lanes[kernel], registers[kernel], shared[kernel], spilled[kernel]
    for (i = 1; i <= columns; ++i) printf " %7s", share[kernel, archs[i]]
    print ""
    last = name[1]
  }
  print "\nlanes: threads of a block. registers: of a thread. shared: bytes of a block. spilled: bytes of a thread. sm_*: percent of a multiprocessor's threads,"
  print "and what ends it: r registers, s shared memory, b the number of blocks."
}

function limit(arch, warps, blocks, kib) { most_warps[arch] = warps; most_blocks[arch] = blocks; most_shared[arch] = kib * 1024 }
function up(x, step) { return int((x + step - 1) / step) * step }

# Registers go to a warp by 256, from a quarter of the multiprocessor's 64 Ki; shared memory to a block by 128 bytes, with 1 KiB for the system.
function occupancy(arch, lanes, registers, shared,   warps, by, blocks, end) {
  if (!(arch in most_warps)) return "?  "
  warps = up(lanes, 32) / 32
  blocks = int(most_warps[arch] / warps); end = ""
  by = int(4 * int(16384 / up(registers * 32, 256)) / warps)
  if (by < blocks) { blocks = by; end = "r" }
  by = int(most_shared[arch] / up(shared + 1024, 128))
  if (by < blocks) { blocks = by; end = "s" }
  if (most_blocks[arch] < blocks) { blocks = most_blocks[arch]; end = "b" }
  return int(100 * blocks * warps / most_warps[arch] + 0.5) (end == "" ? "  " : " " end)
}
