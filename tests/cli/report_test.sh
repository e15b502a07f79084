# The report: a folder that is no run, one that is, what images add, several runs; and the page in a browser.
tell() { if eval "$2"; then echo "ok $1"; else echo "not ok $1"; fi; }  # NAME CONDITION
expect "a report of nothing"     2 'run is required'                    report
expect "a report of no run"      3 'no run in nowhere'                  report nowhere
mkdir -p run && echo "{}" > run/config.json
expect "a report of a new run"   0 'run/report.html'    report run
expect_file "the report is there" run/report.html
expect "two runs, no file"       2 '-o FILE'            report run run

# Two detectors of two steps, evaluated.
{
  "$REALCENTRIC" data synth -o faces --people 12 --size 64
  "$REALCENTRIC" data forge --in faces -o corpus --frames 2 --size 64
  for objective in full ce; do
    "$REALCENTRIC" train --data corpus --img-size 32 -b 8 --steps 3 --log-interval 1 --objective $objective --progress none -o runs/$objective
    "$REALCENTRIC" eval -w runs/$objective --data corpus --perturb blur:3,jpeg:2
  done
} > training 2>&1 || cat training
# Events for TensorBoard: in each run, none where they are not wanted, another file when it goes on, the same bytes where times are fixed.
tell "training wrote events for TensorBoard" '[[ $(ls runs/ce/events.out.tfevents.* | wc -l) == 1 ]] && grep -qa "train/loss" runs/ce/events.* && grep -qa "perf/img_per_s" runs/ce/events.*'
events() { SOURCE_DATE_EPOCH=1700000000 "$REALCENTRIC" train --data corpus --img-size 32 -b 8 --steps 2 --log-interval 1 --objective ce --progress none "$@" > /dev/null 2>&1; }
events -o events-a && events --max-steps 1 -o events-b && SOURCE_DATE_EPOCH=1700000000 "$REALCENTRIC" train --resume -o events-b > /dev/null 2>&1
events --no-tb -o events-c
tell "a resumed run writes another file" '[[ $(ls events-a/events.* | wc -l) == 1 && $(ls events-b/events.* | wc -l) == 2 ]]'
rm -r events-b && events -o events-b
tell "events with fixed times are the same bytes" 'cmp -s events-a/events.* events-b/events.* && ! grep -qa perf/ events-a/events.*'
tell "no events where they are not wanted" '[[ -s events-c/metrics.jsonl && -z $(ls events-c | grep events) ]]'
expect "a report with images"    0 'report.html'        report runs/full
expect "a report again"          0 'again.html'         report runs/full -o again.html
expect "a report of two runs"    0 'two.html'           report runs/full runs/ce -o two.html
tell "the same run, the same bytes" 'cmp -s runs/full/report.html again.html'
has() { grep -qF "$2" "$1"; }  # FILE TEXT
for section in 'Evaluation: test' 'Under interference' 'What it sees: test' 'Embeddings: t-SNE' 'Hardest cases' 'Training' 'Provenance' 'data:image/jpeg;base64,'; do
  tell "its page has: $section" 'has runs/full/report.html "$section"'
done
for section in 'Side by side' 'loss.objective' 'ROC of videos' 'id="run-2"'; do tell "the page of two has: $section" 'has two.html "$section"'; done
tell "nothing comes from elsewhere" '! grep -qE "https?:|<script|<link|url\(" two.html'
expect "a report without images" 0 'plain.html'         report runs/full --no-images -o plain.html
tell "it has none"               '! has plain.html "<img"'
mv corpus moved
expect "a report whose images are gone" 0 'gone.html'   report runs/full -o gone.html
tell "it says so"                'has gone.html "the images are not there" && has gone.html "Evaluation: test" && ! has gone.html "<img"'
mv moved corpus

# In a browser: no complaint on its console, nothing wider than a phone, the same sections after parsing. The page is looked at inside a frame of a phone's
# width, from which a script (of the test's copy alone) tells the width that it would need.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || browser=
if [[ -z $browser ]]; then echo "ok the report in a browser # SKIP no chromium"; return 0; fi
dom() { timeout 60 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/profile" --enable-logging=stderr --virtual-time-budget=3000 --dump-dom "file://$PWD/$1" 2> console; }
in_frame() {  # FILE WIDTH: prints the width that the page needs
  sed 's|</body>|<script>parent.postMessage(document.documentElement.scrollWidth, "*")</script></body>|' "$1" > copy.html
  echo "<body><iframe src=copy.html style='width:$2px;height:800px;border:0'></iframe><script>onmessage = e => document.title = 'needs ' + e.data + ' pixels'</script>" > frame.html
  dom frame.html | grep -o 'needs [0-9]* pixels' | cut -d' ' -f2
}
if ! dom two.html > parsed.html || [[ ! -s parsed.html ]]; then echo "ok the report in a browser # SKIP chromium does not start"; return 0; fi
tell "a browser finds its sections" 'has parsed.html "Hardest cases" && has parsed.html "Side by side" && [[ $(grep -o "<svg" parsed.html | wc -l) == $(grep -o "<svg" two.html | wc -l) ]]'
tell "a browser has no complaint" '! grep -q "CONSOLE" console'
for width in 390 1280; do needed=$(in_frame two.html $width); tell "no page is wider than $width pixels" '(( needed > width - 30 && needed <= width ))'; done  # a scroll bar takes some
# Planted: what is too wide is seen, and so is a complaint.
sed 's|<main>|<main><p style="width:500px">wide</p><script>console.error("planted")</script>|' two.html > planted.html
tell "what is too wide is seen" '(( $(in_frame planted.html 390) > 390 ))'
dom planted.html > parsed.html
tell "a complaint is seen"      'grep -q "CONSOLE.*planted" console'
