# The report: a folder that is no run, and one that is.
expect "a report of nothing"     2 'run is required'                    report
expect "a report of no run"      3 'no run in nowhere'                  report nowhere
mkdir -p run && echo "{}" > run/config.json
expect "a report of a new run"   0 'run/report.html'    report run
expect_file "the report is there" run/report.html
