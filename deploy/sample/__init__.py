"""The sample: the figures of five public articles as events, published the way a district publishes.

It comes in chapters, each told when all of the one before was answered: what the articles say (`events`),
the reform of 2025 in one of their districts (`reform`), and that district's end (`ending`).
"""

from deploy.sample.events import DISTRICTS, events
from deploy.sample.reform import ending, reform

CHAPTERS = (events, reform, ending)

__all__ = ["CHAPTERS", "DISTRICTS", "ending", "events", "reform"]
