"""`python -m services.classification`."""

from services.classification.main import main

main()
