"""Steps 1 to 4 of the journey: persons, their roles and signing keys."""

from __future__ import annotations

import secrets
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.protobuf.message import Message

from jiangheng.api.identity.v1 import identity_pb2 as identity
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.local import story
from jiangheng.local.driver import PAUSE, Actor, DoesNotHold, Method
from jiangheng.local.journey import SETTLES, Journey

# 1


def first_administrator(journey: Journey) -> str:
    who = story.ADMINISTRATOR
    password = new_password()
    request = identity.BootstrapRequest(
        code=journey.bootstrap_code(),
        login=who.login,
        password=password,
        name=who.name,
        document_type=identity.DOCUMENT_TYPE_RESIDENT_ID,
        document_number=who.document_number,
    )
    person_id = _bootstrap(journey, request)
    journey.actors[who.login] = Actor(who.login, person_id, password)
    journey.driver.record.facts.append(("person.registered.v1", person_id))
    request.login = "another.admin"
    journey.driver.refused(
        "bootstrap-done", lambda: journey.driver.open_call(journey.driver.administration.Bootstrap, request)
    )
    return f"{who.name} {who.login}; the code works once"


def _bootstrap(journey: Journey, request: identity.BootstrapRequest) -> str:
    try:
        return str(journey.driver.open_call(journey.driver.administration.Bootstrap, request).person_id)
    except Problem as problem:
        if problem.code != "bootstrap-done":
            raise
    # The first answer was lost with its process: the administrator exists and can log in.
    token = journey.driver.token(Actor(request.login, "", request.password), "identity")
    return str(jwt.decode(token, options={"verify_signature": False})["sub"])


# 2


def persons(journey: Journey) -> str:
    for character in story.CHARACTERS:
        _register(journey, character)
    again = story.WU
    problem = journey.driver.refused("IAM-001", lambda: _register_call(journey, again))
    if problem.kind is not Kind.EXISTS:
        raise DoesNotHold(f"a second registration of the same document was answered with {problem}")
    return f"{len(story.CHARACTERS)} persons, each document once"


def _register(journey: Journey, character: story.Character) -> None:
    try:
        answer = _register_call(journey, character)
        person_id, code = answer.person_id, answer.activation_code
    except Problem as problem:
        if problem.kind is not Kind.EXISTS:
            raise
        # The first answer was lost with its process: the person is there, the code is not.
        person_id = problem.details["person_id"]
        code = _reset(journey, person_id)
    journey.driver.record.facts.append(("person.registered.v1", person_id))
    actor = journey.actors[character.login] = Actor(character.login, person_id, new_password())
    _activate(journey, actor, code)


def _register_call(journey: Journey, character: story.Character) -> identity.RegisterPersonResponse:
    request = identity.RegisterPersonRequest(
        login=character.login,
        name=character.name,
        document_type=identity.DOCUMENT_TYPE_RESIDENT_ID,
        document_number=character.document_number,
    )
    answer: identity.RegisterPersonResponse = _administer(
        journey, journey.driver.administration.RegisterPerson, request
    )
    return answer


def _reset(journey: Journey, person_id: str) -> str:
    request = identity.ResetCredentialRequest(person_id=person_id)
    return str(_administer(journey, journey.driver.administration.ResetCredential, request).activation_code)


def _activate(journey: Journey, actor: Actor, code: str) -> None:
    request = identity.ActivateCredentialRequest(login=actor.login, code=code, password=actor.password)
    try:
        journey.driver.open_call(journey.driver.account.ActivateCredential, request)
    except Problem:
        # Used by a first call whose answer was lost: then the password is set.
        journey.driver.token(actor, "identity")


def _administer(journey: Journey, method: Method, request: Message) -> Any:
    return journey.driver.call(journey.actor(story.ADMINISTRATOR), "identity", method, request)


# 3


def roles(journey: Journey) -> str:
    given = 0
    for character in story.CHARACTERS:
        for role in character.roles:
            grant = _grant(journey, character, role)
            journey.driver.record.facts.append(("grant.given.v1", grant.grant_id))
            given += 1
        # A token from before, of a first call whose answer was lost, carries no role yet.
        journey.driver.forget_tokens(journey.actor(character))
    admin = journey.actor(story.ADMINISTRATOR)
    own = identity.GrantRoleRequest(person_id=admin.person_id, role="auditor", region=story.COUNTRY)
    examiner = story.Role("examiner", region=story.PROVINCE)
    journey.driver.refused("X09", lambda: _grant(journey, story.QIAN, examiner), caller=admin.name)
    journey.driver.refused(
        "IAM-001",
        lambda: _administer(journey, journey.driver.administration.GrantRole, own),
        caller=admin.name,
    )
    return f"{given} roles; an officer of the authority as examiner (X09) and a grant to oneself were refused"


def _grant(journey: Journey, character: story.Character, role: story.Role) -> identity.Grant:
    request = identity.GrantRoleRequest(
        person_id=journey.actor(character).person_id,
        role=role.name,
        institution=role.institution,
        region=role.region,
    )
    grant: identity.Grant = _administer(journey, journey.driver.administration.GrantRole, request).grant
    return grant


# 4


def signing_keys(journey: Journey) -> str:
    signers = [journey.actor(character) for character in story.SIGNERS]
    officer, approver = signers[0], journey.actor(story.SUN)
    for actor in (*signers, approver):
        _propose(journey, actor)
    journey.driver.refused(
        "IAM-007", lambda: _approve(journey, story.SUN, approver.key_id), caller=approver.name
    )
    _approve_once(journey, story.SUN, officer.key_id)
    journey.driver.refused(
        "IAM-007", lambda: _approve(journey, story.SUN, officer.key_id), caller=approver.name
    )
    _approve_once(journey, story.LI, officer.key_id)
    for actor in signers[1:]:
        _approve_once(journey, story.SUN, actor.key_id)
        _approve_once(journey, story.LI, actor.key_id)
    for actor in signers:
        _await_active(journey, actor)
        journey.driver.record.facts.append(("key.activated.v1", actor.key_id))
    names = ", ".join(character.name for character in story.SIGNERS)
    return f"keys of {names}: two approvals each, cooled off, active"


def _propose(journey: Journey, actor: Actor) -> None:
    public = actor.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    proof = actor.key.sign(b"jiangheng-key-v1\0" + actor.person_id.encode() + b"\0" + public)
    request = identity.ProposeKeyRequest(public_key=public, proof=proof)
    key = journey.driver.call(actor, "identity", journey.driver.account.ProposeKey, request).key
    actor.key_id = key.key_id
    journey.driver.record.facts.append(("key.proposed.v1", key.key_id))


def _approve(journey: Journey, character: story.Character, key_id: str) -> object:
    request = identity.ApproveKeyRequest(key_id=key_id)
    approver = journey.actor(character)
    return journey.driver.call(approver, "identity", journey.driver.administration.ApproveKey, request)


def _approve_once(journey: Journey, character: story.Character, key_id: str) -> None:
    try:
        _approve(journey, character, key_id)
    except Problem as problem:
        # Said again after a lost answer, the approval already stands.
        if problem.code != "already-approved":
            raise
    journey.driver.record.facts.append(("key.approved.v1", key_id))


def _await_active(journey: Journey, actor: Actor) -> None:
    request = identity.ListOwnKeysRequest()
    until = time.monotonic() + SETTLES
    while time.monotonic() < until:
        keys = journey.driver.call(actor, "identity", journey.driver.account.ListOwnKeys, request).keys
        if any(key.state == identity.KEY_STATE_ACTIVE for key in keys):
            return journey.driver.forget_tokens(actor)
        time.sleep(PAUSE)
    raise DoesNotHold("the approved key did not become active")


def new_password() -> str:
    return secrets.token_urlsafe(18)
