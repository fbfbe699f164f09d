"""What most tutorials end with: FastAPI, one image a request, eager PyTorch.

uvicorn benchmarks.servers.plain:app
"""

from fastapi import FastAPI
from pydantic import BaseModel

from benchmarks.servers.network import EagerNetwork

app, network = FastAPI(), EagerNetwork()


class Sent(BaseModel):
    """One image."""

    image: str


@app.post("/predict")
def predict(sent: Sent) -> dict[str, float]:
    """Probabilities by class."""
    return network.probabilities(network.decode(sent.image)[None])[0]
