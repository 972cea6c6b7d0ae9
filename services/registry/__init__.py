"""The registry: who exists."""
