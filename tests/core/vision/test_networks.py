"""Every network is built for the classes at hand, and says where its weights come from."""

import copy
from pathlib import Path

import pytest
import torch

from core.errors import InvalidConfigError
from core.vision import networks


@pytest.mark.slow
@pytest.mark.parametrize("name", networks.NETWORKS)
def test_network_gives_one_logit_a_class(name: str) -> None:
    side = 224 if name == "vit_b_16" else 64
    net, origin = networks.build(name, 5, side_px=side)

    with torch.inference_mode():
        logits = net.eval()(torch.zeros(1, 3, side, side))

    assert logits.shape == (1, 5)
    assert origin == "from scratch"


@pytest.mark.slow
@pytest.mark.parametrize("name", networks.HEAT_LAYERS)
def test_heat_maps_are_drawn_from_the_last_layer_with_places(name: str) -> None:
    net, _ = networks.build(name, 3)
    seen: list[torch.Tensor] = []
    layer = net.get_submodule(networks.heat_layer(name) or "")
    layer.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    with torch.inference_mode():
        net.eval()(torch.zeros(1, 3, 128, 128))
    assert seen[0].shape[2:] == (4, 4)


def test_a_transformer_has_no_layer_for_heat_maps() -> None:
    assert set(networks.NETWORKS) - set(networks.HEAT_LAYERS) == {"vit_b_16"}
    assert networks.heat_layer("vit_b_16") is None


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


def test_a_start_keeps_what_it_knows_and_adds_outputs(tmp_path: Path) -> None:
    old, _ = networks.build("mobilenet_v3_small", 3)
    torch.save(old.state_dict(), tmp_path / "weights.pth")
    new, _ = networks.build("mobilenet_v3_small", 5)
    networks.load_start(new, tmp_path / "weights.pth")
    image = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(new.eval()(image)[:, :3], old.eval()(image))


def test_an_output_goes_on_from_that_of_its_key(tmp_path: Path) -> None:
    known, wanted = ("neutrophil", "platelet", "blast", "no_cell"), ("blast", "ig", "neutrophil")
    old, _ = networks.build("mobilenet_v3_small", len(known))
    torch.save(old.state_dict(), tmp_path / "weights.pth")
    new, _ = networks.build("mobilenet_v3_small", len(wanted))
    untouched = networks.last_linear(new).weight[1].clone()
    networks.load_start(new, tmp_path / "weights.pth", known, wanted)
    image = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        told = new.eval()(image)[:, [0, 2]]
        torch.testing.assert_close(told, old.eval()(image)[:, [2, 0]])
    assert torch.equal(networks.last_linear(new).weight[1], untouched)


def test_a_start_of_another_architecture_is_refused(tmp_path: Path) -> None:
    torch.save(networks.build("resnet18", 3)[0].state_dict(), tmp_path / "weights.pth")
    net, _ = networks.build("mobilenet_v3_small", 3)
    with pytest.raises(InvalidConfigError, match="another architecture"):
        networks.load_start(net, tmp_path / "weights.pth")


def test_frozen_statistics_stay_as_they_are() -> None:
    net, _ = networks.build("mobilenet_v3_small", 3)
    before = [b.clone() for name, b in net.named_buffers() if "running" in name]
    networks.freeze_statistics(net.train())
    net(torch.rand(4, 3, 64, 64))
    after = [b for name, b in net.named_buffers() if "running" in name]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_eased_depthwise_convolutions_answer_and_store_as_before() -> None:
    plain, _ = networks.build("efficientnet_lite0", 3)
    eased = copy.deepcopy(plain)
    networks.ease_depthwise(eased)
    image = torch.rand(2, 3, 64, 64)
    assert torch.equal(plain.eval()(image), copy.deepcopy(eased).eval()(image))
    assert plain.state_dict().keys() == eased.state_dict().keys()


def test_eased_depthwise_convolutions_keep_32_bits_under_autocast() -> None:
    eased = torch.nn.Sequential(torch.nn.Conv2d(8, 8, 3, stride=2, groups=8))
    networks.ease_depthwise(eased)
    image = torch.rand(1, 8, 9, 9)
    expected = eased(image)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(eased(image), expected)
        assert eased(image.bfloat16()).dtype == torch.bfloat16
