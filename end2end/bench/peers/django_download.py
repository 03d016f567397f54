"""The peer of Gatehouse's download route: a plain Django app that does the same for POST /d/<token>: it finds the link by the SHA-256
of its token, checks expiry and revocation, writes the trail and the audit row durably in one transaction, presigns a URL of five
minutes with boto3 and answers 303. Run by gunicorn:  gunicorn django_download:application

Settings come from the environment: PEER_DATABASE (a postgres: URL, or a path for SQLite), PEER_BUCKET and AWS_*.
`python django_download.py TOKEN` makes the tables and one link.
"""

import hashlib
import os
import sys
import time
from urllib.parse import urlsplit

import boto3
import django
from botocore.config import Config
from django.conf import settings
from django.db import connection, models, transaction
from django.http import Http404, HttpResponse
from django.urls import path

DATABASE = os.environ["PEER_DATABASE"]


def database() -> dict:
    if DATABASE.startswith("postgres"):
        url = urlsplit(DATABASE)
        return {
            "ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], "USER": url.username, "PASSWORD": url.password,
            "HOST": url.hostname, "PORT": url.port, "CONN_MAX_AGE": None,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE, "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"},
    }


if not settings.configured:
    settings.configure(
        DEBUG=False, ALLOWED_HOSTS=["*"], SECRET_KEY=os.urandom(32).hex(), ROOT_URLCONF=__name__, DATABASES={"default": database()},
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", LOGGING_CONFIG=None,
    )
    django.setup()


class Link(models.Model):
    token_hash = models.CharField(max_length=64, unique=True)
    key = models.CharField(max_length=200)
    filename = models.CharField(max_length=200)
    recipient = models.CharField(max_length=200)
    expires_at = models.BigIntegerField()
    revoked_at = models.BigIntegerField(null=True)

    class Meta:
        app_label = "peer"


class View(models.Model):
    link = models.ForeignKey(Link, on_delete=models.CASCADE)
    kind = models.CharField(max_length=20)
    at = models.BigIntegerField(db_index=True)
    ip = models.CharField(max_length=45)
    agent = models.CharField(max_length=300)

    class Meta:
        app_label = "peer"


class Audit(models.Model):
    at = models.BigIntegerField(db_index=True)
    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=60, db_index=True)
    subject = models.CharField(max_length=200, db_index=True)
    ip = models.CharField(max_length=45)

    class Meta:
        app_label = "peer"


storage = boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
BUCKET = os.environ.get("PEER_BUCKET", "gatehouse")


def download(request, token):
    if request.method != "POST" or request.POST.get("download") != "pdf":
        return HttpResponse(status=422)
    now = int(time.time() * 1000)
    link = Link.objects.filter(token_hash=hashlib.sha256(token.encode()).hexdigest()).first()
    if link is None or link.revoked_at is not None or link.expires_at <= now:
        raise Http404
    ip, agent = request.META["REMOTE_ADDR"], request.headers.get("User-Agent", "")[:300]
    with transaction.atomic():
        View.objects.create(link=link, kind="confirmed", at=now, ip=ip, agent=agent)
        View.objects.create(link=link, kind="downloaded", at=now, ip=ip, agent=agent)
        Audit.objects.create(at=now, actor=link.recipient, action="link.downloaded", subject=f"link/{link.pk}", ip=ip)
    url = storage.generate_presigned_url(
        "get_object", ExpiresIn=300,
        Params={"Bucket": BUCKET, "Key": link.key, "ResponseContentDisposition": f'attachment; filename="{link.filename}"'},
    )
    return HttpResponse(status=303, headers={"Location": url, "Cache-Control": "no-store"})


urlpatterns = [path("d/<str:token>", download)]

if __name__ == "__main__":
    with connection.schema_editor() as editor:
        for model in (Link, View, Audit):
            editor.create_model(model)
    Link.objects.create(
        token_hash=hashlib.sha256(sys.argv[1].encode()).hexdigest(), key="bols/2026/PRT-2026-0001.pdf", filename="PRT-2026-0001.pdf",
        recipient="customer@example.com", expires_at=int(time.time() * 1000) + 86_400_000,
    )
else:
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
