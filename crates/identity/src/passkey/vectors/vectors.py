"""Makes vectors.json: what authenticators of three kinds of keys send, made and checked by somebody else's implementation.

Run with PyPI fido2 2.2 and cryptography: `python vectors.py > vectors.json`. Challenges are as `challenge.rs` makes them with the key
of the tests. Keys are new each time; signatures are theirs.
"""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from fido2.cose import ES256, ES384, PS256, RS256, EdDSA
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

PARTY, ORIGIN, KEY = "apps.example", "https://apps.example", bytes([1]) * 32


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def challenge(purpose, whose, chance):
    signed = bytes([chance]) * 16 + (300).to_bytes(8, "big")
    return signed + hmac.new(KEY, purpose + b"\0" + whose + signed, hashlib.sha256).digest()


def kinds():
    curve = ec.generate_private_key(ec.SECP256R1())
    yield "ES256", ES256.from_cryptography_key(curve.public_key()), lambda m: curve.sign(m, ec.ECDSA(hashes.SHA256()))
    edwards = ed25519.Ed25519PrivateKey.generate()
    yield "EdDSA", EdDSA.from_cryptography_key(edwards.public_key()), edwards.sign
    for bits in (2048, 4096):
        own = rsa.generate_private_key(65537, bits)
        sign = lambda m, own=own: own.sign(m, padding.PKCS1v15(), hashes.SHA256())
        yield f"RS256 of {bits} bits", RS256.from_cryptography_key(own.public_key()), sign


def others():
    """Kinds that are not taken: another curve, another padding, a key too short."""
    curve = ec.generate_private_key(ec.SECP384R1())
    yield "ES384", ES384.from_cryptography_key(curve.public_key()), lambda m: curve.sign(m, ec.ECDSA(hashes.SHA384()))
    own = rsa.generate_private_key(65537, 2048)
    wide = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    yield "PS256", PS256.from_cryptography_key(own.public_key()), lambda m: own.sign(m, wide, hashes.SHA256())
    short = rsa.generate_private_key(65537, 1024)
    sign = lambda m: short.sign(m, padding.PKCS1v15(), hashes.SHA256())
    yield "RS256 of 1024 bits", RS256.from_cryptography_key(short.public_key()), sign


def vector(name, key, sign, statement, extensions):
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.BE | AuthenticatorData.FLAG.BS
    if extensions:
        flags |= AuthenticatorData.FLAG.ED
    party = hashlib.sha256(PARTY.encode()).digest()
    credential = AttestedCredentialData.create(Aaguid(bytes(range(16))), hashlib.sha256(name.encode()).digest(), key)
    data = AuthenticatorData.create(party, flags | AuthenticatorData.FLAG.AT, 0, credential, extensions)
    client = CollectedClientData.create("webauthn.create", challenge(b"set-up", b"ada", 2), ORIGIN)
    said = {"alg": key[3], "sig": sign(data + client.hash)} if statement == "packed" else {}
    made = AttestationObject.create(statement, data, said)
    asked = CollectedClientData.create("webauthn.get", challenge(b"sign-in", b"", 3), ORIGIN)
    shown = AuthenticatorData.create(party, flags, 7, extensions=extensions)
    signature = sign(shown + asked.hash)
    key.verify(shown + asked.hash, signature)
    identity = text(credential.credential_id)
    return {
        "name": f"{name}, {statement}" + (", with extensions" if extensions else ""),
        "registration": {
            "id": identity,
            "response": {
                "clientDataJSON": text(client),
                "attestationObject": text(made),
                "transports": ["usb", "nfc"],
            },
        },
        "assertion": {
            "id": identity,
            "response": {
                "clientDataJSON": text(asked),
                "authenticatorData": text(shown),
                "signature": text(signature),
                "userHandle": text(b"ada"),
            },
        },
    }


def all_of_them():
    for name, key, sign in kinds():
        for statement in ("none", "packed"):
            yield vector(name, key, sign, statement, {"credProtect": 2} if statement == "packed" else None)
    for name, key, sign in others():
        yield {**vector(name, key, sign, "none", None), "refused": True}


print(json.dumps(list(all_of_them()), indent=1))
