"""Tokens and rights: who calls is proved by one key, and where they may act by the tree."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import jwt
import pytest

from deploy.embedded.keys import Keys
from services.chassis.edge.auth import Auth, Caller, NotYours, Rights
from services.chassis.errors import Forbidden, Unauthenticated, UnknownOrganization
from services.chassis.views.tree import Tree
from tests.chassis.story import NOW, founded
from tests.telling import delivered

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
        {"nbf": NOW + timedelta(days=36_500)},
    ],
    ids=str,
)
def test_a_token_that_lacks_or_bends_a_claim_is_refused(auth, keys, changed):
    with pytest.raises(Unauthenticated):
        auth.verify(signed(keys, **changed))


def test_a_caller_needs_one_of_the_roles():
    officer = Caller("officer-1", frozenset({"officer"}), "*")
    officer.require("auditor", "officer")

    with pytest.raises(Forbidden, match="this needs the role auditor or operator; you have officer"):
        officer.require("auditor", "operator")


# -- Where


@pytest.fixture
async def rights(pool):
    tree = Tree(pool)
    await tree.prepare()
    await tree.apply(
        [
            delivered(founded("LAI-CHAU", sequence=1, previous=0)),
            delivered(founded("THAN-UYEN", sequence=2, previous=1, parent="LAI-CHAU")),
            delivered(founded("TU-C-001", sequence=3, previous=2, parent="THAN-UYEN")),
            delivered(founded("TAM-KY", sequence=4, previous=3)),
        ]
    )
    return Rights(tree)


def over(subtree):
    return Caller("officer-1", frozenset({"officer"}), subtree)


async def test_a_caller_may_act_within_their_subtree_only(rights):
    await rights.check(over("THAN-UYEN"), "THAN-UYEN")
    await rights.check(over("THAN-UYEN"), "TU-C-001")
    await rights.check(over("LAI-CHAU"), "TU-C-001")

    with pytest.raises(Forbidden, match="LAI-CHAU is not beneath THAN-UYEN"):
        await rights.check(over("THAN-UYEN"), "LAI-CHAU")
    with pytest.raises(Forbidden):
        await rights.check(over("THAN-UYEN"), "TAM-KY")
    with pytest.raises(Forbidden):
        await rights.check(over("THAN-UYEN"), "NOWHERE")


async def test_who_may_act_everywhere_may_act_on_what_is_not_known_yet(rights):
    await rights.check(over("*"), "NOWHERE")


async def test_a_district_speaks_of_itself_and_of_those_beneath_it_only(rights):
    await rights.check_district("THAN-UYEN", "TU-C-001")
    await rights.check_district("NEW-DISTRICT", "NEW-DISTRICT")

    with pytest.raises(NotYours, match="TAM-KY is not beneath THAN-UYEN"):
        await rights.check_district("THAN-UYEN", "TAM-KY")
    with pytest.raises(NotYours):
        await rights.check_district("THAN-UYEN", "LAI-CHAU")
    with pytest.raises(UnknownOrganization):
        await rights.check_district("THAN-UYEN", "NOWHERE")
