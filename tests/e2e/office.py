"""An organisation's people, as administrators keep them in a node by its API."""
import base64
import hashlib
import json
import pathlib
import secrets
import time

from api.client import Client
from cases import check

ISSUER, AUDIENCE = "https://id.example.com", "callfork"
KEYS = {"telco": ("partner-administrator", "telco"), "admin": ("full-administrator", "acme"),
        "viewer": ("read-only-administrator", "acme"), "officer": ("compliance-officer", "acme"),
        "stranger": ("full-administrator", "globex")}


def text64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Office:
    """A node whose API lets five administrators in by keys, and people by signed
    tokens. The organisations are acme, with Ann who administers it and records in
    the node's vault, and globex, which knows nothing of acme."""

    def __init__(self, bench, *flags, made=True):
        self.bench, self.flags = bench, flags
        self.keys = {name: secrets.token_hex(32) for name in KEYS}
        (bench.folder / "keys").write_text("".join(
            f"{name} {role} {of} {hashlib.sha256(self.keys[name].encode()).hexdigest()}\n"
            for name, (role, of) in KEYS.items()))
        self.secret_file("audit.key", secrets.token_hex(32))
        self.make_signer()
        self.open()
        if made:
            self.make_organisations()

    def secret_file(self, name, text):
        path = self.bench.folder / name
        path.write_text(text + "\n")
        path.chmod(0o600)

    def make_signer(self):
        status, _, errors = self.bench.run(["openssl", "genrsa", "-out", "signer.pem", "2048"])
        check(status == 0, errors)
        modulus = self.bench.run(["openssl", "rsa", "-in", "signer.pem", "-noout", "-modulus"])[1]
        number = bytes.fromhex(modulus.strip().split("=")[1])
        key = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "one", "n": text64(number), "e": "AQAB"}
        (self.bench.folder / "jwks.json").write_text(json.dumps({"keys": [key]}))

    def open(self):
        """Starts the node, anew on the same folders."""
        self.node = self.bench.node(
            "--api-keys=keys", "--api-audit-key=audit.key", "--api-audit-folder=audit", "--api-key-set=jwks.json",
            f"--api-issuer={ISSUER}", f"--api-audience={AUDIENCE}", *self.flags)
        self.client = Client(f"http://{self.node.http}", self.keys["admin"])

    def token(self, person, role="user", organisation="acme", lasts=600, **other):
        """A token of a person, signed as the identity provider does."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + lasts, "sub": person,
                  "callfork_role": role, "callfork_organisation": organisation, **other}
        text = ".".join(text64(json.dumps(part).encode())
                        for part in ({"alg": "RS256", "typ": "JWT", "kid": "one"}, claims))
        path = pathlib.Path(self.bench.folder / "token")
        path.write_text(text)
        signed = self.bench.folder / "token.sig"
        status, _, errors = self.bench.run(["openssl", "dgst", "-sha256", "-sign", "signer.pem",
                                            "-out", str(signed), str(path)])
        check(status == 0, errors)
        return f"{text}.{text64(signed.read_bytes())}"

    def ask(self, method, path, body=None, by="admin", status=200, query=None):
        """What the API answers an administrator, or whoever's token that is."""
        answer = self.client.ask(method, path, query=query, body=body, token=self.keys.get(by, by))
        check(answer.status == status, f"{method} {path}: {answer.status}, not {status}: {answer.body[:500]!r}")
        return answer.json() if answer.body and answer.type == "application/json" else answer

    def make_organisations(self):
        for name in ("acme", "globex"):
            self.ask("POST", "/callfork/v1/organizations",
                     {"id": name, "name": name.title(), "region": "US", "country": "US", "language": "en"},
                     by="telco", status=201)
            self.ask("PUT", "/v1/telephony/config/callRecording", {"enabled": True}, by="telco", status=204,
                     query={"orgId": name})
        self.ask("POST", "/callfork/v1/locations", {"id": "boston", "name": "Boston"}, status=201)
        self.hire("ann", "+16175550100")
        self.ask("PUT", "/v1/telephony/config/callRecording/vendors/callfork/termsOfService",
                 {"termsOfServiceEnabled": True}, by=self.token("ann", "full-administrator"), status=204)
        self.ask("PUT", "/v1/telephony/config/callRecording/vendor", {"vendorId": "callfork", "storageRegion": "US"},
                 status=200)

    def hire(self, name, number, plan="PAID", **recording):
        """A person of Boston with this number, recorded as told."""
        self.ask("POST", "/callfork/v1/people",
                 {"id": name, "locationId": "boston", "firstName": name.title(), "email": f"{name}@example.com",
                  "licenseType": "PROFESSIONAL_USER", "addresses": [number, f"{name}@example.com"]}, status=201)
        if recording:
            self.ask("PUT", f"/v1/people/{name}/features/callRecording", {"enabled": True, **recording}, status=204)
            self.ask("PUT", f"/callfork/v1/people/{name}/plan", {"plan": plan}, status=204)

    def audit(self):
        """What `callforkctl audit verify` says: status, output, errors."""
        return self.bench.run([self.bench.callforkctl, "audit", "verify", "--folder", "audit", "--key", "audit.key"])
