# Configuration: every problem of every source at once, before any work, with the nearest valid name.
cat > wrong.json << 'JSON'
{
  "optim": {"wieght_decay": 0.1, "lr": -1},
  "loss": {"objective": "triplet"}
}
JSON
expect "config: an unknown key"              2 'optim.weight_decay'         train --data x --config wrong.json
expect "config: with its line"               2 'wrong.json:2'               train --data x --config wrong.json
expect "config: and a value out of range"    2 'optim.lr'                   train --data x --config wrong.json
expect "config: and one of no such name"     2 'triplet'                    train --data x --config wrong.json
expect "config: a mistyped flag"             2 'did you mean "--epochs"?'   train --data x --epoch 3
expect "config: an unknown --set"            2 'optim.lr'                   train --data x --set optim.lrr=1
expect "config: no such file"                2 'absent.json'                train --data x --config absent.json
echo '{"seed": 1,' > torn.json
expect "config: torn JSON"                   2 'torn.json'                  train --data x --config torn.json
expect "config: what was resolved"           0 '"weight_decay": 0.25'       train --data x --set optim.weight_decay=0.25 --print-config
expect "config: flags win over --set"        0 '"weight_decay": 0.5'        train --data x --set optim.weight_decay=0.25 --weight-decay 0.5 --print-config
"$REALCENTRIC" train --data x --lr 0.125 --seed 9 --print-config > resolved.json
expect "config: what was resolved is a file" 0 '"lr": 0.125'                train --config resolved.json --print-config
expect "config: an odd batch"                2 'sampler.batch'              train --data x -b 7
