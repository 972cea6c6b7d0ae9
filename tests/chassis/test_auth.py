"""Tokens and rights: who calls is proved by one key, and where they may act by the tree."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import jwt
import pytest

from deploy.embedded.keys import Keys
from services.chassis.edge.auth import Auth, Caller
from services.chassis.errors import Forbidden, Unauthenticated
from tests.chassis.story import NOW

CLAIMS = {
    "iss": "fourgood",
    "aud": "fourgood",
    "sub": "officer-1",
    "roles": ["officer", "auditor"],
    "subtree": "THAN-UYEN",
    "exp": NOW + timedelta(hours=1),
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def auth(keys):
    return Auth(keys.public_pem, "fourgood", clock=lambda: NOW)


def signed(keys, **changed):
    claims = {name: value for name, value in (CLAIMS | changed).items() if value is not None}
    return jwt.encode(claims, keys.signing_pem, algorithm="EdDSA")


def encoded(document):
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=")


def test_a_token_says_who_in_which_roles_and_where(auth, keys):
    caller = Caller("officer-1", frozenset({"officer", "auditor"}), "THAN-UYEN")

    assert caller == auth.verify(signed(keys))


def test_the_tokens_of_the_embedded_runtime_are_accepted(keys):
    caller = Auth(keys.public_pem, "fourgood").verify(keys.token("auditor", subtree="TAM-KY"))

    assert (frozenset({"auditor"}), "TAM-KY") == (caller.roles, caller.subtree)


def test_an_expired_token_is_refused(auth, keys):
    with pytest.raises(Unauthenticated, match="expired"):
        auth.verify(signed(keys, exp=NOW))


def test_a_token_that_expires_between_two_calls_is_refused_the_second_time(keys):
    moments = [NOW, NOW + timedelta(hours=2)]
    auth = Auth(keys.public_pem, "fourgood", clock=lambda: moments.pop(0))
    token = signed(keys)
    auth.verify(token)

    with pytest.raises(Unauthenticated, match="expired"):
        auth.verify(token)


def test_a_token_of_another_key_is_refused(auth, tmp_path):
    with pytest.raises(Unauthenticated, match="not ours"):
        auth.verify(signed(Keys(tmp_path)))


def test_a_token_that_is_not_signed_is_refused(auth):
    claims = CLAIMS | {"exp": NOW.timestamp() + 3600}
    token = b".".join([encoded({"alg": "none", "typ": "JWT"}), encoded(claims), b""]).decode()

    with pytest.raises(Unauthenticated, match="not ours"):
        auth.verify(token)


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(auth, keys):
    """The oldest trick: the verifier's own public key, used as if it were a shared secret."""
    claims = CLAIMS | {"exp": NOW.timestamp() + 3600}
    body = encoded({"alg": "HS256", "typ": "JWT"}) + b"." + encoded(claims)
    seal = hmac.new(keys.public_pem.encode(), body, hashlib.sha256).digest()
    token = (body + b"." + base64.urlsafe_b64encode(seal).rstrip(b"=")).decode()

    with pytest.raises(Unauthenticated, match="not ours"):
        auth.verify(token)


def test_a_token_whose_claims_were_changed_is_refused(auth, keys):
    head, _, seal = signed(keys).split(".")
    body = encoded(CLAIMS | {"exp": NOW.timestamp() + 3600, "subtree": "*"}).decode()

    with pytest.raises(Unauthenticated, match="not ours"):
        auth.verify(f"{head}.{body}.{seal}")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "….….…", "a" * 100_000])
def test_what_is_no_token_is_refused(auth, token):
    with pytest.raises(Unauthenticated, match="not ours"):
        auth.verify(token)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "another"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"sub": None},
        {"sub": 7},
        {"roles": None},
        {"roles": "officer"},
        {"roles": ["officer", "emperor"]},
        {"roles": [["officer"]]},
        {"roles": {"officer": True}},
        {"subtree": None},
        {"subtree": ["*"]},
        {"member": ""},
        {"member": "m-0042"},
        {"member": "M-0042\n"},
        {"member": ["M-0042"]},
        {"member": 42},
        {"member": "M-0042", "roles": ["emperor"]},
        {"member": "M-0042", "subtree": 7},
        {"nbf": NOW + timedelta(days=36_500)},
    ],
    ids=str,
)
def test_a_token_that_lacks_or_bends_a_claim_is_refused(auth, keys, changed):
    with pytest.raises(Unauthenticated):
        auth.verify(signed(keys, **changed))


def test_a_token_may_say_which_member_its_bearer_is(auth, keys):
    caller = Caller("officer-1", frozenset({"officer", "auditor"}), "THAN-UYEN", "M-0042")

    assert caller == auth.verify(signed(keys, member="M-0042"))


@pytest.mark.parametrize("more", [{"roles": None, "subtree": None}, {"roles": [], "subtree": ""}], ids=str)
def test_the_token_of_a_member_needs_no_role_and_no_subtree(auth, keys, more):
    caller = Caller("officer-1", frozenset(), "", "M-0042")

    assert caller == auth.verify(signed(keys, member="M-0042", **more))


def test_a_member_who_is_null_is_refused(auth, keys):
    token = jwt.encode(CLAIMS | {"member": None}, keys.signing_pem, algorithm="EdDSA")

    with pytest.raises(Unauthenticated, match="member is no code"):
        auth.verify(token)


def test_a_caller_needs_one_of_the_roles():
    officer = Caller("officer-1", frozenset({"officer"}), "*")
    officer.require("auditor", "officer")

    with pytest.raises(Forbidden, match="this needs the role auditor or operator; you have officer"):
        officer.require("auditor", "operator")
