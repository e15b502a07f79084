# ablate: bad input; two cells and two seeds in one go, and stopped by SIGINT, killed and gone on with: the same bytes; what fails loses nothing else.
tell() { if eval "$2"; then echo "ok $1"; else echo "not ok $1"; fi; }  # NAME CONDITION
quietly() { timeout 300 "$REALCENTRIC" "$@" > /dev/null 2>&1 < /dev/null; }

quietly data synth -o faces --people 12 --size 64
quietly data forge --in faces -o corpus --frames 2 --size 64
readonly SHORT=(--img-size 32 -b 16 --steps 3 --checkpoint-every 2 --progress none)
readonly RUNS=(--data corpus "${SHORT[@]}" --cells A6 --seeds 1,2)
expect "ablate: no folder"                  2 '-o DIR'                        ablate "${RUNS[@]}"
expect "ablate: a cell there is none of"    2 'did you mean "A6-hp"?'         ablate --data corpus "${SHORT[@]}" --cells A0,A6-pp -o out
expect "ablate: interference there is none of" 2 'did you mean "noise"?'      ablate "${RUNS[@]}" --perturb nois -o out
expect "ablate: seeds that are none"        2 '--seeds 1,2,3'                 ablate --data corpus "${SHORT[@]}" --seeds 1,x -o out
expect "ablate: a length in epochs"         2 '--steps N'                     ablate --data corpus -o out
expect "ablate: a mistyped setting"         2 'did you mean "optim.lr"?'      ablate "${RUNS[@]}" --set optim.lrr=1 -o out
expect "ablate: no such data"               3 'missing'                       ablate --data missing "${SHORT[@]}" -o out
expect "ablate: a folder of something else" 2 'something else than an ablation' ablate "${RUNS[@]}" -o corpus
tell "ablate: bad input leaves nothing behind" '[[ ! -e out ]]'

expect "ablate: two cells, two seeds"       0 'cell − A0'                     ablate "${RUNS[@]}" --perturb jpeg:3 -o whole
for file in ablation.md ablation.csv ablation.svg A6-s2/eval/test/perturbed/jpeg-3.csv; do expect_file "ablate: writes $file" whole/$file; done
tell "ablate: the table says what it is" 'grep -q reconstruction whole/ablation.md && grep -q "4 of 4 finished; seeds 1, 2" whole/ablation.md'
tell "ablate: a row a cell and figure, the seeds in it" '[[ $(grep -c "^A6,.*,clean,frames,0\.[0-9]*,.* 0\.[0-9]*$" whole/ablation.csv) == 1 ]]'

# started NAME: waits for the first checkpoint of a run of the folder `cut`.
started() { for _ in $(seq 1200); do [[ -e cut/$1/checkpoints/last/state.json ]] && return; sleep 0.05; done; }
"$REALCENTRIC" ablate "${RUNS[@]}" --perturb jpeg:3 -o cut > /dev/null 2>&1 < /dev/null &
started A6-s1; kill -INT $!; status=0; wait $! || status=$?
tell "ablate: SIGINT stops it, with a table of what is there" '[[ $status == 130 ]] && grep -q "A0.*clean" cut/ablation.csv && grep -q "not finished: A6-s1 A6-s2" cut/ablation.md'
weights=$(sha256sum cut/A0-s1/checkpoints/last/model.safetensors; stat -c %Y cut/A0-s1/checkpoints/last/model.safetensors)
"$REALCENTRIC" ablate "${RUNS[@]}" --perturb jpeg:3 -o "$PWD/cut" > /dev/null 2>&1 < /dev/null &
started A6-s2; kill -9 $! && wait $! 2> /dev/null
alive() { grep -qs "$PWD/$1/[c]onfigs" /proc/[0-9]*/cmdline; }
ended() { for _ in $(seq 600); do alive "$1" || return 0; sleep 0.05; done; return 1; }
ended cut
expect "ablate: goes on"                    0 'cell − A0'                     ablate "${RUNS[@]}" --perturb jpeg:3 -o cut
different=
for file in {A0,A6}-s{1,2}/{checkpoints/last/model.safetensors,metrics.csv,metrics.jsonl,eval/test/results.json} ablation.csv ablation.svg; do
  cmp -s whole/$file cut/$file || different+=" $file"
done
diff <(grep -v '^- command' whole/ablation.md) <(grep -v '^- command' cut/ablation.md) > /dev/null || different+=" ablation.md"
tell "ablate: stopped, killed and gone on with, the same bytes (other:$different)" '[[ -z $different ]]'
tell "ablate: what was finished is not trained again" '[[ $weights == $(sha256sum cut/A0-s1/checkpoints/last/model.safetensors; stat -c %Y cut/A0-s1/checkpoints/last/model.safetensors) ]]'
expect "ablate: other settings in its folder" 2 'optim.lr is 0.0002 there and 0.1 here' ablate "${RUNS[@]}" --perturb jpeg:3 --lr 0.1 -o whole
expect "ablate: more interference trains nothing anew" 0 'blur'               ablate "${RUNS[@]}" --perturb jpeg:3,blur:1 -o cut
tell "ablate: more interference, the same weights" 'cmp -s {whole,cut}/A6-s2/checkpoints/last/model.safetensors && grep -q "^A6,.*,blur,frames,0" cut/ablation.csv'

# A child that would train for minutes yet.
"$REALCENTRIC" ablate --data corpus --img-size 32 -b 16 --steps 5000 --checkpoint-every 2 --progress none --seeds 1 -o "$PWD/long" > /dev/null 2>&1 < /dev/null &
for _ in $(seq 1200); do [[ -e long/A0-s1/checkpoints/last/state.json ]] && break; sleep 0.05; done
tell "ablate: its child trains" 'alive long'
kill -9 $! && wait $! 2> /dev/null
tell "ablate: killed, its child ends too" 'ended long'

# Data that do not know who was forged from whom: the cell of tuples fails, the other is in the table.
for split in train test; do
  for class in real fake; do
    mkdir -p plain/$split/$class
    number=0
    for video in corpus/$([[ $class == real ]] && echo original_sequences/youtube || echo manipulated_sequences/FaceSwap)/c23/frames/*; do
      cp -r "$video" plain/$split/$class/$class$((++number))
    done
  done
done
expect "ablate: a run that fails"           3 '1 of 2 runs failed: A0p-s1'    ablate --data plain "${SHORT[@]}" --cells A0p --seeds 1 -o failing
tell "ablate: the others are in the table" 'grep -q "^A0,.*,clean,frames,0" failing/ablation.csv && grep -q "A0p-s1 failed" failing/ablation.md'
