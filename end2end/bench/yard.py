"""A yard to measure: the release build on SQLite or on a PostgreSQL of its own, with somebody signed in."""

import http.cookiejar
import re
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "faults"))

from client import Client  # noqa: E402
from house import House, free_port  # noqa: E402, F401

PASSWORD = "a long enough passphrase 1"


class Yard(House):
    """One process with its workers on either database."""

    def __init__(self, kind: str, workers: str = "none", settings: Callable[["Yard"], None] = lambda _: None):
        super().__init__(kind)
        settings(self)
        self.workers = workers
        self.settings["RUST_LOG"] = "warn"
        self.settings["GATEHOUSE_TRUSTED_PROXIES"] = '["127.0.0.1/32"]'
        self.command("user", "create", "--email", "office@yard.test", "--role", "admin", "--password-stdin", stdin=PASSWORD)
        token = self.command("token", "create", "--user", "office@yard.test", "--scopes", "paper:read paper:write audit:read").stdout.strip()
        self.client = Client(self.url, token)
        self.split = self.workers == "none"
        self.start("server")
        self.split = kind != "sqlite"

    @property
    def pid(self) -> int:
        return self.processes["server"].pid

    def cookie(self) -> str:
        """Signs in as a browser does."""
        jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https")))
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        with browser.open(f"{self.url}/sign-in") as page:
            hidden = re.findall(r'<input[^>]*type="hidden"[^>]*>', page.read().decode())
        form = {re.search(r'name="([^"]*)"', i)[1]: (re.search(r'value="([^"]*)"', i) or ["", ""])[1] for i in hidden}
        form |= {"email": "office@yard.test", "password": PASSWORD}
        browser.open(f"{self.url}/sign-in", urllib.parse.urlencode(form).encode()).close()
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
