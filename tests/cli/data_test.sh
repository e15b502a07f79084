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
