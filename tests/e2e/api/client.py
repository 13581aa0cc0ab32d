"""Asks a server over one connection that is opened anew when it is closed."""
import http.client
import json
import urllib.parse


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.type = (response.headers.get("Content-Type") or "").split(";")[0]
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Client:
    def __init__(self, base, token):
        self.base, self.token = urllib.parse.urlsplit(base), token
        self.connection = None

    def ask(self, method, path, query=None, body=None, headers=None, token=""):
        """`body` is sent as it is, or as JSON if it is no text."""
        target = path + ("?" + urllib.parse.urlencode(query) if query else "")
        given = dict(headers or {})
        if token is not None:
            given["Authorization"] = f"Bearer {token or self.token}"
        if body is not None:
            given.setdefault("Content-Type", "application/json")
            body = (body if isinstance(body, str) else json.dumps(body)).encode()
        for last in (False, True):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(self.base.hostname, self.base.port, timeout=30)
                self.connection.request(method, target, body, given)
                answer = Answer(self.connection.getresponse())
                if answer.headers.get("Connection", "").lower() == "close":
                    self.connection.close()
                return answer
            except (ConnectionError, http.client.HTTPException):
                self.connection = None
                if last:
                    raise
        return None
