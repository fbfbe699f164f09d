"""Networks by name, preprocessing, the model bundle and the runtimes that execute it."""

import sys

# OpenVINO tells Google Analytics of each import unless this package of its own is missing: a
# laboratory's machine calls nobody.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
