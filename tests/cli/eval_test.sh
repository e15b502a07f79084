# eval: protocols, several test sets, expectations, interference; a detector of four steps on generated faces.
tell() { if eval "$2"; then echo "ok $1"; else echo "not ok $1"; fi; }  # NAME CONDITION
quietly() { timeout 120 "$REALCENTRIC" "$@" > /dev/null 2>&1 < /dev/null; }

quietly data synth -o faces --people 10 --size 64
quietly data forge --in faces -o corpus --frames 3 --size 64 --methods SelfBlend,FaceSwap
quietly train --data corpus --img-size 32 -b 8 --max-steps 4 -o run --progress none
expect "eval: no data"                      2 '--data is required'            eval -w run
expect "eval: a protocol there is none of"  2 '--protocol'                    eval -w run --data corpus --protocol dfp
expect "eval: sets without names"           2 'each of several sets has a name' eval -w run --data corpus --data corpus
expect "eval: a name given twice"           2 'the name A is given twice'     eval -w run --data A=corpus --data A=corpus
expect "eval: the mean's name"              2 "is the mean's"                 eval -w run --data avg=corpus
expect "eval: a missing set, before work"   3 'missing'                       eval -w run --data A=corpus --data B=missing

expect "eval: one set"                      0 'protocol default: 32 frames a video, evenly spaced, pil-bilinear to 32 px' eval -w run --data corpus
expect "eval: DeepfakeBench's protocol"     0 'the first ones, by number, cv2-cubic' eval -w run --data corpus --protocol dfb --frames-per-video 2 -o dfb
tell "eval: DeepfakeBench merges methods that share folders" \
  '[[ $(grep -c "several" dfb/videos.csv) -ge 1 && $(wc -l < dfb/videos.csv) -lt $(wc -l < run/eval/test/videos.csv) ]]'
tell "eval: DeepfakeBench takes the first frames" '! grep -q "/002.jpg" dfb/predictions.csv && grep -q "/001.jpg" dfb/predictions.csv'
expect "eval: several sets"                 0 'B under interference'          eval -w run --data A=corpus --data B=corpus --split val --perturb contrast:2,block:1 -o sets
for file in summary.json robustness.svg A/results.json B/predictions.csv B/robustness.svg B/perturbed/contrast-2.csv; do expect_file "eval: several sets write $file" sets/$file; done
tell "eval: results say by which rules" 'grep -q "\"weights_sha256\": \"[0-9a-f]\{64\}\"" sets/A/results.json && grep -q "\"data_sha256\": \"[0-9a-f]" sets/A/results.json'

expect "eval: the same numbers again"       0 'expected'                      eval -w run --data corpus --expect run/eval/test/results.json --tol 0 -o again
tell "eval: the same bytes again" 'cmp -s run/eval/test/results.json again/results.json && cmp -s run/eval/test/predictions.csv again/predictions.csv'
expect "eval: other rules, other numbers"   7 'cv2-linear'                    eval -w run --data corpus --expect run/eval/test/results.json --tol 0 --protocol sbi -o other
printf '{"A": {"auc": 2, "count": 9000, "video_eer": -1}}' > hoped.json
expect "eval: deviations are counted"       7 '3 of 3 numbers deviate'        eval -w run --data A=corpus --expect hoped.json -o hoped
expect "eval: a set that is not evaluated"  2 '--data A=PATH'                 eval -w run --data C=corpus --expect hoped.json -o hoped
printf '{"A": {"auk": 1}}' > typo.json
expect "eval: a metric there is none of"    3 'did you mean "auc"?'           eval -w run --data A=corpus --expect typo.json -o hoped

# A set with a damaged image, and one video of nothing else.
cp -r corpus damaged
frames=(damaged/original_sequences/youtube/c23/frames/*/)
for frame in "${frames[0]}"*.jpg; do printf 'no image' > "$frame"; done
expect "eval: a damaged image is an error"  3 'video real/'                   eval -w run --data damaged --split all -o damaged-out
tell "eval: an error leaves no predictions" '[[ ! -e damaged-out/predictions.csv ]]'
expect "eval: SelfBlendedImages scores it one half, and says so" 0 '3 frames were left out; 1 videos score 0.5 by no frame: real/' \
  eval -w run --data damaged --split all --protocol sbi -o damaged-out
tell "eval: the results say so, too" 'grep -q "\"videos_scored_one_half\"" damaged-out/results.json && grep -q ",real,0,0.5$" damaged-out/videos.csv'

tell "eval: blocks that find no room are counted" 'grep -Eq "^block,1,16,.*,[1-9][0-9]*$" sets/B/perturbations.csv'
if "$REALCENTRIC" info --json | grep -A1 '"videos"' | grep -q true; then
  expect "eval: re-encoded clips"           0 'reencode'                      eval -w run --data corpus --perturb reencode:1 -o sent
else
  expect "eval: without a video codec"      3 'libav'                         eval -w run --data corpus --perturb reencode:1 -o sent
  tell "eval: a missing codec stops it before work" '[[ ! -e sent ]]'
fi
