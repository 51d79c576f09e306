"""A stand-in for a school's provider of logins: OpenID Connect's code flow with PKCE, over plain HTTP on this machine.

It asks for no password: whoever comes is the account that the test has set.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "digitlab", "the-secret-of-this-client"


class Provider:
    """Runs until `close`. Its `account` is what it says of whoever logs in; None: it refuses the login.

    Attributes:
        account: Claims: `sub`, `email`, `email_verified`.
        forged: Whether it signs by another key than the one it publishes.
        asked: The addresses it was asked for, without what is behind the question mark.
    """

    def __init__(self):
        self.account, self.forged, self.asked = None, False, []
        self.key, self.other_key = (RSAKey.generate_key(2048, {"kid": "1"}) for _ in range(2))
        self.codes = {}  # what was asked by the browser, until the server comes with the code
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.answer(self, dict(parse_one(urlsplit(self.path).query)))

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.answer(self, dict(parse_one(body)))

            def log_message(self, *_):
                """Say nothing in the terminal of the tests."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request, asked):
        path = urlsplit(request.path).path
        self.asked.append(path)
        if path == "/authorize":
            send_on(request, asked["redirect_uri"], self.authorize(asked))
        elif path == "/logout":
            send_on(request, asked["post_logout_redirect_uri"], {})
        else:
            pages = {"/.well-known/openid-configuration": self.metadata, "/keys": self.keys, "/token": self.token}
            say(request, pages[path](asked, request))

    def metadata(self, *_):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self, *_):
        return {"keys": [{**self.key.as_dict(private=False), "alg": "RS256", "use": "sig"}]}

    def authorize(self, asked):
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        if self.account is None:
            return {"error": "access_denied", "state": asked["state"]}
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked, self.account
        return {"code": code, "state": asked["state"]}

    def token(self, asked, request):
        first, account = self.codes.pop(asked["code"])  # it is good for one time
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        assert request.headers["Authorization"] == f"Basic {known}"
        assert asked["redirect_uri"] == first["redirect_uri"]
        digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == first["code_challenge"]
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 3600, "nonce": first["nonce"], **account}
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.other_key if self.forged else self.key)
        return {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": token}


def parse_one(query):
    return ((name, values[-1]) for name, values in parse_qs(query).items())


def send_on(request, address, more):
    request.send_response(302)
    request.send_header("Location", f"{address}?{urlencode(more)}" if more else address)
    request.end_headers()


def say(request, answer):
    body = json.dumps(answer).encode()
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
