"""The image in the API's description: one drawn cell, small enough to read past."""

import base64
from pathlib import Path

JPEG = Path(__file__).with_name("example.jpg").read_bytes()
CELL = base64.b64encode(JPEG).decode()
