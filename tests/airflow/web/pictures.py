"""The README's pictures, in docs/images: ``python -m tests.airflow.web.pictures``, which ``make pictures`` calls.

Of an example source as it stands now: ``page.png`` is the page, ``tab.png`` the same inside a real Airflow, on the
DAG's tab, ``terminal.png`` what ``floodmark status`` says of it.
"""

from __future__ import annotations

import contextlib
import html
import http.server
import io
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from floodmark.cli import status
from floodmark.cli.screen import Screen
from floodmark.demo.servers.all import temporary_folder
from floodmark.demo.servers.process import HOST
from floodmark.pipeline.page.page import Page
from floodmark.pipeline.page.render import html as drawn
from tests.airflow.conftest import AIRFLOW_2
from tests.airflow.web.plugin_as_installed import ROOT
from tests.airflow.web.served import Site, WebServer
from tests.pipeline.page.chromium import chromium
from tests.pipeline.page.of_now import OF_NOW, shop_of_now

IMAGES = ROOT / "docs" / "images"
LINE = 15
TERMINAL = """<!doctype html><meta charset="utf-8"><body style="margin:0;background:#0d1117">
<pre style="margin:0;padding:14px 18px;color:#e6edf3;font:11px/15px 'DejaVu Sans Mono',monospace">$ {}

{}</pre>"""


def main(folder: Path = IMAGES) -> None:
    """All three."""
    assert not AIRFLOW_2, "its web server has no tabs"
    with temporary_folder() as aside:
        page = shop_of_now()
        (aside / "page.html").write_text(drawn(page), encoding="utf-8")
        picture(folder / "page.png", (aside / "page.html").as_uri(), aside, height=1010)
        said = _status(page)
        text = TERMINAL.format("floodmark status shop", html.escape(said))
        (aside / "terminal.html").write_text(text, encoding="utf-8")
        picture(folder / "terminal.png", (aside / "terminal.html").as_uri(), aside, height=60 + LINE * said.count("\n"))
        (aside / "airflow").mkdir()
        os.environ[OF_NOW] = "1"
        with (
            WebServer(aside / "airflow").prepared("shop", at=page.now.isoformat()) as server,
            entrance(server.site()) as door,
        ):
            picture(folder / "tab.png", f"{door}/dags/shop/plugin/floodmark_dag", aside, width=1500, height=900)


def picture(file: Path, address: str, aside: Path, *, width: int = 1400, height: int) -> None:
    """What a browser shows there, once it has come to rest."""
    command = [
        chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
        f"--user-data-dir={aside / 'profile'}", "--virtual-time-budget=20000", f"--window-size={width},{height}",
        f"--screenshot={file}", address,
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, timeout=180, check=True)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size:,} bytes")


@contextlib.contextmanager
def entrance(site: Site) -> Iterator[str]:
    """An address from which a browser comes to the site logged in: a cookie is of a host, not of a port."""
    cookie = site.visitor("admin").headers["Cookie"]

    class Door(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Set-Cookie", f"{cookie}; Path=/")
            self.send_header("Location", f"{site.url}{self.path}")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer((HOST, 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()


def _status(page: Page) -> str:
    """What the command's own function writes."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status._show(Screen(), page.source, [row.status for row in page.rows], [], page.now)
    return said.getvalue()


if __name__ == "__main__":
    main()
