"""What is bounded shows its limit and its use."""

from prometheus_client import generate_latest

from services.chassis.bounds import Bound, gauges


class Collected:
    def __init__(self, metrics):
        self.metrics = metrics

    def collect(self):
        return self.metrics


def test_a_bound_shows_its_limit_and_what_of_it_is_used_now():
    waiting = ["a", "b"]
    metrics = gauges([Bound("writer queue", 4096, lambda: len(waiting))])

    said = generate_latest(Collected(metrics)).decode().splitlines()
    assert 'bound_limit{what="writer queue"} 4096.0' in said
    assert 'bound_used{what="writer queue"} 2.0' in said
