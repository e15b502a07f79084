# The command line itself: what is asked for, what is mistyped, what is missing.
expect "the version"             0 'realcentric 0.'                     --version
expect "the help"                0 'Usage: realcentric'                 --help
expect "a command's help"        0 '--output'                           data prepare --help
expect "no command"              2 'A subcommand is required'
expect "a mistyped command"      2 'did you mean "data"?'               dta
expect "a mistyped subcommand"   2 'did you mean "prepare"?'            data perpare
expect "a mistyped option"       2 'did you mean "--source"?'           data fetch-faces --sorce npm -o x
expect "a missing option"        2 '--output is required'               data prepare --in .
expect "a value out of range"    2 'Value 3 not in range 64 to 1024'    data prepare --in . -o out --size 3
expect "an underscore is a dash" 2 '--fetch-everything'                 data fetch-faces --fetch_everything
