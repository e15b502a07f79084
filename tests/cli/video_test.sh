# Videos from the command line: prepared, killed and prepared on, trained on, evaluated, predicted. They are made by ffmpeg.
if ! command -v ffmpeg > /dev/null; then echo "ok videos # SKIP no ffmpeg"; return; fi
if [[ $("$REALCENTRIC" info --json | tr -d ' \n') != *'"videos":{"available":true'* ]]; then echo "ok videos # SKIP this build has no libav"; return; fi

{
  "$REALCENTRIC" data synth -o faces --people 6 --size 224
  "$REALCENTRIC" data forge --in faces -o corpus --frames 5 --size 224 --methods FaceSwap,Reenact
} > making 2>&1 || cat making
# The same corpus as videos, in the same tree.
for folder in corpus/*/*/c23/frames/*; do
  videos=videos${folder#corpus}; videos=${videos%/frames/*}/videos
  mkdir -p "$videos"
  ffmpeg -v error -framerate 10 -i "$folder/%03d.jpg" -pix_fmt yuv420p -crf 18 -preset ultrafast "$videos/$(basename "$folder").mp4" < /dev/null
done
cp -r corpus/splits videos
readonly VIDEO=$(find videos/original_sequences -name '*.mp4' | sort | head -1)

readonly PREPARE=(data prepare --in videos --size 64 --frames)
expect "videos: prepared"                        0 'crops of '                   "${PREPARE[@]}" 3 -o whole
"$REALCENTRIC" data index whole -o of_tree.jsonl > indexing 2>&1
cmp -s of_tree.jsonl whole/index.jsonl && echo "ok videos: the crops' tree and their index say the same" || { diff of_tree.jsonl whole/index.jsonl | cut -c 1-200; echo "not ok videos: the crops' tree and their index say the same"; }
expect_file "videos: a report"                   whole/report.csv
expect "videos: prepared already"                0 '18 videos were there already' "${PREPARE[@]}" 3 -o whole
expect "videos: other options"                   2 'frames 3, now 4'             "${PREPARE[@]}" 4 -o whole
expect "videos: frames without a face"           2 '--no-face'                   "${PREPARE[@]}" 3 -o other --no-face guess
expect "videos: short ones an error"              3 'too short'                   "${PREPARE[@]}" 6 -o other --short-videos error
expect "videos: a folder that was there"         2 'already exists'              "${PREPARE[@]}" 3 -o videos
"$REALCENTRIC" "${PREPARE[@]}" 3 -o killed -j 1 > killing 2>&1 & process=$!
for _ in {1..200}; do  # until some are done
  compgen -G 'killed/.prepare/*.json' > /dev/null && break
  sleep 0.05
done
kill -9 "$process"
wait "$process" 2> /dev/null
[[ -f killed/report.csv ]] && echo "not ok videos: killed too late" || echo "ok videos: killed while at work"
"$REALCENTRIC" "${PREPARE[@]}" 3 -o killed > going_on 2>&1
diff -r whole killed > differences && echo "ok videos: killed, preparing goes on to the same bytes" || { cat killing going_on differences; echo "not ok videos: killed, preparing goes on to the same bytes"; }

expect "videos: trained on as they are"          0 'decoded anew'                train --data videos --frames-per-video 3 --img-size 32 -b 8 --max-steps 2 -o run
expect "videos: their crops trained on"          0 'forgery tuples'              train --data whole --img-size 32 -b 8 --max-steps 1 -o of_crops
expect "videos: evaluated"                       0 'Reenact'                     eval -w run --data videos --split train --frames-per-video 2 -o measured
[[ $(grep -c '.mp4#4,' measured/predictions.csv) -gt 5 ]] && echo "ok videos: frames by number" || echo "not ok videos: frames by number"
expect "videos: predicted"                       0 'mean of 5 frames'            predict -w run "$VIDEO"
expect "videos: the columns"                     0 'real_distance,n_frames,n_no_face' predict -w run "$VIDEO" --format csv
expect "videos: whole frames"                    0 '"n_frames":2,"n_no_face":0}' predict -w run "$VIDEO" --crop none --frames 2 --format jsonl
expect "videos: explained by a frame"            0 ', explained in heat/'       predict -w run "$VIDEO" --explain heat
expect_file "videos: its heat map is there"      "heat/$(basename "${VIDEO%.*}").png"
expect "videos: an image's face"                 0 'P(fake) 0.'                  predict -w run faces/faces/drawn-0000.png --crop box
ffmpeg -v error -f lavfi -i color=gray:s=64x64:d=1 -pix_fmt yuv420p wall.mp4 < /dev/null
head -c 300 "$VIDEO" > torn.mp4
expect "videos: no face, no score"                3 'no face in wall.mp4'        predict -w run wall.mp4
expect "videos: a broken one spoils no other"    3 '1 of 2 files were not scored' predict -w run torn.mp4 "$VIDEO"
