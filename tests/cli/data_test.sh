# data prepare, forge and index: missing, empty, broken and unwritable.
expect "photographs: no folder"            3 'no such file or folder — missing'         data prepare --in missing -o out
echo > clip.mp4
expect "videos: a file in place of a folder" 3 'no folder and no index'          data prepare --in clip.mp4 -o out
mkdir empty
expect "photographs: an empty folder"      3 'no photographs'                   data prepare --in empty -o out
expect "output: a folder that exists"      2 '--force'                          data fetch-faces -o empty
expect "forge: faces that were not made"   3 'data prepare'                     data forge --in empty -o out
expect "index: no such path"               3 'missing'                          data index missing
expect "index: an empty folder"            3 'empty'                            data index empty

mkdir -p one/real/person two/real/person two/fake
printf 'P6 1 1 255 abc' > one/real/person/0.png
cp one/real/person/0.png two/real/person
expect "index: one class only"             3 'fake'                             data index one
expect "index: an empty class"             3 'fake'                             data index two

mkdir broken
printf '\xff\xd8\xff\xe0 this is no picture' > broken/torn.jpg
printf '\x89PNG\r\n\x1a\n' > broken/short.png
printf 'GIF89a' > broken/wrong_name.jpg
expect "photographs: all of them broken"   3 'no face found'                   data prepare --in broken -o out

# From nothing to a corpus, without photographs.
expect "draw people"                       0 '6 drawn people'                   data synth -o faces --people 6 --size 64
expect "forge them"                        0 '60 images of 6 people'            data forge --in faces -o corpus --frames 2 --size 64
expect "index the corpus"                  0 ''                                 data index corpus -o corpus.jsonl
expect "an index has real and fake"        0 '"method":"FaceSwap"'              data index corpus.jsonl
expect "forge: an unknown method"          2 'there are SelfBlend, FaceSwap'    data forge --in faces -o other --methods Deepfake
expect "output: below a file"              3 'cannot make folder'               data synth -o corpus.jsonl/faces --people 6 --size 64
expect "output: a file system of no files" 3 'cannot make folder'               data synth -o /proc/faces --people 6 --size 64

# Batches on a sheet: the sampler's tuples, in pictures and in words.
readonly LOOK=(data preview --data corpus --img-size 64 -b 4 --seed 3)
png_size() { od -An -tu1 -j16 -N8 "$1" | awk '{ print ($1 * 256 + $2) * 65536 + $3 * 256 + $4, "x", ($5 * 256 + $6) * 65536 + $7 * 256 + $8 }'; }
expect "preview: two batches"              0 'epoch 0 step 1 tuple 0: real '    "${LOOK[@]}" -o sheet.png
# Nine characters of six pixels, and two views of four cells (nineteen characters and a space) and two characters; five lines of ten pixels, and two
# batches of four lines, a picture, its border and four lines.
[[ $(head -c 8 sheet.png | od -An -tx1) == ' 89 50 4e 47 0d 0a 1a 0a' && $(png_size sheet.png) == '1038 x 350' ]] && echo "ok a sheet is a PNG of its size" ||
  echo "not ok a sheet is a PNG of its size: $(png_size sheet.png)"
"$REALCENTRIC" "${LOOK[@]}" -o sheet.png > both.txt
"$REALCENTRIC" "${LOOK[@]}" -o again.png -j 1 --prefetch 1 | sed 's/again/sheet/' > again.txt
cmp -s sheet.png again.png && cmp -s both.txt again.txt && echo "ok a sheet is the same again, with other workers" || echo "not ok a sheet is the same again, with other workers"
tuple=': real ([0-9]+) frame ([0-9]+), real ([0-9]+) frame [0-9]+, fake [A-Za-z]+ \1 <- \3 frame \2, fake [A-Za-z]+ \1 <- \3 frame \2$'
[[ $(grep -cE "$tuple" both.txt) == 2 ]] && echo "ok the listing shows a target, its source and two forgeries" || echo "not ok the listing shows a target, its source and two forgeries"
expect "preview: from a later step on"     0 "$(sed -n 2p both.txt)"            "${LOOK[@]}" -o later.png --step 1 --batches 1
expect "preview: batches without tuples"   0 'tuple 3: fake '                   "${LOOK[@]}" -o sheet.png --pairing balanced --views 1 --no-aug
expect "preview: no data"                  2 '--data'                           data preview -o sheet.png
expect "preview: no such data"             3 'missing'                          data preview --data missing -o sheet.png
expect "preview: no sheet"                 2 '--output'                         data preview --data corpus
expect "preview: a sheet of another kind"  2 'a sheet is a PNG'                 "${LOOK[@]}" -o sheet.jpg
expect "preview: below a file"             3 'cannot'                           "${LOOK[@]}" -o corpus.jsonl/sheet.png
expect "preview: a step behind the end"    2 'counted from 0'                   "${LOOK[@]}" -o sheet.png --step 9999
expect "preview: no batches"               2 '--batches'                        "${LOOK[@]}" -o sheet.png --batches 0
expect "preview: a negative epoch"         2 '--epoch'                          "${LOOK[@]}" -o sheet.png --epoch -1
expect "preview: a batch that is no tuple" 2 'multiple of 4'                    data preview --data corpus --img-size 64 -b 6 -o sheet.png
expect "preview: a setting of training"    2 '--lr'                             "${LOOK[@]}" -o sheet.png --lr 1

# A full disk: no file may grow beyond one block, and the signal that would say so is off.
printf '#!/bin/bash\ntrap "" XFSZ\nulimit -f 1\nexec "%s" "$@"\n' "$REALCENTRIC" > on_full_disk
chmod +x on_full_disk
REALCENTRIC=./on_full_disk expect "output: a full disk" 3 'cannot write'        data synth -o full --people 6 --size 64
[[ $(echo full*) == 'full*' ]] && echo "ok a full disk leaves nothing half made" || echo "not ok a full disk left" full*
