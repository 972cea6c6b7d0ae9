"""Answers and proof: the ledger of all public events, views rebuilt from it, and the replay of one cell."""
