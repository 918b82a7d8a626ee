"""Names as each system allows them, and the addresses that are made of names.

Rules come from BigQuery's pages "Dataset naming", "Table naming" and "Requirements for labels", Cloud Storage's
"Bucket names", and Airflow's checks of DAG and task group ids.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from floodmark.core.config import column_names
from floodmark.core.refused import Refused

OURS = "_floodmark_"
"""Columns and tables that begin so are Floodmark's own."""

_SOURCE = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_TABLE = re.compile(r"[\w-]{1,200}")
_DATASET = re.compile(r"[A-Za-z0-9_]{1,1024}")
_PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{1,28}[a-z0-9]")
_INSTANCE = re.compile(r"[a-z][a-z0-9-]{0,97}")
_ENDPOINT = re.compile(r"(https://[A-Za-z0-9.-]+(:[0-9]{1,5})?|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?)/?")
_LOCATION = re.compile(r"[A-Za-z]+(?:-[A-Za-z0-9]+)*")
_KMS_KEY = re.compile(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+")
_POLICY_TAG = re.compile(r"projects/[^/]+/locations/[^/]+/taxonomies/[^/]+/policyTags/[^/]+")
_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_FOLDER = re.compile(r"[A-Za-z0-9_.=-]+")
_RELATION = re.compile(r'(?:(?P<schema>"(?:[^"]|"")+"|[^".]+)\.)?(?P<name>"(?:[^"]|"")+"|[^".]+)')
_PLAIN = re.compile(r'[^".]+')
_MOST_LABELS = 56  # BigQuery allows 64; eight are kept for Floodmark's own


@dataclass(frozen=True, kw_only=True, order=True)
class Relation:
    """A table or view in the source. Names are exact: nothing is folded to lower case."""

    schema: str = "public"
    name: str

    def __str__(self) -> str:
        """As it is written in a configuration: ``public.orders``, ``"odd.schema"."Order"``."""
        return ".".join(
            part if _PLAIN.fullmatch(part) else '"' + part.replace('"', '""') + '"' for part in (self.schema, self.name)
        )


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A place in Cloud Storage. ``prefix`` bears no slash at either end and may be empty."""

    bucket: str
    prefix: str = ""

    def __str__(self) -> str:
        """As it is written in a configuration: ``gs://bucket/prefix``."""
        return f"gs://{self.bucket}/{self.prefix}".rstrip("/")

    def holds(self, other: Folder) -> bool:
        """Whether the other place is this one or lies inside it."""
        inside = not self.prefix or f"{other.prefix}/".startswith(f"{self.prefix}/")
        return self.bucket == other.bucket and inside


def text(value: object) -> str:
    """A string that is not blank."""
    if not isinstance(value, str):
        raise Refused("is not a string", "put it in quotes" if isinstance(value, int | float) else "")
    if not value.strip():
        raise Refused("is blank", "write a value, or take the key out")
    if "\0" in value or any("\ud800" <= one <= "\udfff" for one in value):
        raise Refused("holds a character that no database takes", "take out NUL, and what is not UTF-8")
    return value


def source(value: object) -> str:
    """The name of a source: it begins its DAG ids, and is a BigQuery label."""
    name = _matching(_SOURCE, value, "can't name a source", "lower-case letters, digits, - and _, at most 63")
    if "__" in name:
        raise Refused("holds two underscores in a row", "they part a source's name from its kind of DAG: use one")
    return name


def table(value: object) -> str:
    """The name of a table in the configuration and in BigQuery; an Airflow task group bears it too."""
    remedy = "letters, digits, - and _, at most 200; its from says what the source calls it"
    return _matching(_TABLE, value, "can't name a table", remedy)


def dataset(value: object) -> str:
    """The id of a BigQuery dataset, without its project."""
    return _matching(_DATASET, value, "can't name a dataset", "letters, digits and _; the project has its own key")


def project(value: object) -> str:
    """The id of a Google Cloud project."""
    return _matching(_PROJECT, value, "is not a project id", "lower-case letters, digits and -, from 3 to 30")


def instance(value: object) -> str:
    """The id of a Cloud SQL instance."""
    remedy = "lower-case letters, digits and -, beginning with a letter; its project and region are no part of it"
    return _matching(_INSTANCE, value, "is not the id of a Cloud SQL instance", remedy)


def endpoint(value: object) -> str:
    """The address of one of Google's APIs; without https only on this machine, since it is sent a token."""
    remedy = "write https://sqladmin.googleapis.com, or leave it out"
    return _matching(_ENDPOINT, value, "is not the address of an API", remedy).rstrip("/")


def location(value: object) -> str:
    """Where BigQuery keeps the data: EU, US, europe-west1 ..."""
    return _matching(_LOCATION, value, "is not a location", "write EU, US, europe-west1 ...")


def kms_key(value: object) -> str:
    """The full resource name of a Cloud KMS key."""
    remedy = "projects/P/locations/L/keyRings/R/cryptoKeys/K"
    return _matching(_KMS_KEY, value, "is not the name of a Cloud KMS key", remedy)


def policy_tags(value: object) -> dict[str, str]:
    """Columns, or globs of them, each with the resource name of a policy tag."""
    if not isinstance(value, dict):
        raise Refused("is not a mapping", "write a column or a glob: the resource name of a policy tag")
    remedy = "projects/P/locations/L/taxonomies/T/policyTags/X"
    return {
        text(glob): _matching(_POLICY_TAG, tag, "is not the name of a policy tag", remedy)
        for glob, tag in value.items()
    }


def connection(value: object) -> str:
    """The id of an Airflow connection. A URI is refused, and not repeated: it may hold a password."""
    name = text(value)
    if "://" in name or "=" in name:
        raise Refused(
            "is an address, not the id of an Airflow connection",
            "put it into a connection, as in AIRFLOW_CONN_SHOP_DB, and write shop_db here",
            secret=True,
        )
    if len(name) > 200 or re.search(r"\s", name):
        raise Refused("is not the id of an Airflow connection", "no spaces, at most 200 characters")
    return name


def column(value: object) -> str:
    """A column of the source: any name, unless it begins as Floodmark's own do."""
    name = text(value)
    if name.lower().startswith(OURS):
        raise Refused("is one of Floodmark's own columns", f"name a column of the source; {OURS}* is not one")
    return name


def renamed(value: object) -> dict[str, str]:
    """Columns of the source by the names that they are to have in BigQuery, no two of which are one there."""
    if not isinstance(value, dict):
        raise Refused("is not a mapping", 'write a column\'s name: its name in BigQuery, as in {"temp_°C": temp_c}')
    known: dict[str, str] = {}
    for name, target in value.items():
        if reason := column_names.refusal(column(target)):
            raise Refused(f'can\'t call "{name}" so: {reason}', "letters, digits and _")
        if (other := known.setdefault(target.casefold(), column(name))) != name:
            raise Refused(f'calls "{other}" and "{name}" the same', "two columns need two names; case doesn't count")
    return dict(value)


def followed(value: object) -> dict[str, str]:
    """Columns of the source by the names that they had before, and that they have now."""
    if not isinstance(value, dict):
        raise Refused("is not a mapping", "write the old name: the new name, as in {amount: total}")
    known: dict[str, str] = {}
    for old, new in value.items():
        if column(new) == column(old):
            raise Refused(f'has "{old}" be called as it was', "write the name that it has now, or take it out")
        if (other := known.setdefault(new, old)) != old:
            raise Refused(f'has "{other}" and "{old}" be called the same', "a column had one name before: keep one")
    return dict(value)


def labels(value: object) -> dict[str, str]:
    """BigQuery labels for every table; keys that begin with ``floodmark`` are kept for Floodmark."""
    if not isinstance(value, dict):
        raise Refused("is not a mapping", "write key: value")
    if len(value) > _MOST_LABELS:
        raise Refused("holds too many labels", f"at most {_MOST_LABELS}")
    for key, content in value.items():
        if not _LABEL_KEY.fullmatch(str(key)) or str(key).startswith("floodmark"):
            raise Refused(
                f'has a key that can\'t be a label: "{key}"',
                "begin with a lower-case letter; then lower-case letters, digits, - and _, at most 63; not floodmark*",
            )
        if not isinstance(content, str) or not _LABEL_VALUE.fullmatch(content):
            raise Refused(
                f'has a value that can\'t be a label, under "{key}"',
                "a string of lower-case letters, digits, - and _, at most 63",
            )
    return dict(value)


def relation(value: object) -> Relation:
    """``[schema.]table``; a part with a dot or a quote in it goes in double quotes. The schema is public by default."""
    match = _RELATION.fullmatch(text(value))
    if not match:
        raise Refused("is not [schema.]table", 'put a part with a dot in double quotes: public."odd.name"')
    schema, name = match["schema"], match["name"]
    return Relation(schema=_unquoted(schema) if schema else "public", name=_unquoted(name))


def folder(value: object) -> Folder:
    """``gs://bucket`` or ``gs://bucket/prefix``."""
    address = text(value)
    remedy = "write gs://bucket or gs://bucket/prefix"
    if not address.startswith("gs://"):
        raise Refused("is not a place in Cloud Storage", remedy)
    bucket, _, prefix = address.removeprefix("gs://").rstrip("/").partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise Refused("does not name a bucket", remedy)
    if prefix and not all(_FOLDER.fullmatch(part) and part.strip(".") for part in prefix.split("/")):
        raise Refused("has a prefix that is not plain", "letters, digits, _ . = - between single slashes")
    return Folder(bucket=bucket, prefix=prefix)


def _matching(pattern: re.Pattern[str], value: object, message: str, remedy: str) -> str:
    name = text(value)
    if not pattern.fullmatch(name):
        raise Refused(message, remedy)
    return name


def _unquoted(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part
