"""The sample: the figures of five public articles as events, published the way a district publishes."""

from deploy.sample.events import DISTRICTS, events

__all__ = ["DISTRICTS", "events"]
