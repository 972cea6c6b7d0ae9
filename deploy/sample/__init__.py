"""The sample: the figures of five public articles as events, published the way a district publishes.

It comes in chapters, each told when all of the one before was answered: what the articles say (`events`),
how the movement went through two of their districts (`movement`), the reform of 2025 in one of them
(`reform`), and that district's end (`ending`).
"""

from deploy.sample.events import DISTRICTS, events
from deploy.sample.movement import movement
from deploy.sample.reform import ending, reform

CHAPTERS = (events, movement, reform, ending)

__all__ = ["CHAPTERS", "DISTRICTS", "ending", "events", "movement", "reform"]
