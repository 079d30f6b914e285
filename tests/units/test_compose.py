"""What compose.yaml says, as far as it can be read without a container engine."""

from typing import Any

import pytest
import yaml

from tests.units.conftest import PROJECT


@pytest.fixture
def services() -> dict[str, Any]:
    services_read: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())[
        "services"
    ]
    return services_read


def test_everything_answers_on_this_machine_alone(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_images_are_pinned_and_the_token_comes_from_the_environment(
    services: dict[str, Any],
) -> None:
    assert services["milvus"]["image"].partition(":")[2].startswith("v")
    assert services["app"]["environment"]["MILVUS_TOKEN"].startswith("${MILVUS_TOKEN:?")


def test_the_image_is_built_from_existing_files(services: dict[str, Any]) -> None:
    lines = services["app"]["build"]["dockerfile_inline"].splitlines()
    copied = next(line for line in lines if line.startswith("COPY requirements"))
    for name in copied.split()[1:-1]:
        assert (PROJECT / name).is_file(), name
