"""What the registry decides, and when it refuses: who exists, where in the tree, and who belongs to it.

One file per aggregate, each from top to bottom: refusals, words, then state, facts, decisions.
No I/O, no clock, no randomness: the same calls always give the same facts. `at` is when a decision is
recorded; the other dates say when things happened.
"""
