"""What assessment keeps to answer with: read models, each fed by the events it names. A file for each."""

from services.assessment.views.frameworks import Frameworks

__all__ = ["Frameworks"]
