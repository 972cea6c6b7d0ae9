"""Who a member is: sealed for those who keep the files, and gone once the key is."""

from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.registry.persons import Person, Persons, SealBroken, Sealed

pytestmark = pytest.mark.anyio
LAN = Person("Nguyễn Thị Lan", date(1990, 5, 31))


async def test_a_sealed_person_opens_as_who_it_was(persons):
    sealed = await kept(persons, "M-0042", LAN)

    assert await persons.open("M-0042", sealed.text) == LAN


async def test_a_name_or_a_birth_date_alone_can_be_sealed(persons):
    name_only = await kept(persons, "M-0001", Person("Lan", None))
    date_only = await kept(persons, "M-0002", Person(None, date(1990, 5, 31)))

    assert Person("Lan", None) == await persons.open("M-0001", name_only.text)
    assert Person(None, date(1990, 5, 31)) == await persons.open("M-0002", date_only.text)


async def test_the_contact_is_sealed_with_the_rest(persons, store):
    whole = replace(LAN, phone="0912345678", mail="lan@than-uyen.example", address="Khu 5")
    sealed = await kept(persons, "M-0042", whole)

    assert whole == await persons.open("M-0042", sealed.text)
    assert "Person()" == repr(whole)


async def test_many_are_kept_and_opened_together_but_for_those_forgotten(persons):
    lan, hung = persons.seal("M-0042", LAN), persons.seal("M-0043", Person("Hùng", external_id="HR-7"))
    await persons.keep_all([lan, hung])
    await persons.forget("M-0042")

    opened = await persons.open_all([("M-0042", lan.text), ("M-0043", hung.text)])

    assert {"M-0043": Person("Hùng", external_id="HR-7")} == opened


async def test_who_was_sealed_before_there_were_contacts_still_opens(persons):
    await persons.keep(Sealed(BEFORE_CONTACTS, BEFORE_ID, "M-0042", BEFORE_KEY))

    assert await persons.open("M-0042", BEFORE_CONTACTS) == LAN


BEFORE_ID = UUID("b4eb1f78-f451-4eac-be9d-a8458b694a88")
BEFORE_CONTACTS = (
    "AbTrH3j0UU6svp2oRYtpSojY5iBo72PdRpo4n+8WA/KwY6/enIGGT7tu8KZ3SZnrv4BrP8O6/d/6/DYPkFu0tUS2"
    "JIYe/sw1NQCffo0gQsA0HKs01uBChOFbxz7VIhGWRhTJnw=="
)
BEFORE_KEY = bytes.fromhex(
    "0171022bbafaccfbe08c80313d191669da86edf1b26eec14cc93a6a16495748b09b822f344278bc6b8266989dc249269"
    "22f2ffc658d6ecc8ef78fe6e6c"
)


async def test_the_same_person_never_looks_the_same_twice(persons):
    assert persons.seal("M-0042", LAN).text != persons.seal("M-0042", LAN).text


async def test_nothing_sealed_or_stored_says_who_it_is(persons, store):
    sealed = await kept(persons, "M-0042", LAN)

    stored = await rows(store, "SELECT wrapped FROM person_key")

    assert says_nothing_of(LAN, b64decode(sealed.text))
    assert says_nothing_of(LAN, stored[0]["wrapped"])
    assert says_nothing_of(LAN, repr(sealed).encode())
    assert "Person()" == repr(LAN)


async def test_a_key_whose_text_was_never_recorded_opens_nothing_else(persons):
    recorded = await kept(persons, "M-0042", LAN)
    await kept(persons, "M-0042", Person("Somebody Else", None))

    assert await persons.open("M-0042", recorded.text) == LAN


async def test_a_text_whose_key_was_never_kept_is_as_good_as_forgotten(persons):
    assert await persons.open("M-0042", persons.seal("M-0042", LAN).text) is None


# -- Forgetting


async def test_a_forgotten_person_never_opens_again(persons):
    sealed = await kept(persons, "M-0042", LAN)

    assert await persons.forget("M-0042")

    assert await persons.open("M-0042", sealed.text) is None


async def test_every_key_of_a_forgotten_person_is_gone(persons, store):
    await kept(persons, "M-0042", LAN)
    await kept(persons, "M-0042", LAN)

    await persons.forget("M-0042")

    assert [] == await rows(store, "SELECT id FROM person_key")


async def test_forgetting_one_person_leaves_the_others(persons):
    await kept(persons, "M-0042", LAN)
    other = await kept(persons, "M-0043", Person("Hùng", None))

    await persons.forget("M-0042")

    assert Person("Hùng", None) == await persons.open("M-0043", other.text)


async def test_there_is_nothing_to_forget_of_somebody_unknown(persons):
    assert not await persons.forget("M-0042")


# -- Attacks and accidents


async def test_another_master_key_opens_nothing(persons, store):
    sealed = await kept(persons, "M-0042", LAN)

    with pytest.raises(SealBroken):
        await Persons(store.pool, bytes(32)).open("M-0042", sealed.text)


async def test_one_changed_bit_is_noticed(persons):
    sealed = await kept(persons, "M-0042", LAN)
    body = bytearray(b64decode(sealed.text))
    body[-1] ^= 1

    with pytest.raises(SealBroken):
        await persons.open("M-0042", b64encode(body).decode())


async def test_one_members_text_does_not_open_under_another_code(persons):
    sealed = await kept(persons, "M-0042", LAN)

    with pytest.raises(SealBroken):
        await persons.open("M-0043", sealed.text)


async def test_a_key_moved_to_another_member_does_not_open(persons, store):
    own = await kept(persons, "M-0042", LAN)
    other = persons.seal("M-0043", LAN)
    await persons.keep(replace(other, member="M-0042"))

    with pytest.raises(SealBroken):
        await persons.open("M-0042", other.text)
    assert await persons.open("M-0042", own.text) == LAN


@pytest.mark.parametrize("text", ["", "%", "AQ==", b64encode(b"\x02" + bytes(60)).decode()])
async def test_what_was_never_sealed_here_does_not_open(persons, text):
    with pytest.raises(SealBroken):
        await persons.open("M-0042", text)


async def test_a_seal_that_does_not_open_tells_codes_only(persons):
    sealed = await kept(persons, "M-0042", LAN)

    with pytest.raises(SealBroken) as broken:
        await persons.open("M-0043", sealed.text)

    assert f"key {sealed.key_id} M-0043 does not open" == str(broken.value)


def test_a_short_master_key_is_refused_at_the_start():
    with pytest.raises(ValueError, match="16 bytes, not 32"):
        Persons(None, bytes(16))


async def kept(persons, member, person):
    sealed = persons.seal(member, person)
    await persons.keep(sealed)
    return sealed


async def rows(store, query):
    async with store.pool.connection() as connection:
        return await (await connection.execute(query)).fetchall()


def says_nothing_of(person, stored):
    clues = [person.name.encode(), b"Lan", person.born_on.isoformat().encode(), b"1990"]
    return not any(clue in stored for clue in clues)
