"""The command line, with one module per command. None of this code runs while serving requests."""
