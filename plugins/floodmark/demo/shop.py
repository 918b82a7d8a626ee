"""The shop's database: its tables, the roles that read them, and a history of the last hours, as a restore has it."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import resources
from typing import Any

from psycopg2 import sql
from psycopg2.extras import execute_values

STATUSES = ("new", "paid", "packed", "shipped", "returned")
CHANNELS = ("web", "app", "phone", "märkte", "店")
NICKNAMES = (None, "", "Kim", "Zoë", "O'Neil", "\\back", "two\nlines", "🙂")
PRODUCTS = 120
ALWAYS_SOLD, SINCE_EVER = 7, "-infinity"
"""The product that was sold since ever, which BigQuery's DATE can't say."""

LOAD = {
    "customers": "INSERT INTO customers (id, email, name, nickname, password_hash, created_at, updated_at, deleted_at) "
    "VALUES %s",
    "products": "INSERT INTO products (sku, title, price, weight, sold_since, active) VALUES %s",
    "orders": "INSERT INTO orders (id, customer_id, status, total, details, note, created_at, updated_at) VALUES %s",
    "order_items": "INSERT INTO order_items (order_id, line, sku, quantity, price, created_at, updated_at) VALUES %s",
    "events": "INSERT INTO events (kind, customer_id, properties, created_at) VALUES %s",
}
"""In the order in which foreign keys want them."""


def text(name: str) -> str:
    """A file of ``sql/``."""
    return resources.files("floodmark.demo").joinpath("sql", name).read_text(encoding="utf-8")


def create(connection: Any) -> None:
    """The shop's tables, empty."""
    with connection, connection.cursor() as cursor:
        cursor.execute(text("schema.sql"))


def create_reader(connection: Any, role: str, password: str) -> None:
    """The role that Floodmark reads as: it may log in and see how long others' transactions have been open."""
    named = {"role": sql.Identifier(role), "password": sql.Literal(password)}
    with connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL(text("reader.sql")).format(**named))


def grant(connection: Any, role: str) -> None:
    """Let ``role`` read every table of the connection's database, later ones too."""
    with connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL(text("grants.sql")).format(role=sql.Identifier(role)))


def price(chance: random.Random) -> Decimal:
    """From 0.99 to 499.99 euros."""
    return Decimal(chance.randint(99, 49_999)) / 100


@dataclass(frozen=True, kw_only=True)
class History:
    """Rows with timestamps in ``[start, end)``, UTC; the same for the same seed and moments."""

    start: datetime
    end: datetime
    orders_per_hour: int = 1200
    seed: int = 1

    def write(self, connection: Any) -> dict[str, int]:
        """Load it as a restore does, with triggers and checks off, to keep its own timestamps; rows by table."""
        rows = self.rows()
        with connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table, statement in LOAD.items():
                execute_values(cursor, statement, rows[table], page_size=1000)
            cursor.execute("SELECT setval(pg_get_serial_sequence('orders', 'id'), (SELECT max(id) FROM orders))")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return {table: len(found) for table, found in rows.items()}

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """By table, in the order of their columns."""
        chance = random.Random(f"history {self.seed}")
        count = max(1, int(self.orders_per_hour * ((self.end - self.start) / timedelta(hours=1))))
        customers = [_customer(chance, self._moment(chance), self.end) for _ in range(max(3, count // 4))]
        products = [_product(chance, number, self.start) for number in range(PRODUCTS)]
        orders: list[tuple[Any, ...]] = []
        items: list[tuple[Any, ...]] = []
        events: list[tuple[Any, ...]] = []
        for placed in sorted(self._moment(chance) for _ in range(count)):
            customer = chance.choice(customers)[0]
            changed = self._later(chance, placed)
            status = "new" if changed == placed else chance.choice(STATUSES[1:])
            lines = list(_items(chance, len(orders) + 1, products, placed, self._later(chance, placed)))
            total = sum(quantity * each for _, _, _, quantity, each, _, _ in lines)
            note = chance.choice((None, None, "", "bitte klingeln", 'c/o "Müller"; 2. Stock'))
            orders.append((len(orders) + 1, customer, status, total, details(chance), note, placed, changed))
            items += lines
            events += [(kind, customer, details(chance), placed) for kind in ("view", "checkout")]
        return {"customers": customers, "products": products, "orders": orders, "order_items": items, "events": events}

    def _moment(self, chance: random.Random) -> datetime:
        return self.start + (self.end - self.start) * chance.random()

    def _later(self, chance: random.Random, moment: datetime) -> datetime:
        """The same moment, or one up to an hour later that still lies in the history."""
        later = moment + timedelta(hours=1) * chance.random()
        return later if chance.random() < 0.4 and later < self.end else moment


def _customer(chance: random.Random, joined: datetime, end: datetime) -> tuple[Any, ...]:
    gone = joined + (end - joined) * chance.random() if chance.random() < 0.05 else None
    key = uuid.UUID(int=chance.getrandbits(128), version=4)
    secret = f"{chance.getrandbits(128):032x}"
    name = f"Customer {key.hex[:6]}"
    return str(key), f"{key.hex[:12]}@example.org", name, chance.choice(NICKNAMES), secret, joined, gone or joined, gone


def _product(chance: random.Random, number: int, start: datetime) -> tuple[Any, ...]:
    weight = chance.choice((None, 0.1, chance.random() * 30))
    since: date | str = (start - timedelta(days=chance.randint(1, 4000))).date()
    if number == ALWAYS_SOLD:
        since = SINCE_EVER
    return f"SKU-{number:04}", f"Product {number}", price(chance), weight, since, chance.random() < 0.9


def _items(
    chance: random.Random, order: int, products: list[tuple[Any, ...]], placed: datetime, changed: datetime
) -> Iterator[tuple[Any, ...]]:
    for line in range(1, chance.randint(1, 3) + 1):
        product = chance.choice(products)
        yield order, line, product[0], chance.randint(1, 5), product[2], placed, changed if changed != placed else None


def details(chance: random.Random) -> str:
    """A JSON document."""
    return json.dumps(
        {"channel": chance.choice(CHANNELS), "gift": chance.random() < 0.1, "score": round(chance.random(), 6)},
        ensure_ascii=False,
    )
