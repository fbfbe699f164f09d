"""What a file is called that a page sends: any name arrives, and none becomes another header."""

from email.message import Message

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.web.server.starlette.starlette_routes import create_media_routes

from apps.gate.headers import SecurityHeaders


@pytest.mark.parametrize(
    "name",
    [
        "readings.csv",
        "中性粒细胞.csv",
        "خلايا الدم.csv",
        'a"b.csv',
        "a;b.csv",
        'x"; filename="evil.html',
        "a\\b.csv",
        "a\r\nSet-Cookie: evil=1.csv",
        "größe 100%.csv",
    ],
)
def test_a_download_keeps_its_name(name: str) -> None:
    storage = MemoryMediaFileStorage("/media")
    file = storage.load_and_get_id(b"x", "text/csv", MediaFileKind.DOWNLOADABLE, name)
    app = SecurityHeaders(Starlette(routes=create_media_routes(storage, None)))
    answer = TestClient(app).get(storage.get_url(file))
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    header = Message()
    header["Content-Disposition"] = answer.headers["content-disposition"]
    assert header.get_content_disposition() == "attachment"
    assert header.get_filename() == name
