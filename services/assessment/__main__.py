"""`python -m services.assessment`."""

from services.assessment.main import main

main()
