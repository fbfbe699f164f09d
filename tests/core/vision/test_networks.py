"""Every network is built for the classes at hand, and says where its weights come from."""

import pytest
import torch

from core.errors import InvalidConfigError
from core.vision import networks


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_network_answers_with_one_logit_a_class(name: str) -> None:
    side = 224 if name == "vit_b_16" else 64
    net, origin = networks.build(name, 5, side_px=side)

    with torch.inference_mode():
        logits = net.eval()(torch.zeros(1, 3, side, side))

    assert logits.shape == (1, 5)
    assert origin == "from scratch"


def test_packaged_weights_need_no_download() -> None:
    net, origin = networks.build("efficientnet_lite0", 8, pretrained=True)
    scratch, _ = networks.build("efficientnet_lite0", 8)

    assert origin == "ImageNet"
    first = next(net.parameters())
    assert not torch.equal(first, next(scratch.parameters()))
    assert first.abs().sum() > 0


def test_weights_out_of_reach_mean_from_scratch_and_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", refuse)
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", refuse)

    net, origin = networks.build("resnet18", 8, pretrained=True)

    assert "from scratch" in origin
    assert "no route to host" in origin
    assert net.fc.out_features == 8


def test_unknown_network_lists_those_there_are() -> None:
    with pytest.raises(InvalidConfigError, match="resnet18"):
        networks.build("alexnet3000", 8)
