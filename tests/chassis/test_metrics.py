"""What an operator is shown is what the alarms are made of."""

import re
from pathlib import Path

RULES = Path(__file__).parents[2] / "deploy/prometheus/rules.yaml"


async def test_every_metric_an_alarm_speaks_of_is_shown(registry):
    text = (await registry.http.get("/metrics")).text
    shown = set(re.findall(r"^([a-z_]+)(?:{.*})? [\d.e+-]+$", text, re.MULTILINE))
    rules = re.findall(r"^ +expr: (.*)$", RULES.read_text(), re.MULTILINE)
    names = [re.findall(r"\b[a-z_]+\b(?!\()", re.sub(r"{.*?}|\[.*?\]", "", rule)) for rule in rules]

    assert {"up"} == {name for rule in names for name in rule} - shown
