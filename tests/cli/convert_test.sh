# convert, inspect and train --init: weights of others, in and out.
golden=$HERE/../golden/weights

expect "convert: no output"               2 '--output is required'              convert "$golden/plain.pth"
expect "convert: an unknown format"       2 'written as .safetensors or .npz'   convert "$golden/plain.pth" -o x.bin
expect "convert: an unknown network"      2 '--model'                           convert "$golden/plain.pth" -o x.npz --model resnet19
expect "convert: a missing file"          3 'no model at missing.pth'           convert missing.pth -o x.npz
printf 'no weights at all' > broken.pth
expect "convert: what is no file of weights" 3 'is no file of weights'          convert broken.pth -o x.npz
head -c 2000 "$golden/checkpoint.pth" > short.pth
expect "convert: a file cut off"          3 'it is cut off'                     convert short.pth -o x.npz
expect "convert: a whole module"          3 'refuses to unpickle global "torch.nn.modules.linear Linear"' convert "$golden/module.pth" -o x.npz
expect "convert: what would run a command" 3 'refuses to unpickle global "posix system"' convert "$golden/forbidden.pth" -o x.npz
[[ ! -e unpickled && ! -e x.npz ]] && echo "ok convert: it was not run, and nothing was written" || echo "not ok convert: something was run or written"
expect "convert: the key of another part" 3 'tensors lie under --state-key state_dict or state_dict_ema' convert "$golden/checkpoint.pth" -o x.npz --state-key x
expect "convert: parts of what has none"  2 'has no parts'                      convert "$golden/arrays.npz" -o x.npz --state-key x

expect "convert: a checkpoint, its arguments left out" 0 'refuses to unpickle global "argparse Namespace" at key "opt"; it is left out' \
  convert "$golden/checkpoint.pth" -o first.safetensors
expect "convert: safetensors to npz"      0 '18 tensors'                        convert first.safetensors -o between.npz
expect "convert: and back"                0 '18 tensors'                        convert between.npz -o second.safetensors
cmp -s first.safetensors second.safetensors && echo "ok convert: the same bytes" || echo "not ok convert: other bytes"
expect "convert: the old format"          0 'written'                           convert "$golden/legacy.pth" -o old.safetensors
cmp -s first.safetensors old.safetensors && echo "ok convert: both of PyTorch's formats give the same" || echo "not ok convert: PyTorch's formats differ"
expect "convert: names of no network"     3 'no weights for resnet18'           convert first.safetensors -o x.npz --model resnet18

expect "inspect: a table"                 0 'conv.weight'                       inspect first.safetensors
expect "inspect: metadata"                0 'epoch: 3'                          inspect first.safetensors
expect "inspect: the optimizer as well"   0 'optimizer.state.0.exp_avg_sq'      inspect "$golden/checkpoint.pth"
expect "inspect: the total"               0 '18 tensors, 122 values (0 not finite)' inspect between.npz
expect "inspect: a missing file"          3 'no model at missing'               inspect missing
weights_hash() { "$REALCENTRIC" inspect "$1" --json --state-key "$2" | sed -n 's/.*"weights_sha256": "\(.*\)".*/\1/p'; }
[[ $("$REALCENTRIC" inspect between.npz --json | grep weights_sha256) == $("$REALCENTRIC" inspect first.safetensors --json | grep weights_sha256) &&
   -n $(weights_hash "$golden/legacy.pth" state_dict) && $(weights_hash "$golden/legacy.pth" state_dict) == $(weights_hash "$golden/checkpoint.pth" state_dict) ]] &&
  echo "ok inspect: one hash for the same tensors in any format" || echo "not ok inspect: hashes differ"

# A run's weights go on under other names and formats, to a run that begins with them.
{
  "$REALCENTRIC" data synth -o faces --people 8 --size 64
  "$REALCENTRIC" data forge --in faces -o corpus --frames 1 --size 64 --methods SelfBlend
  "$REALCENTRIC" train --data corpus --img-size 32 -b 8 --max-steps 2 --objective ce -o run
} > training 2>&1 || cat training
expect "inspect: a run folder"            0 'realcentric.config'                inspect run
expect "convert: a run's detector"        0 'matched        102 of 102 tensors of resnet18' convert run -o detector.safetensors --model resnet18 --img-size 32
cp faces/faces/*0.png .
expect "convert: it is a detector again"  0 'P(fake) 0.'                        predict -w detector.safetensors ./*0.png
[[ $("$REALCENTRIC" predict -w detector.safetensors ./*0.png) == $("$REALCENTRIC" predict -w run ./*0.png) ]] &&
  echo "ok convert: it says the same" || echo "not ok convert: it says something else"
expect "train: weights to begin with"     0 'matched        102 of 102 tensors of resnet18' \
  train --data corpus --img-size 32 -b 8 --max-steps 1 --init detector.safetensors -o begun
expect_file "train: they are recorded"    begun/init.json
grep -q "\"sha256\": \"$(sha256sum detector.safetensors | cut -d ' ' -f 1)\"" begun/init.json && echo "ok train: with their hash" || echo "not ok train: init.json has another hash"
expect "train: a run to begin with"       0 'sha256'                            train --data corpus --img-size 32 -b 8 --max-steps 1 --init run -o after
expect "train: weights of nothing"        3 'no weights for resnet18'           train --data corpus --img-size 32 -b 8 --max-steps 1 --init first.safetensors -o none
[[ ! -e none ]] && echo "ok train: no run folder is left" || echo "not ok train: a run folder without a run is left"

# Networks with PyTorch's own weights say what PyTorch says: scores.txt holds P(fake) in double precision and the error of PyTorch's float32. Eight times that
# is allowed, as tests/golden/golden.h explains.
while read -r network image score error; do
  [[ -e $network.npz ]] || expect "convert: $network of torchvision" 0 'a detector' convert "$golden/$network.pth" -o "$network.npz" --model "$network" --img-size 32
  "$REALCENTRIC" predict -w "$network.npz" "$golden/$image" --format csv 2>&1 |
    awk -F , -v want="$score" -v error="$error" -v name="convert: $network scores $image as PyTorch does" '
      NR == 2 { off = $2 - want; ok = $2 != "" && off * off <= 64 * error * error; got = $2 }
      END { print (ok ? "ok " name : "not ok " name ": " got " instead of " want) }'
done < "$golden/scores.txt"
