# bench: our side alone, and a peer that is not there.
expect "bench: our side is ready"        0 '"ready":true'                     bench serve resnet18 --mode infer --batch 1 --size 32
expect "bench: without a peer"           0 'resnet18 infer 2'                 bench --peer none --mode infer -b 2 --img-size 32 --repeats 1 --csv bench.csv
expect "bench: several networks, JSON"   0 '"model":"resnet34","mode":"train"' bench --peer none --model resnet18,resnet34 --mode train -b 2 --img-size 32 --repeats 1 --precision bf16 --json
expect "bench: an unknown network"       2 'resnet19'                         bench --peer none --model resnet18,resnet19
peers=$(sed -n 's/^NETWORKS = \[\(.*\)\]$/\1/p' "$(dirname "$REALCENTRIC")/../../tools/bench_torch.py" | tr -d '" ')
expect "bench: the peer has all of them" 2 "{$peers,all}"                     bench --model none
echo 'raise SystemExit("bench_torch: No module named torch; install the packages")' > no_torch.py
expect "bench: a machine without PyTorch" 3 'make deps-python installs PyTorch' bench --peer-script no_torch.py --mode infer -b 1 --img-size 32
expect "bench: no script of the peer"    3 'hint: --peer-script'              bench --peer-script missing.py
expect "bench: the loss, both kernels"   0 'materialised  70'                 bench loss --peer none --sizes 70 --dim 9 --repeats 1 --csv loss.csv
expect "bench: the loss of one row"      2 'sizes'                            bench loss --peer none --sizes 1
awk -F, '{ row[NR] = $1 "," $2 "," $4; loss[NR] = $12 }
         END { exit !(row[2] == "70,9,fused" && row[3] == "70,9,materialised" && (loss[2] / loss[3] - 1)^2 < 1e-10) }' loss.csv &&
  echo "ok bench: both kernels' loss as CSV, the same" || echo "not ok bench: both kernels' loss as CSV: $(< loss.csv)"
expect "bench: the loader alone"         0 'jpeg 64   light'                  bench loader --peer none --formats jpeg --sides 64 --size 32 -b 4 --aug light --repeats 1 --csv loader.csv
expect "bench: a preset with no peer"    2 'sbi'                              bench loader --peer none --aug sbi
expect "bench: depthwise convolutions"   0 'ratio: vendor'                    bench depthwise -b 1 --repeats 1 --threads 2 --csv depthwise.csv
(($(wc -l < depthwise.csv) == 43)) && echo "ok bench: 14 layers in three directions as CSV" || echo "not ok bench: layers as CSV: $(wc -l < depthwise.csv) lines"
[[ $(head -1 bench.csv) == model,mode,batch,* && $(sed 1d bench.csv) == resnet18,infer,2,32,* ]] && echo "ok bench: the numbers as CSV" ||
  echo "not ok bench: the numbers as CSV: $(< bench.csv)"
answers=$(printf 'step 2\nquit\n' | "$REALCENTRIC" bench serve resnet18 --mode train --batch 2 --size 32)
[[ $(wc -l <<< "$answers") == 2 && $answers == *'{"seconds":'*'"peak_rss_bytes":'* ]] && echo "ok bench: our side answers" || echo "not ok bench: our side answers: $answers"
profile=$(printf 'profile 1\nquit\n' | "$REALCENTRIC" bench serve resnet18 --mode infer --batch 1 --size 32 | tail -1)
[[ $profile == *'"ops":['*'"seconds":'* ]] && echo "ok bench: our side tells its profile" || echo "not ok bench: our side tells its profile: $profile"
awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i ~ /: share of time$/) columns[i] } NR == 2 { for (i in columns) sum += $i; exit !(sum > 1 - 1e-9 && sum < 1 + 1e-9) }' bench.csv &&
  echo "ok bench: sorts of ops are all of the time" || echo "not ok bench: sorts of ops: $(< bench.csv)"
awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) { if ($i == "all: share of limit") all = i; if (sub(/: share of time$/, "", $i)) time[$i] = i; else if (sub(/: share of limit$/, "", $i)) limit[$i] = i } }
         NR == 2 { for (sort in time) sum += $time[sort] * $limit[sort]; exit !(all && $all > 0 && (sum / $all - 1)^2 < 1e-12) }' bench.csv &&
  echo "ok bench: the whole step's share of its limits" || echo "not ok bench: the whole step's share: $(< bench.csv)"
