"""A SAML 2.0 identity provider for tests: pysaml2 with xmlsec1, on the loopback.

    provider.py FOLDER PORT

GET  /metadata   what it says of itself
POST /service    takes what a service says of itself
GET  /sso        takes a request as browsers bring it (HTTP redirect) and answers with a form that sends itself. What is
                 said of whom, and how it is signed, can be chosen: signed=assertion|response|both, algorithm=sha256|sha384
                 |sha512|sha1, subject=, format=, mail=, name=, uid=, groups=a,b, class=, instant= (when they proved it, in
                 seconds), until= (when the session ends, as XML has it); as JSON with json=1.
Its key is made anew at each start.
"""

import base64
import datetime
import html
import json
import pathlib
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, saml, xmldsig
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.server import Server
from saml2.sigver import verify_redirect_signature

folder, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
base = f"http://127.0.0.1:{port}"


def make_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provider.example")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def configuration():
    service = folder / "service.xml"
    return {
        "entityid": f"{base}/metadata",
        "xmlsec_binary": "/usr/bin/xmlsec1",
        "key_file": str(folder / "key.pem"),
        "cert_file": str(folder / "certificate.pem"),
        "service": {
            "idp": {
                "name": "Provider",
                "endpoints": {"single_sign_on_service": [(f"{base}/sso", BINDING_HTTP_REDIRECT)]},
                "policy": {"default": {"lifetime": {"minutes": 15}, "attribute_restrictions": None}},
                "subject_data": str(folder / "subjects"),
                "name_id_format": [saml.NAMEID_FORMAT_PERSISTENT],
            }
        },
        "metadata": {"local": [str(service)]} if service.exists() else {},
    }


def answer(server, asked):
    request = server.parse_authn_request(asked["SAMLRequest"], BINDING_HTTP_REDIRECT).message
    if 'AuthnRequestsSigned="true"' in (folder / "service.xml").read_text():
        # pysaml2 of this age leaves signatures of addresses to its users.
        [certificate] = server.metadata.certs(request.issuer.text, "spsso", "signing")
        sent = {name: asked[name] for name in ("SAMLRequest", "RelayState", "SigAlg", "Signature") if name in asked}
        if not verify_redirect_signature(sent, server.sec.sec_backend, certificate):
            raise ValueError("a wrong signature")
    signed = asked.get("signed", "assertion")
    algorithm = asked.get("algorithm", "sha256").upper()
    identity = {"mail": [asked.get("mail", "ada@example.com")], "displayName": [asked.get("name", "Ada Example")]}
    if asked.get("uid"):
        identity["uid"] = [asked["uid"]]
    if asked.get("groups"):
        identity["isMemberOf"] = asked["groups"].split(",")
    service = request.issuer.text
    [place] = server.metadata.assertion_consumer_service(service, BINDING_HTTP_POST)
    response = server.create_authn_response(
        identity,
        in_response_to=request.id,
        destination=place["location"],
        sp_entity_id=service,
        name_id=saml.NameID(
            format=asked.get("format", saml.NAMEID_FORMAT_PERSISTENT),
            name_qualifier=f"{base}/metadata",
            sp_name_qualifier=service,
            text=asked.get("subject", "7d2f1c"),
        ),
        authn={
            "class_ref": asked.get("class", saml.AUTHN_PASSWORD_PROTECTED),
            "authn_auth": f"{base}/metadata",
            **({"authn_instant": int(asked["instant"])} if asked.get("instant") else {}),
        },
        session_not_on_or_after=asked.get("until") or None,
        sign_response=signed in ("response", "both"),
        sign_assertion=signed in ("assertion", "both"),
        sign_alg=getattr(xmldsig, f"SIG_RSA_{algorithm}"),
        digest_alg=getattr(xmldsig, f"DIGEST_{algorithm}"),
    )
    force = (request.force_authn or "false").lower() in ("true", "1")
    return {"place": place["location"], "response": str(response), "id": request.id, "force": force}


class Handler(BaseHTTPRequestHandler):
    def reply(self, body, kind, status=200):
        body = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(address.query))
        if address.path == "/metadata":
            self.reply(str(entity_descriptor(IdPConfig().load(configuration()))), "application/xml")
        elif address.path == "/sso":
            try:
                said = answer(Server(config=IdPConfig().load(configuration())), asked)
            except Exception as refused:
                return self.reply(repr(refused), "text/plain", 400)
            said["response"] = base64.b64encode(said["response"].encode()).decode()
            said["relay"] = asked.get("RelayState", "")
            if asked.get("json"):
                self.reply(json.dumps(said), "application/json")
            else:
                self.reply(
                    f"""<!doctype html><title>Provider</title><form method="post" action="{html.escape(said["place"])}">
                    <input type="hidden" name="SAMLResponse" value="{said["response"]}">
                    <input type="hidden" name="RelayState" value="{html.escape(said["relay"])}">
                    <button>Continue as Ada</button></form>""",
                    "text/html; charset=utf-8",
                )
        else:
            self.reply("", "text/plain", 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        (folder / "service.xml").write_bytes(body)
        self.reply("", "text/plain")

    def log_message(self, *_):
        pass


make_key()
HTTPServer(("127.0.0.1", port), Handler).serve_forever()
