# export: what cannot be exported, and what is in the file.
printf 'no model' > broken.safetensors
expect "export: no model"               2 'model is required'     export -o m.onnx
expect "export: no file to write"       2 '--out is required'     export broken.safetensors
expect "export: a missing checkpoint"   3 'no model at missing'   export missing -o m.onnx
expect "export: what is no checkpoint"  3 'broken.safetensors'    export broken.safetensors -o m.onnx
{
  "$REALCENTRIC" data synth -o faces --people 8 --size 64
  "$REALCENTRIC" data forge --in faces -o corpus --frames 1 --size 64 --methods SelfBlend
  "$REALCENTRIC" train --data corpus --img-size 32 -b 8 --max-steps 1 -o run
} > training 2>&1 || cat training
hash=$(sed -n 's/^weights sha256=//p' training)
expect "export: says the weights' hash" 0 "weights sha256 ${hash:-none}" export run -o m.onnx
expect "export: norms are kept"         0 'operators'                    export run -o kept.onnx --keep-bn
expect "export: a folder in the way"    3 'cannot write'                 export run -o corpus
for said in logits prob_fake embedding real_distance layer1.0.conv1.weight weights_sha256 "$hash" '{"0":"real","1":"fake"}'; do
  grep -aqF "$said" m.onnx && echo "ok export: the file says $said" || echo "not ok export: the file does not say $said"
done
grep -aq BatchNormalization m.onnx && echo "not ok export: a norm is left" || echo "ok export: norms are folded"
grep -aq BatchNormalization kept.onnx && echo "ok export: kept norms are there" || echo "not ok export: no norm was kept"
"$REALCENTRIC" export run -o again.onnx > again
cmp -s m.onnx again.onnx && echo "ok export: the same bytes again" || echo "not ok export: other bytes"
