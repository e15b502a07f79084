# Data sets as people have them: what is read, what is said of it, and what data check makes of it.
tree() { local path; for path; do mkdir -p "$(dirname "$path")" && echo x > "$path"; done; }
says() { [[ $2 == *"$3"* ]] && echo "ok $1" || echo "not ok $1: no '$3' in: $2"; }

# FF++ as downloaded, of official ids and without lists.
tree ff/original_sequences/youtube/c23/videos/{071,054,000,003}.mp4 ff/manipulated_sequences/{Deepfakes,FaceShifter}/c23/videos/{071_054,000_003}.mp4
expect "FF++: the official splits"          0 '"split":"test","method":"FaceShifter","label":1,"video":"000_003"' data index ff
expect "FF++: written for DeepfakeBench"    0 '4 real and 4 fake videos, 8 files in ff/ff.json'  data index ff -o ff/ff.json
expect "FF++: in a file of another folder"  0 'read it with --data-root'         data index ff -o ff.jsonl
"$REALCENTRIC" data index ff > tree.jsonl
"$REALCENTRIC" data index ff/ff.json > json.jsonl && cmp -s tree.jsonl json.jsonl && echo "ok DeepfakeBench's index and the tree are one" || echo "not ok DeepfakeBench's index and the tree are one"
expect "FF++: with its root"                0 '"video":"071_054"'                data index ff.jsonl --data-root ff
expect "FF++: a compression it has not"     3 'there are: c23'                   data index ff --comp c40
expect "FF++: no compression at all"        2 '--comp'                           data index ff --comp c99
expect "FF++: lists that are not there"     3 'no split lists in nowhere'        data index ff --splits nowhere
expect "FF++: too few for what is official" 7 'real: 4 of 1000 videos, without 001, 002' data check ff --expect ffpp-c23
expect "an unknown official set"            2 'there are ffpp-raw, ffpp-c23'     data check ff --expect voc
expect "a format that there is not"         2 'jsonl'                            data index ff --format voc
expect "a format of files for a folder"     3 'ff is a folder'                   data index ff --format dfb

tree cdf/{Celeb-real/{id0_0000,id1_0000},Youtube-real/00170,Celeb-synthesis/id0_id1_0000}.mp4
expect "Celeb-DF: no list"                  3 'copy it from the download'        data index cdf
printf '1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id0_id1_0000.mp4\n' > cdf/List_of_testing_videos.txt
expect "Celeb-DF: its list says 1 for real" 0 '"split":"test","method":"real","label":0,"video":"00170"' data index cdf
echo 'what is this' >> cdf/List_of_testing_videos.txt
expect "Celeb-DF: a bad list"               3 'List_of_testing_videos.txt:3'     data index cdf

frames() { printf '{"%s": {"label": "%s", "frames": ["D:\\\\faces\\\\%s\\\\0.png"]}}' "$1" "$2" "$1"; }
printf '{"M": {"M_Real": {"test": %s}, "M_Fake": {"test": %s}}}' "$(frames a M_Real)" "$(frames b M_Fake)" > mine.json
expect "DeepfakeBench: unknown labels"      3 '--label M_Fake=1'                 data index mine.json
expect "DeepfakeBench: labels, other roots" 0 '"frames":["/data/faces/b/0.png"]' data index mine.json --label M_Real=0 --label M_Fake=1 --path-map 'D:=/data'
expect "DeepfakeBench: files elsewhere"     0 '--data-root and --path-map say'   data index mine.json --label M_Real=0 --label M_Fake=1
expect "DeepfakeBench: no label"            2 'NAME=0 is real'                   data index mine.json --label M_Fake
expect "DeepfakeBench: no path map"         2 'OLD=NEW'                          data index mine.json --path-map /data
printf 'path,label\na.png,real\nb.png,maybe\n' > mine.csv
expect "a table with a bad row"             3 'mine.csv:3'                       data index mine.csv

# A clean corpus, then one fault after the other.
"$REALCENTRIC" data synth -o faces --people 24 --size 64 > /dev/null && "$REALCENTRIC" data forge --in faces -o corpus --frames 3 --size 64 > /dev/null
expect "a clean corpus"                     0 'nobody is in two splits'          data check corpus --decode
expect "the same in JSON"                   0 '"passed": true'                   data check corpus --json
expect "what it holds"                      0 'frames a video'                   data stats corpus
expect "what it holds, in JSON"             0 '"method": "Reenact"'              data stats corpus --json
"$REALCENTRIC" data index corpus -o corpus/all.jsonl > /dev/null
frame=$(cd corpus && ls -d original_sequences/*/*/*/*/* | head -1)
rm "corpus/$frame"
expect "a missing frame"                    7 "$frame"                           data check corpus/all.jsonl
head -c 100 "$(ls -d corpus/manipulated_sequences/*/*/*/*/* | head -1)" > cut && mv cut "corpus/$frame"
expect "a broken frame"                     7 'cannot be read'                   data check corpus/all.jsonl --decode
says "the findings, when some failed" "$("$REALCENTRIC" data check corpus/all.jsonl --decode --json 2> /dev/null)" '"passed": false'
