"""The command line: options in, pipeline called, report out, one error boundary."""
