# predict and info: what cannot be scored, and what the program says of itself.
printf 'no model' > broken.safetensors
mkdir empty
printf '\x89PNG\r\n\x1a\n' > broken.png
expect "predict: no weights"              2 '--weights is required'    predict broken.png
expect "predict: no image"                2 'path is required'         predict -w broken.safetensors
expect "predict: an unknown format"       2 'xml'                      predict -w broken.safetensors broken.png --format xml
expect "predict: a threshold above one"   2 '--threshold'              predict -w broken.safetensors broken.png --threshold 1.5
expect "predict: a missing checkpoint"    3 'no model at missing'      predict -w missing broken.png
expect "predict: what is no checkpoint"   3 'broken.safetensors'       predict -w broken.safetensors broken.png
expect "predict: a folder without images" 3 'hint: a folder'           predict -w broken.safetensors empty
expect "info: the version"                0 'realcentric 0.'           info
expect "info: the processor's kernels"    0 'kernels, oneDNN'          info
expect "info: a GPU that is not there"     4 'cuda:99'                info --gpu-json 99
expect "info: the libraries"              0 '"libdnnl": "'             info --json

# A detector of two steps, and a folder with a broken image among whole ones.
{
  "$REALCENTRIC" data synth -o faces --people 8 --size 64
  "$REALCENTRIC" data forge --in faces -o corpus --frames 1 --size 64 --methods SelfBlend
  "$REALCENTRIC" train --data corpus --img-size 32 -b 8 --max-steps 2 --seed 4 -o run  # a seed whose map of the first image is not empty
} > training 2>&1 || cat training
mkdir -p photos/below
cp faces/faces/*0.png photos/below
cp broken.png photos
expect "predict: an image"                   0 'P(fake) 0.'                                  predict -w run photos/below
expect "predict: the distance to the centre" 0 'centre of natural faces'                     predict -w run photos/below
expect "predict: the columns"                0 'path,prob_fake,prediction,real_distance'     predict -w run photos/below --format csv
expect "predict: nothing is above one"       0 '"prediction":"real"'                         predict -w run photos/below --format jsonl --threshold 1
expect "predict: all is above nought"        0 '"prediction":"fake"'                         predict -w run photos/below --format jsonl --threshold 0
expect "predict: a broken image among whole" 3 'photos/broken.png'                           predict -w run photos
expect "predict: says how many"              3 '1 of 2 images were not scored'               predict -w run photos
expect "predict: a missing image"            3 'No such file'                                predict -w run missing.png
"$REALCENTRIC" predict -w run photos --format csv > scores.csv 2> complaints || true
[[ $(grep -c below scores.csv) == 1 && $(wc -l < scores.csv) == 2 ]] && echo "ok predict: the whole ones are scored" ||
  echo "not ok predict: the whole ones are not scored: $(< scores.csv)"

# What speaks for fake, laid over each image: two of one name, and the pixels of the image where nothing does.
mkdir -p photos/twice && cp photos/below/*.png photos/twice && rm photos/broken.png
expect "predict: explains"                   0 ', explained in heat/'                        predict -w run photos --explain heat
expect "predict: says where"                 0 'real_distance,explained'                     predict -w run photos --explain heat --format csv
name=$(basename photos/below/*.png .png)
expect_file "predict: a heat map"                 "heat/$name.png"
expect_file "predict: a second one of that name"  "heat/$name-2.png"
cmp -s "heat/$name.png" "heat/$name-2.png" && echo "ok predict: the same image, the same map" || echo "not ok predict: another map of the same image"
cmp -s "heat/$name.png" "photos/below/$name.png" && echo "not ok predict: nothing was laid over" || echo "ok predict: something was laid over"
expect "predict: explains into a file's place" 3 'broken.png'                                predict -w run photos --explain broken.png

# The embeddings of a set: as many rows as the CSV file names, the same bytes again.
expect "embed: a set"                        0 'embeddings of 128 numbers'                    embed -w run --data corpus --split all -o features.npy
expect "embed: what is no .npy"              2 'features.npz'                                 embed -w run --data corpus -o features.npz
rows=$(($(wc -l < features.csv) - 1))
[[ $rows == 16 && $(head -c 128 features.npy | tr -d '\0') == *"(16, 128)"* ]] &&  # of eight people and their forgeries
  echo "ok embed: every image is a row" || echo "not ok embed: $rows rows, $(head -c 128 features.npy | tr -d '\0')"
cp features.npy before.npy && "$REALCENTRIC" embed -w run --data corpus --split all -o features.npy > /dev/null
cmp -s before.npy features.npy && echo "ok embed: the same bytes again" || echo "not ok embed: other bytes"
