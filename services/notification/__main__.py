"""`python -m services.notification`."""

from services.notification.main import main

main()
