# data pack: the same pixels from a few large files, whatever interrupts it.
"$REALCENTRIC" data synth -o faces --people 6 --size 160 > /dev/null
"$REALCENTRIC" data forge --in faces -o corpus --frames 2 --size 64 > /dev/null

# Four videos of 512 frames, four shards: killed after the first one.
python3 - <<'EOF'
import os
for n, video in enumerate(["real/a", "real/b", "fake/swap/a_b", "fake/swap/b_a"]):
    os.makedirs(f"many/train/{video}")
    for i in range(512):
        os.link(f"faces/faces/drawn-{(n + i) % 6:04}.png", f"many/train/{video}/{i}.png")
EOF
expect "pack: a set in one go"             0 '2048 frames of 4 videos, 150.0 MiB' data pack many -o whole
"$REALCENTRIC" data pack many -o killed &> /dev/null &
until [[ -e killed/shard-00000.rgb.json || ! -e /proc/$! ]]; do :; done
kill -9 $! && wait $! 2> /dev/null
[[ ! -e killed/index.jsonl ]] && echo "ok pack: killed before its end" || echo "not ok pack: not killed before its end"
expect "pack: an unfinished one is named"  3 'is unfinished'                    data index killed
out=$("$REALCENTRIC" data pack many -o killed 2> /dev/null)
[[ $out =~ '; '([0-9]+)' of them were packed before' && ${BASH_REMATCH[1]} -ge 512 && ${BASH_REMATCH[1]} -lt 2048 ]] && echo "ok pack: what was packed is kept" ||
  echo "not ok pack: what was packed is kept: $out"
diff -r whole killed > /dev/null && echo "ok pack: after kill -9 the same bytes" || echo "not ok pack: after kill -9 the same bytes: $(diff -rq whole killed)"
expect "pack: one that is whole"           0 '2048 of them were packed before'  data pack many -o killed
expect "pack: other frames"                2 '--force'                          data pack many -o killed --frames-per-video 8
expect "pack: in place of the other"       0 '32 frames of 4 videos, 0.1 MiB'   data pack many -o killed --frames-per-video 8 --size 32 --resize cv2-cubic --force
expect "pack: of a pack"                   0 '32 frames of 4 videos'            data pack killed -o again
expect "pack: no folder of ours"           2 'is no pack'                       data pack many -o faces --force
expect "pack: a way that there is not"     2 'cv2-cubic'                        data pack many -o other --resize nearest
rm -rf many whole killed

# Training from the pack is training from the files.
expect "pack: a corpus"                    0 '60 frames of 30 videos'           data pack corpus -o packed
readonly STEPS=(train --model resnet18 --img-size 32 -b 4 --steps 2 --progress none --seed 5 --frames-per-video 2 --objective ce)
"$REALCENTRIC" "${STEPS[@]}" --data corpus -o of-files &> files.log || cat files.log
"$REALCENTRIC" "${STEPS[@]}" --data packed -o of-pack &> pack.log || cat pack.log
cmp -s of-{files,pack}/checkpoints/last/model.safetensors && echo "ok pack: the same weights as from the files" || echo "not ok pack: other weights than from the files"
truncate -s -1 packed/shard-00000.rgb
expect "pack: a shard that was cut"        3 'too few for a frame'              train --data packed -o of-cut --img-size 32 -b 4 --steps 9 --progress none --frames-per-video 2 --objective ce
