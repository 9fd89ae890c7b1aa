"""The command line: one module for each command. Nothing here runs while a request is served."""
