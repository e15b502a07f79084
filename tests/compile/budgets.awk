# Every kernel within its budget, and a budget for every kernel: awk -f budgets.awk FACTS SOURCE..., FACTS made by tools/build/kernels.sh (TAP). A source
# ends with its budgets, which hold on every architecture:
#   // Budget: registers of a thread, bytes of shared memory of a block.
#   //   MaxPool<float>  96  0
#   //   GeodesicKeys    40  128  stack 32        where a thread needs memory of its own; `spilled 16` likewise
BEGIN { FS = "\t" }

FNR == NR {
  kernel = $1 " " $2
  kernels[kernel]
  seen(kernel, "registers", $5, $3)
  seen(kernel, "shared", $6, $3)
  seen(kernel, "stack", $7, $3)
  seen(kernel, "spilled", $8, $3)
  next
}

FNR == 1 { file = FILENAME; sub(/^.*\//, "", file); sub(/\.[a-z]+$/, "", file); inside = 0 }
/^\/\/ Budget:/ { inside = 1; next }
!/^\/\/   [A-Za-z]/ { inside = 0 }
inside {
  sub(/^\/\/ +/, "")
  n = split($0, word, / +/)
  for (first = 2; first <= n && word[first] !~ /^[0-9]+$/; ++first) word[1] = word[1] " " word[first]
  kernel = file " " word[1]
  if (kernel in budgets) complain(kernel, "two budgets")
  budgets[kernel]
  budget[kernel, "registers"] = word[first]
  budget[kernel, "shared"] = word[first + 1]
  for (i = first + 2; i < n; i += 2) budget[kernel, word[i]] = word[i + 1]
}

END {
  for (kernel in kernels)
    if (!(kernel in budgets)) complain(kernel, "no budget")
  for (kernel in budgets)
    if (!(kernel in kernels)) complain(kernel, "a budget, but no kernel of that name")
  for (use in most) {
    split(use, part, SUBSEP)
    if (part[1] in budgets && most[use] > budget[use] + 0)
      complain(part[1], part[2] " " most[use] " on sm_" where[use] ", budget " budget[use] + 0)
  }
  for (kernel in kernels)
    if (!(kernel in complaints)) print "ok " kernel
  for (kernel in complaints) print "not ok " kernel complaints[kernel]
}

function seen(kernel, what, amount, arch) {
  if (amount + 0 >= most[kernel, what] + 0) { most[kernel, what] = amount + 0; where[kernel, what] = arch }
}
function complain(kernel, what) { complaints[kernel] = complaints[kernel] ": " what }
