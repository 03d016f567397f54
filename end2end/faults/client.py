"""The little of /api/v1 that the fault tests use. What was answered is acknowledged; anything else may or may not have happened."""

import json
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen


class Refused(Exception):
    """Answered, and not with a 2xx: in these tests never right."""


class Lost(Exception):
    """No answer came: the server was killed under the request."""


def content(n: int) -> dict:
    """A bill that is ready to be issued."""
    return {
        "service": "bulk",
        "ship_from": place("Prairie Road Terminal", "4100 Prairie Road", "Gary", "46406"),
        "ship_to": place(f"Melt shop {n}", "1 Mill Gate", "Burns Harbor", "46304"),
        "carrier": {
            "name": "Calumet Bulk Haulage", "scac": "CBHI", "truck": "T-204", "trailer": f"CBH {5000 + n}", "driver": "J. Kowalczyk",
            "seals": [f"AB{440000 + n}"],
        },
        "weighing": {"unit": "lb", "scale": "North", "ticket": f"T{n}", "weighed_by": "M. Ortiz", "loaded_by": "shipper", "counted_by": "shipper"},
        "lines": [{
            "commodity": "Shredded ferrous scrap", "packages": 1, "package_type": "load", "heat": f"H{n}",
            "gross": pounds(72_340), "tare": pounds(31_220), "net": pounds(41_120),
        }],
        "money": {"terms": "prepaid"},
    }


def place(name: str, address: str, city: str, postcode: str) -> dict:
    return {"name": name, "address": address, "city": city, "region": "IN", "postcode": postcode, "country": "US", "phone": "+1 219 555 0100"}


def pounds(units: int) -> dict:
    return {"milli": units * 1000, "unit": "lb"}


class Client:
    def __init__(self, url: str, token: str):
        self.url, self.token = url, token

    def call(self, method: str, path: str, body: object = None) -> dict:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(f"{self.url}/api/v1{path}", data=data, headers=headers, method=method), timeout=20) as answer:
                text = answer.read()
                return json.loads(text) if text else {}
        except HTTPError as error:
            raise Refused(f"{method} {path}: {error.code} {error.read().decode(errors='replace')[:600]}") from None
        except (OSError, HTTPException) as error:
            raise Lost(str(error)) from None

    def draft(self, n: int) -> str:
        return self.call("POST", "/bols", content(n))["id"]

    def issue(self, bol: str) -> str:
        return self.call("POST", f"/bols/{bol}/issue", {"version": 1})["number"]

    def send(self, bol: str, to: str) -> list[str]:
        return self.call("POST", f"/bols/{bol}/send", {"recipients": [to]})["deliveries"]

    def download(self, bol: str) -> bytes:
        with urlopen(self.call("GET", f"/bols/{bol}/download")["url"], timeout=20) as answer:
            return answer.read()
