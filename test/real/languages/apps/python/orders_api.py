import json
import os
import urllib.request

import jwt
from flask import Flask, Response, request

ISSUER = os.environ["ISSUER"]
# Both during the migration, in any order; the target alone after it.
AUDIENCES = os.environ["AUDIENCES"].split(" ")
keys = jwt.PyJWKClient(f"{ISSUER}/jwks")
app = Flask(__name__)


def has_access(roles, role, feature):
    """A feature is public, or it is in beta and the token has the role. FLAGS: the URL of an AppConfig Agent's configuration."""
    try:
        with urllib.request.urlopen(os.environ["FLAGS"], timeout=2) as response:
            flags = json.load(response)
    except (OSError, ValueError):
        flags = {}

    def is_on(name):
        return flags.get(name, {}).get("enabled") is True

    return is_on(f"{feature}-public") or (is_on(f"{feature}-beta") and role in roles)


@app.get("/orders")
@app.get("/dashboard")
def orders():
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
    try:
        claims = jwt.decode(
            token,
            keys.get_signing_key_from_jwt(token),
            algorithms=["ES256"],
            issuer=ISSUER,
            audience=AUDIENCES,
            leeway=5,
            options={"require": ["exp"]},
        )
    except jwt.PyJWKClientConnectionError:
        # No keys: the caller is not at fault.
        return Response(status=503)
    except jwt.PyJWTError:
        return Response(status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    if "orders:read" not in claims.get("scope", "").split(" "):
        return Response(status=403, headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'})
    if request.path == "/dashboard" and not has_access(claims.get("roles", []), "beta-tester", "new-dashboard"):
        return Response(status=404)
    return {"orders": []}


if __name__ == "__main__":
    app.run("127.0.0.1", int(os.environ["PORT"]))
