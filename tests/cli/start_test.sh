# The program starts, and says who it is.
expect "the program starts" 0 realcentric
