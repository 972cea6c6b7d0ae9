"""The published language: what services and districts tell each other, and in which envelope."""
