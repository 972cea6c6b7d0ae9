"""The bus: a log carried to its stream, and streams followed."""
