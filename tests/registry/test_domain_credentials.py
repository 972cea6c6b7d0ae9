"""Who lets a district in: what is issued, rotated and revoked, as facts."""

from datetime import timedelta

import pytest

from services.registry.domain.credentials import AlreadyOver, Credentials, HasCredentials, NoCredentials
from tests.spec import NOW, fact, spec

given = spec(Credentials)
HOUR = timedelta(hours=1)


def issued(number=1, ends_at=None):
    return fact(Credentials.Issued, district="THAN-UYEN", number=number, ends_at=ends_at)


def over(number=1, ends_at=NOW, reason="REVOKED"):
    return fact(Credentials.Ended, district="THAN-UYEN", number=number, ends_at=ends_at, reason=reason)


begun = fact(Credentials.Begun, district="THAN-UYEN")
credentials_facts = [begun, issued(), over()]


def test_the_first_credential_is_number_one():
    given(begun).when(Credentials.issue, ends_at=None).then(issued())


def test_a_district_that_can_connect_is_issued_no_second_one():
    given(begun, issued()).when(Credentials.issue, ends_at=None).refused(HasCredentials)


def test_after_the_last_has_ended_the_next_number_is_issued():
    given(begun, issued(), over()).when(Credentials.issue, ends_at=None).then(issued(2))


def test_a_credential_does_not_end_before_it_begins():
    given(begun).when(Credentials.issue, ends_at=NOW).refused(AlreadyOver)


def test_rotation_lets_the_one_before_open_for_the_overlap():
    given(begun, issued()).when(Credentials.rotate, overlap=HOUR, ends_at=None).then(
        over(ends_at=NOW + HOUR, reason="ROTATED"), issued(2)
    )


def test_rotation_prolongs_nothing_that_ends_sooner():
    soon = issued(ends_at=NOW + HOUR / 2)

    given(begun, soon).when(Credentials.rotate, overlap=HOUR, ends_at=None).then(issued(2))


@pytest.mark.parametrize("before", [[begun], [begun, issued(), over()], [begun, issued(ends_at=NOW)]])
def test_what_opens_nothing_is_neither_rotated_nor_revoked(before):
    given(*before).when(Credentials.rotate, overlap=HOUR, ends_at=None).refused(NoCredentials)
    given(*before).when(Credentials.revoke, None).refused(NoCredentials)


def test_one_is_revoked_or_all():
    both = (begun, issued(), over(ends_at=NOW + HOUR, reason="ROTATED"), issued(2))

    given(*both).when(Credentials.revoke, 1).then(over())
    given(*both).when(Credentials.revoke, None).then(over(), over(2))
    given(*both).when(Credentials.revoke, 3).refused(NoCredentials)


def test_the_key_of_one_that_was_rotated_signs_still_and_that_of_one_revoked_does_not():
    rotated = over(ends_at=NOW, reason="ROTATED")
    keys = given(begun, issued(), rotated, issued(2), over(2)).aggregate()

    assert (True, False, False) == (keys.signs(1), keys.signs(2), keys.signs(3))
