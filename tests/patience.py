"""How long tests wait."""

PATIENCE_S = 120.0
"""For what must come. Far more than it takes: only a defect ends the wait, never a busy machine."""
