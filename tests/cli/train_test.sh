# train and eval: bad input, repeats to the byte, interruption and resumption, and a corpus that holds nothing to learn.
tell() { if eval "$2"; then echo "ok $1"; else echo "not ok $1"; fi; }  # NAME CONDITION
quietly() { timeout 300 "$REALCENTRIC" "$@" > /dev/null 2>&1 < /dev/null; }

expect "draw people to train on"            0 'drawn people'                  data synth -o faces --people 12 --size 64
expect "forge them to train on"             0 'images of 12 people'           data forge --in faces -o corpus --frames 2 --size 64

expect "train: no data"                     2 '--data'                        train
expect "train: no such data"                3 'missing'                       train --data missing -o run
expect "train: a device that is not there"  4 '--device cuda:99'              train --data corpus --device cuda:99 -o run
expect "train: tf32 on the CPU"             2 'tf32 is for GPUs'              train --data corpus --device cpu --precision tf32 -o run
(ulimit -v 1500000; expect "train: out of memory, and what would fit" 5 'the largest batch that fits is about' train --data corpus --device cpu --img-size 224 -b 256 -o huge)
ONEDNN_MAX_CPU_ISA=AVX512_CORE expect "train: bf16 without instructions for it" 0 'no instructions for bf16' train --data corpus --device cpu --precision bf16 --img-size 32 -b 8 --steps 1 -o narrow
expect "train: --resume and --force"        2 'exclude each other'            train --data corpus -o run --resume --force
expect "train: nothing to resume"           2 'no run to resume'              train --resume -o run
expect "train: output below a file"         3 'cannot make folder'            train --data corpus -o corpus/manifest.json/run --steps 1
expect "train: a loss that explodes"        6 'not finite'                    train --data corpus --img-size 32 -b 8 --steps 9 --lr 1e30 --clip-grad 0 -o exploded

# Eight steps in one go, again, with other workers, with a stop, after kill -9, after SIGINT: the same bytes.
readonly SHORT=(--data corpus --img-size 32 -b 8 --steps 8 --log-interval 2 --checkpoint-every 2 --progress none --ema-decay 0.9 --seed 3)
same() {  # NAME RUN
  local file different=
  for file in checkpoints/last/model.safetensors checkpoints/last/optim.safetensors checkpoints/last/state.json metrics.jsonl metrics.csv; do
    cmp -s "whole/$file" "$2/$file" || different+=" $file"
  done
  [[ -z $different ]] && echo "ok $1: the same bytes" || echo "not ok $1: other bytes in$different"
}
expect "train: eight steps"                 0 'weights sha256='               train "${SHORT[@]}" -o whole
tell "a run records its libraries" 'grep -q "libdnnl\|oneDNN" whole/run.json'
tell "a run ends with its report, and its sums hold" 'grep -q "<svg" whole/report.html && (cd whole && sha256sum --quiet -c SHA256SUMS)'
tell "a run that failed has a report too" '[[ -s exploded/report.html ]]'
expect "train: the folder is taken"         2 '--force'                       train "${SHORT[@]}" -o whole
quietly train "${SHORT[@]}" -o again;                                         same "a repeat" again
quietly train "${SHORT[@]}" -j 1 --prefetch 1 -o workers;                     same "one worker instead of two" workers
quietly train "${SHORT[@]}" --max-steps 4 -o halves
tell "a run that stops early says so" 'grep -q "\"stopped\": \"steps\"" halves/run.json'
quietly train --resume -o halves;                                             same "four steps, then four" halves

"$REALCENTRIC" train "${SHORT[@]}" -o killed > /dev/null 2>&1 < /dev/null &
for _ in $(seq 600); do [[ -e killed/checkpoints/last/state.json ]] && break; sleep 0.05; done
kill -9 $! && wait $! 2> /dev/null
quietly train --resume -o killed;                                             same "kill -9 and resumption" killed

"$REALCENTRIC" train "${SHORT[@]}" -o interrupted > /dev/null 2>&1 < /dev/null &
for _ in $(seq 600); do [[ -e interrupted/checkpoints/last/state.json ]] && break; sleep 0.05; done
kill -INT $!; status=0; wait $! || status=$?
tell "SIGINT finishes the step and exits 130" '[[ $status == 130 || $status == 0 ]]'
quietly train --resume -o interrupted;                                        same "SIGINT and resumption" interrupted
expect "resume: another seed"               2 'cannot change seed'            train --resume -o halves --seed 4
quietly train "${SHORT[@]}" --seed 4 -o other
tell "another seed gives other weights" '! cmp -s whole/checkpoints/last/model.safetensors other/checkpoints/last/model.safetensors'

expect "eval: a run"                        0 'SelfBlend'                     eval -w whole --data corpus
expect "eval: under interference"           0 'resize'                        eval -w whole --data corpus --perturb resize,blur:3,noise:5 -o perturbed
quietly eval -w whole --data corpus --perturb noise:5,blur:3,resize -o perturbed-again
tell "eval: interference repeats to the byte, noise too" 'diff -r perturbed perturbed-again && [[ $(ls perturbed/perturbed) == $(echo -e "blur-3.csv\nnoise-5.csv"; printf "resize-%d.csv\n" 1 2 3 4 5) ]]'
tell "eval: every level of it gives other scores" '[[ $(sha256sum perturbed/perturbed/*.csv perturbed/predictions.csv | cut -c-64 | sort -u | wc -l) == 8 ]]'
expect "eval: interference there is none of" 2 'did you mean "blur"?'         eval -w whole --data corpus --perturb blurr:2 -o out
expect "eval: no such run"                  3 'no model at'                   eval -w missing --data corpus -o out
expect "eval: where to write"               2 '-o DIR'                        eval -w whole/checkpoints/last --data corpus
head -c 5000 whole/checkpoints/last/model.safetensors > torn.safetensors
expect "eval: a torn checkpoint"            3 'torn.safetensors'              eval -w torn.safetensors --data corpus -o out
cp whole/checkpoints/last/optim.safetensors alien.safetensors
expect "eval: a file of something else"     3 'alien.safetensors'             eval -w alien.safetensors --data corpus -o out

# Forgeries of no strength are their originals: nothing must tell them apart, neither codec nor size nor order. The same training sees real ones.
# 24 people make 48 real and 192 fake frames: the AUC of a guess strays by sqrt((48 + 192 + 1) / (12 * 48 * 192)) = 0.047 at most; three times that.
quietly data synth -o people --people 24 --size 64 --seed 2
readonly LEARN=(--img-size 64 -b 16 --steps 70 --lr 1e-3 --progress none --no-aug --seed 5 --objective ce)
for strength in 0 1; do
  quietly data forge --in people -o strength$strength --frames 2 --size 64 --strength $strength
  quietly train --data strength$strength "${LEARN[@]}" -o learn$strength
  quietly eval -w learn$strength/checkpoints/last --data strength$strength --split all -o result$strength
done
auc() { grep -m1 -o '"auc": [0-9.]*' "$1/results.json" | cut -d' ' -f2; }
tell "forgeries of no strength: AUC $(auc result0) is a guess"  'awk -v a="$(auc result0)" "BEGIN { exit !(a > 0.36 && a < 0.64) }"'
tell "forgeries that are there: AUC $(auc result1) is learnt"   'awk -v a="$(auc result1)" "BEGIN { exit !(a > 0.75) }"'
