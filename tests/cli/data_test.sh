# data prepare, forge and index: missing, empty, broken and unwritable.
expect "photographs: no folder"            3 'no such folder — missing'         data prepare --in missing -o out
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

# A full disk: no file may grow beyond one block, and the signal that would say so is off.
printf '#!/bin/bash\ntrap "" XFSZ\nulimit -f 1\nexec "%s" "$@"\n' "$REALCENTRIC" > on_full_disk
chmod +x on_full_disk
REALCENTRIC=./on_full_disk expect "output: a full disk" 3 'cannot write'        data synth -o full --people 6 --size 64
[[ $(echo full*) == 'full*' ]] && echo "ok a full disk leaves nothing half made" || echo "not ok a full disk left" full*
