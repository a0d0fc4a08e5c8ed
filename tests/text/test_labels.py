"""Values with a Chinese name."""

import pickle

from core.text.labels import Labelled


class Light(Labelled):
    """A traffic light."""

    STOP = "stop", "停"
    GO = "go", "行"


def test_a_value_is_found_and_written_without_its_label() -> None:
    assert Light("stop") is Light.STOP
    assert (Light.STOP.value, str(Light.GO), f"{Light.GO}", Light.GO == "go") == ("stop", "go", "go", True)
    assert [light.label for light in Light] == ["停", "行"]
    assert pickle.loads(pickle.dumps(Light.GO)) is Light.GO  # noqa: S301 - made here
